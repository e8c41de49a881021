"""Task instances whose worker has gone silent: found by a timer, failed by ordinary retry rules.

Source: Airflow 2.11.2 jobs/scheduler_job_runner.py `_find_and_purge_zombies`; 3.3.2
`_find_and_purge_task_instances_without_heartbeats`. A scheduler looks only at what it queued
itself. Invariant: the comparison is strict, and made only at instants at which the timer fires.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.rows import RESTARTING, RUNNING
from sim.orchestrators.airflow.scheduler_job import Timer

if TYPE_CHECKING:
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.process import Process
    from sim.orchestrators.airflow.processes import Processes
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob
    from sim.orchestrators.airflow.worker import Workers


class HeartbeatTimeout:
    """The check for task instances without heartbeats."""

    def __init__(
        self,
        metadata: Metadata,
        processes: Processes,
        workers: Workers,
        *,
        timeout: int,
        interval: int,
        callback_delay: int,
    ) -> None:
        self._metadata = metadata
        self._processes = processes
        self._workers = workers
        self._timeout = timeout
        self._callback_delay = callback_delay
        self._timer = Timer(20, interval, self._fire)
        version = metadata.version
        states = {RUNNING, RESTARTING} if version.executor_fails_running else {RUNNING}
        self._states = frozenset(states)
        processes.silent = self.watch
        processes.fail = self._fail

    def watch(self, process: Process) -> None:
        """The worker of a running task instance went silent, or another scheduler has it now."""
        job = process.ti.job
        if job is not None:
            last = self._processes.last_heartbeat(process)
            job.arm(self._timer, last + self._timeout + 1)

    def adopted(self, ti: TaskInstance, job: SchedulerJob) -> None:
        """Another scheduler's executor has taken over a task instance."""
        process = self._processes.known.get((ti.entity, ti.token))
        if process is not None:
            process.slot = process.home = job.executor.of(ti)
            if process.cut is not None:
                self.watch(process)

    def _fire(self, job: SchedulerJob, now: int) -> None:
        for process in list(self._processes.known.values()):
            ti = process.ti
            mine = ti.token == process.token and ti.job is job and ti.state in self._states
            if process.cut is None or not mine:
                continue
            if self._processes.last_heartbeat(process) < now - self._timeout:
                self._give_up(process, job)
            elif process.back is None or now < process.back:
                self.watch(process)

    def _give_up(self, process: Process, job: SchedulerJob) -> None:
        ti, token = process.ti, process.token
        self._processes.note(process, "silent")
        if process.slot is not None:
            process.slot.forget()
            process.slot = None
        if process.handle is None:
            self._processes.drop(process)
        reason = "heartbeat_timeout"
        if not self._metadata.version.silence_fails_by_callback:
            job.executor.of(ti).at_next_sync(lambda: self._fail(ti, token, reason))
        elif self._callback_delay:
            self._metadata.kernel.after(self._callback_delay, self._fail, ti, token, reason)
        else:
            self._fail(ti, token, reason)

    def _fail(self, ti: TaskInstance, token: int, reason: str) -> None:
        """`handle_failure`, unless something else has happened to it since."""
        if ti.token != token or ti.state not in self._states:
            return
        self._workers.fail_from_outside(ti, reason)
        self._metadata.again()
