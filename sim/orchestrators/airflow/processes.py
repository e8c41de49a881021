"""Processes to which something happened: given up, cut off, dead, or left behind by their row.

A try that starts, works and ends never comes here. This is where a worker learns, at one of its own
heartbeats, that its task instance is not its own any more; where its result is refused; and where
faults strike. Heartbeats are computed, not stepped: start + k x interval. Source: Airflow 2.11.2
jobs/local_task_job_runner.py; 3.3.2 api_fastapi/execution_api/routes/task_instances.py, task SDK
execution_time/supervisor.py. Invariant: a process frees the slot of its executor once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sim.model.facts import Fact
from sim.orchestrators.airflow.process import Process
from sim.orchestrators.airflow.rows import QUEUED, RESTARTING, RUNNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.model.work import Attempt
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.executor import Executor
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob
    from sim.platform.contract import Fate, Fates

End = Literal["refused", "killed", "died", "lost", "stuck", "silent"]


class Processes:
    """Every process of a deployment to which something happened."""

    def __init__(
        self,
        metadata: Metadata,
        clockwork: Clockwork,
        *,
        heartbeat: int,
        threshold: int,
        most_failed: int,
        fates: Fates | None,
    ) -> None:
        self._metadata = metadata
        self._kernel = metadata.kernel
        self._clockwork = clockwork
        self._every = heartbeat
        self._threshold = threshold
        self._most_failed = most_failed
        self.fates = fates
        self.known: dict[tuple[int, int], Process] = {}
        """By task instance and token, in the order in which something happened."""
        self.silent: Callable[[Process], None] = lambda _: None
        """Called when heartbeats stop arriving."""
        self.restart: Callable[[TaskInstance, Executor | None], None] = lambda *_: None
        """Called when the process of a cleared running task instance is gone."""
        self.fail: Callable[[TaskInstance, int, str], None] = lambda *_: None
        """Called when an executor reports a death: task instance, token, reason."""
        self.fail_queued: Callable[[TaskInstance, str], None] = lambda *_: None
        """Called when a task instance fails that is still queued: task instance, reason."""

    def know(self, ti: TaskInstance) -> Process:
        """What is known of the process that a task instance has now."""
        key = (ti.entity, ti.token)
        process = self.known.get(key)
        if process is None:
            process = self.known[key] = Process(ti, self._generation(ti))
        elif ti.process is not None:
            process.handle = ti.process  # a sensor's process has one handle after the other
        return process

    def _generation(self, ti: TaskInstance) -> int:
        return self._metadata.generations.get(ti.entity, 0)

    # -- left behind ------------------------------------------------------------------------

    def left_behind(self, ti: TaskInstance) -> None:
        """The state is being changed from outside: a heartbeat will tell the process."""
        process = self.know(ti)
        ti.process = None
        if process.checks is None:
            process.checks = 0
            now = self._kernel.now
            # a loop comes after the heartbeats of its instant, anything else before them
            self._plan_check(process, now + 1 if self._clockwork.looping else now)

    def _plan_check(self, process: Process, earliest: int) -> None:
        every, started = self._every, process.started
        if not every or started is None:
            return
        beat = started - (started - earliest) // every * every
        if process.cut is not None and beat > process.cut:
            if process.back is None:
                return
            back = max(beat, process.back)
            beat = started - (started - back) // every * every
        self._kernel.at(beat, self._check, process)

    def _check(self, process: Process) -> None:
        """A heartbeat finds the task instance changed."""
        ti = process.ti
        if process.checks is None or process.handle is None or self._is_cut(process):
            return
        process.checks += 1
        another_runs = ti.state == RUNNING
        if process.checks < self._metadata.version.heartbeats_to_kill and not another_runs:
            self._plan_check(process, self._kernel.now + 1)
            return
        process.handle.kill("state_changed")
        self._gone(process, "killed", 409 if process.generation == self._generation(ti) else 410)
        if another_runs and self._metadata.version.killed_writes_failure:
            self.fail(ti, ti.token, "killed")

    def _is_cut(self, process: Process) -> bool:
        now, cut, back = self._kernel.now, process.cut, process.back
        return cut is not None and now > cut and (back is None or now < back)

    def refuse(self, ti: TaskInstance, token: int) -> None:
        """A process whose task instance is not its own any more ended: its result is void."""
        process = self.known.get((ti.entity, token))
        if process is not None and process.handle is not None:
            self._gone(
                process, "refused", 409 if process.generation == self._generation(ti) else 404
            )

    def _gone(self, process: Process, end: End, http: int) -> None:
        ti, slot = process.ti, process.slot
        answers = self._metadata.version.answers_by_http
        self.note(process, end, http=http if answers else None)
        self.drop(process)
        if ti.token == process.token and ti.state == RESTARTING:
            self.restart(ti, slot)

    # -- ends -------------------------------------------------------------------------------

    def ended(self, ti: TaskInstance) -> None:
        """A process ended and its result was taken: its slot is free for the loop after next."""
        process = self.known.pop((ti.entity, ti.token), None)
        if process is not None:
            self.free(process)
        elif ti.job is not None:
            ti.job.executor.ended(ti, ti.token)

    def drop(self, process: Process) -> None:
        """Nothing is left of a process that could matter."""
        self.known.pop((process.ti.entity, process.token), None)
        self.free(process)
        process.handle = None

    def free(self, process: Process) -> None:
        """The executor hears that the process has ended."""
        slot, home = process.slot, process.home
        process.slot = process.home = None
        if slot is not None:
            slot.ended(process.ti, process.token)
            if self._metadata.scheduled:
                self._metadata.wake()
        elif home is not None:
            home.vacated(process.ti, process.token)

    def note(
        self, process: Process, end: End, *, http: int | None = None, reason: str = ""
    ) -> None:
        """Write down how a process ended that wrote no state."""
        if process.started is None:
            return
        detail: dict[str, object] = {"end": end}
        if http is not None:
            detail["http"] = http
        if reason:
            detail["reason"] = reason
        ti = process.ti
        self._metadata.add(
            self._kernel.now, int(Fact.PROCESS), ti.entity, process.try_number, ti.row, detail
        )

    # -- heartbeats -------------------------------------------------------------------------

    def last_heartbeat(self, process: Process) -> int:
        """The latest heartbeat that has arrived by now; the start of a process counts as one."""
        now, every, started = self._kernel.now, self._every, process.started or 0
        if not every:
            return started
        beat = started + (now - started) // every * every
        cut, back = process.cut, process.back
        if cut is None or beat <= cut or (back is not None and beat >= back):
            return beat
        return started + max(cut - started, 0) // every * every

    # -- faults -----------------------------------------------------------------------------

    def meet(self, ti: TaskInstance, attempt: Attempt, fates: Fates) -> None:
        """A try starts: plan what a fault has in store for its worker."""
        fate = fates.of(attempt)
        if fate is not None:
            self._kernel.after(fate.after, self._strike, ti, ti.token, fate)

    def _strike(self, ti: TaskInstance, token: int, fate: Fate) -> None:
        process = self.known.get((ti.entity, token))
        if process is None:
            if ti.token != token or ti.state != RUNNING or ti.process is None:
                return
            process = self.know(ti)
        elif process.handle is None:
            return
        self._kernel.fact(Fact.FAULT, ti.entity, 0, ti.row, fault=fate.kind)
        process.cut = self._kernel.now
        if fate.kind == "network_split":
            process.back = None if fate.until is None else (process.started or 0) + fate.until
            self._plan_giving_up(process)
        else:
            self._die(process, fate)
        if process.owns or _is_restarting(process):
            self.silent(process)
        elif process.handle is None:
            self.known.pop((ti.entity, token), None)

    def _die(self, process: Process, fate: Fate) -> None:
        ti, slot = process.ti, process.slot
        self.end(process, fate.kind)
        if fate.kind == "worker_lost":
            self.note(process, "lost")
            home = process.home
            if home is not None and not home.elsewhere:
                # a child of the scheduler cannot keep it waiting
                process.home = None
                home.vacated(ti, process.token)
            return
        self.note(process, "died", reason="crashed")
        self.free(process)
        if not self._metadata.version.executor_fails_running or slot is None:
            return
        if process.owns:
            token = process.token
            slot.at_next_sync(lambda: self.fail(ti, token, "executor_failed"))
        elif _is_restarting(process):
            # cleared meanwhile: the exit event is what its new try waits for
            self.drop(process)
            self.restart(ti, slot)

    def end(self, process: Process, reason: str) -> None:
        """End what the process does, now; what it wrote stays."""
        ti = process.ti
        handle = process.handle
        if process.owns:
            handle, ti.process = ti.process, None
        process.handle = None
        if handle is not None:
            handle.kill(reason)

    def _plan_giving_up(self, process: Process, *, failures: int = 0) -> None:
        """A worker without an answer for too long ends its process.

        2.x: for longer than the threshold. 3.x: after so many failed heartbeats, 0 for those that
        vanish without an error.
        """
        every, started = self._every, process.started
        if self._metadata.version.worker_gives_up:
            failures = self._threshold // every + 1 if every else 0
        if not failures or not every or started is None:
            return
        at = self.last_heartbeat(process) + failures * every
        if process.back is None or at < process.back:
            self._kernel.at(at, self._give_up, process)

    def _give_up(self, process: Process) -> None:
        if self.known.get((process.ti.entity, process.token)) is not process:
            return
        if not process.alive:
            return
        self.end(process, "no_heartbeat")
        self.note(process, "killed", reason="no_heartbeat")
        self.free(process)
        if process.owns:
            # nothing beats any more when the network is back
            process.back = None
            self.silent(process)
        else:
            self.drop(process)

    def die_with(self, job: SchedulerJob, running: list[TaskInstance], reason: str) -> None:
        """The workers on a scheduler's host die; `running` are the rows that it had."""
        for ti in running:
            if ti.process is not None:
                self.know(ti)
        for process in list(self.known.values()):
            if process.slot is None or process.slot not in job.executor.each:
                continue
            goes_on = process.slot.survives(process.ti, process.token)
            process.slot = None
            if goes_on:
                continue
            process.home = None
            own = process.ti.token == process.token
            if own and process.ti.state == QUEUED and process.ti.process is not None:
                process.ti.process.kill(reason)
                process.ti.process = None
            elif process.handle is not None:
                self.end(process, reason)
                self.note(process, "died", reason=reason)
            if process.owns:
                self._fall_silent(process)
            else:
                self.known.pop((process.ti.entity, process.token), None)

    def lose(self, ti: TaskInstance, token: int, reason: str) -> None:
        """The host of a process went off: no state is written, and its executor hears nothing."""
        process = self.known.get((ti.entity, token))
        if process is None:
            if ti.token != token or ti.process is None:
                return
            process = self.know(ti)
        process.home = None
        if process.handle is not None:
            self.end(process, reason)
            self.note(process, "died", reason=reason)
        if process.owns:
            self._fall_silent(process)
            self.silent(process)
        else:
            self.drop(process)

    def end_unheard(self, ti: TaskInstance, token: int, reason: str) -> None:
        """A process ended and could write no state: its task instance stays as it was."""
        process = self.known.get((ti.entity, token)) or self.know(ti)
        process.handle = None
        if process.owns:
            ti.process = None
        self.note(process, "died", reason=reason)
        self.free(process)
        if process.owns:
            self._fall_silent(process)
            self.silent(process)
        else:
            self.drop(process)

    def cut_off(self, ti: TaskInstance, until: int) -> None:
        """No heartbeat of its process is answered before `until`."""
        process = self.know(ti)
        if process.cut is None or (process.back is not None and process.back <= self._kernel.now):
            process.cut, process.back = self._kernel.now, until
        elif process.back is not None:
            process.back = max(process.back, until)
        self._plan_giving_up(process, failures=self._most_failed)
        if process.owns:
            self.silent(process)

    def _fall_silent(self, process: Process) -> None:
        """No heartbeat arrives after now."""
        now = self._kernel.now
        if process.cut is None or (process.back is not None and process.back <= now):
            process.cut = now
        process.back = None

    def give_up(self, ti: TaskInstance, token: int, executor: Executor, reason: str) -> None:
        """The executor says that a hand-over is over which never started on a worker.

        An ordinary failure of its try, and the slot is free at once
        [jobs/scheduler_job_runner.py `process_executor_events`, `BaseExecutor.fail`].
        """
        process = self.known.get((ti.entity, token))
        if process is not None:
            self.drop(process)
            return
        executor.forget()
        self.fail_unstarted(ti, token, reason)

    def fail_unstarted(self, ti: TaskInstance, token: int, reason: str) -> None:
        """A hand-over failed, unless something else has happened to its task instance since."""
        if ti.token == token and ti.state == QUEUED:
            ti.process = None
            self.fail_queued(ti, reason)


def _is_restarting(process: Process) -> bool:
    """Whether the process's own task instance was cleared while it ran."""
    return process.ti.token == process.token and process.ti.state == RESTARTING
