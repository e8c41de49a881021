"""Task instances that stay queued: taken back, queued again, and in the end failed.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py `_handle_tasks_stuck_in_queued`,
`_maybe_requeue_stuck_ti`; `[scheduler] num_stuck_in_queued_retries` is not in the documented
options. Only an executor that implements `revoke_task` gives anything back. Invariant: the pool
slot is held all the time, the executor's from the hand-over until it is revoked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.orchestrators.airflow.macros import attempt_of
from sim.orchestrators.airflow.rows import FAILED, QUEUED
from sim.orchestrators.airflow.scheduler_job import Timer

if TYPE_CHECKING:
    from sim.model.work import Announcer
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob
    from sim.platform.contract import Fates

_REASON = "stuck_in_queued"


class StuckInQueued:
    """The check for task instances that have been queued for too long."""

    def __init__(
        self,
        metadata: Metadata,
        announcer: Announcer,
        *,
        timeout: int,
        interval: int,
        retries: int,
        start_delay: int,
        waits: bool,
        fates: Fates | None,
    ) -> None:
        self._metadata = metadata
        self._announcer = announcer
        self._timeout = timeout
        self._retries = retries
        self._slow = start_delay > timeout
        self._fates = fates
        self._watches = self._slow or waits
        """Whether a hand-over that arrives may still be queued for too long."""
        self.possible = self._watches or fates is not None
        """Whether anything can be queued for so long."""
        self._timer = Timer(40, interval, self._fire)
        self._waiting: list[tuple[TaskInstance, int, int]] = []
        """Task instance, token and the instant of its hand-over."""
        self._requeued: dict[tuple[int, int], int] = {}
        """By task instance and try: how often it was queued again."""

    def queued(self, ti: TaskInstance, job: SchedulerJob) -> bool:
        """A task instance is handed over; whether that vanishes on the way to a worker."""
        attempt = attempt_of(ti)
        vanishes = self._fates is not None and self._fates.vanishes(attempt)
        if vanishes:
            self._metadata.kernel.fact(
                Fact.PROCESS, ti.entity, ti.try_number, ti.row, end="stuck", reason="dispatch_lost"
            )
        if (vanishes or self._watches) and job.executor.of(ti).traits.revokes:
            self._waiting.append((ti, ti.token, self._metadata.kernel.now))
            job.arm(self._timer, self._metadata.kernel.now + self._timeout + 1)
        return vanishes

    def adopted(self, ti: TaskInstance, job: SchedulerJob) -> None:
        """Another scheduler's executor has taken over a task instance."""
        for other, token, since in self._waiting:
            if other is ti and token == ti.token and ti.state == QUEUED:
                job.arm(self._timer, since + self._timeout + 1)

    def _fire(self, job: SchedulerJob, now: int) -> None:
        waiting, self._waiting = self._waiting, []
        for ti, token, since in waiting:
            if ti.token != token or ti.state != QUEUED:
                continue
            if ti.job is job and since < now - self._timeout:
                self._revoke(ti, job, now)
            else:
                self._waiting.append((ti, token, since))

    def _revoke(self, ti: TaskInstance, job: SchedulerJob, now: int) -> None:
        metadata = self._metadata
        job.executor.of(ti).forget()
        if ti.process is not None:
            ti.process.kill(_REASON)
            ti.process = None
        key = (ti.entity, ti.try_number)
        count = self._requeued.get(key, 0)
        if count < self._retries:
            self._requeued[key] = count + 1
            metadata.release(ti)
            metadata.schedule(ti, now)
            return
        metadata.set_state(ti, FAILED, ti.row, {"reason": _REASON})
        for alert in ti.task.callbacks.failure:
            self._announcer.send(alert, attempt_of(ti), cause=ti.row)
