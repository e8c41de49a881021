"""Schedulers that start, die and take over from each other.

What a dead scheduler had handed over is an orphan until another one, at its own start or at its own
check, finds the dead one's heartbeat too old; then an executor adopts it, or it is set back to no
state. Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py
`adopt_or_reset_orphaned_tasks`. Invariant: what waits for that holds its pool slots all the while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact
from sim.orchestrators.airflow.rows import (
    NONE,
    QUEUED,
    RESTARTING,
    RUN_RUNNING,
    RUNNING,
    instances,
)
from sim.orchestrators.airflow.scheduler_job import SchedulerJob, Timer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.executors.several import ExecutorLoader
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.processes import Processes
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler import Scheduler

_HELD = frozenset({QUEUED, RUNNING, RESTARTING})


class Failover:
    """Every scheduler of a deployment, alive or dead."""

    def __init__(
        self,
        metadata: Metadata,
        clockwork: Clockwork,
        scheduler: Scheduler,
        processes: Processes,
        *,
        loader: ExecutorLoader,
        heartbeat: int,
        threshold: int,
        interval: int,
    ) -> None:
        self._metadata = metadata
        self._kernel = metadata.kernel
        self._clockwork = clockwork
        self._scheduler = scheduler
        self._processes = processes
        self._loader = loader
        self._heartbeat = heartbeat
        self._threshold = threshold
        self._timer = Timer(10, interval, self._fire)
        self.jobs: list[SchedulerJob] = []
        """In order of start."""
        self._orphans: list[tuple[TaskInstance, bool]] = []
        """What dead schedulers had queued, and whether an executor could find it again."""
        self.on_start: list[Callable[[SchedulerJob], None]] = []
        """Called with each scheduler that starts."""
        self.on_adopt: list[Callable[[TaskInstance, SchedulerJob], None]] = []
        """Called with each task instance that another scheduler's executor takes over."""

    def start(self, *, adopts: bool | None = None, reason: str | None = None) -> SchedulerJob:
        """A scheduler starts now: it looks for orphans at once and loops from the next loop on.

        Without a reason it is one that was there when the clock started, which is no fact.
        """
        kernel, scheduler = self._kernel, self._scheduler
        number = len(self.jobs)
        scheduler.settle()
        job = SchedulerJob(
            number,
            clockwork=self._clockwork,
            executor=self._loader.load(self._clockwork),
            adopts=adopts,
            started=kernel.now,
            heartbeat=self._heartbeat,
        )
        self.jobs.append(job)
        scheduler.jobs.append(job)
        if reason is not None:
            self._note(job, 1, reason)
        if self._clockwork.stopped:
            self._clockwork.resume()
        self._fire(job, kernel.now)
        for call in self.on_start:
            call(job)
        return job

    def crash(self, number: int, *, workers_survive: bool, reason: str, cause: int = -1) -> None:
        """A scheduler dies without a word; nothing if there is none of that number alive."""
        if number >= len(self.jobs) or self.jobs[number].died is not None:
            return
        job = self.jobs[number]
        self._scheduler.settle()
        self._scheduler.jobs.remove(job)
        job.died = self._kernel.now
        self._note(job, 0, reason, cause)
        held = [
            ti
            for dag in self._metadata.dags.values()
            for run in dag.runs
            for ti in instances(run)
            if ti.job is job and ti.state in _HELD
        ]
        self._orphans += [(ti, job.executor.of(ti).holds(ti, ti.token)) for ti in held]
        if not workers_survive:
            self._processes.die_with(job, held, reason)
        job.executor.clear()
        if not self._scheduler.jobs:
            self._clockwork.stop()
        self._plan()

    def _note(self, job: SchedulerJob, value: int, reason: str, cause: int = -1) -> None:
        name = f"scheduler-{job.number}"
        entity = self._kernel.journal.entity(Entity.SCHEDULER, name, number=job.number)
        self._kernel.fact(Fact.SCHEDULER, entity, value, cause, reason=reason)

    def _plan(self) -> None:
        if self._orphans:
            for job in self._scheduler.jobs:
                job.arm(self._timer, self._kernel.now)

    def _fire(self, job: SchedulerJob, now: int) -> None:
        """Adopt or reset what schedulers queued that count as dead."""
        orphans, self._orphans = self._orphans, []
        for ti, found in orphans:
            owner = ti.job
            if owner is None or owner.died is None or ti.state not in _HELD:
                continue
            if ti.run.state != RUN_RUNNING or owner.last_heartbeat >= now - self._threshold:
                self._orphans.append((ti, found))
            elif found and self._adopts(job, ti):
                self._adopt(ti, job)
            else:
                self._reset(ti)
        self._plan()

    @staticmethod
    def _adopts(job: SchedulerJob, ti: TaskInstance) -> bool:
        return job.executor.of(ti).traits.adopts if job.adopts is None else job.adopts

    def _adopt(self, ti: TaskInstance, job: SchedulerJob) -> None:
        ti.job = job
        job.executor.of(ti).adopt(ti)
        for call in self.on_adopt:
            call(ti, job)

    def _reset(self, ti: TaskInstance) -> None:
        metadata = self._metadata
        metadata.archive(ti)
        metadata.set_state(ti, NONE, ti.row, {"reason": "orphaned"})
