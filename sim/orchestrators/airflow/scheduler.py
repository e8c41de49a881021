"""The scheduler: its loop, step by step. Each one that is alive runs its own, in order of start.

When loops happen is `clockwork`'s business; one takes no time. Source: Airflow 2.11.2 and 3.3.2,
jobs/scheduler_job_runner.py `_run_scheduler_loop`, `_do_scheduling`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow import together

if TYPE_CHECKING:
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.creation import Creation
    from sim.orchestrators.airflow.critical_section import CriticalSection
    from sim.orchestrators.airflow.database import QueryTime
    from sim.orchestrators.airflow.deadlines import Deadlines
    from sim.orchestrators.airflow.examination import Examination
    from sim.orchestrators.airflow.lifecycle import Lifecycle
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import Run, TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob
    from sim.orchestrators.airflow.slas import Slas
    from sim.orchestrators.airflow.window import Window


class Scheduler:
    """The code that every scheduler of a deployment runs."""

    def __init__(
        self,
        metadata: Metadata,
        clockwork: Clockwork,
        *,
        creation: Creation,
        lifecycle: Lifecycle,
        window: Window,
        examination: Examination,
        critical_section: CriticalSection,
    ) -> None:
        self._metadata = metadata
        self._kernel = metadata.kernel
        self._clockwork = clockwork
        self._creation = creation
        self._lifecycle = lifecycle
        self._window = window
        self._examination = examination
        self._critical_section = critical_section
        self.jobs: list[SchedulerJob] = []
        """The schedulers that are alive, in order of start."""
        self.deadlines: Deadlines | None = None
        """Set when some DAG has a deadline."""
        self.slas: Slas | None = None
        """Set when some task has an SLA."""
        self.query_time: QueryTime | None = None
        """What loops spend on queries, when these take any time."""
        self.loops = 0
        """Loops stepped so far."""

    def tick(self) -> None:
        """One iteration of each scheduler, now."""
        now = self._kernel.now
        skipped = self._clockwork.arrive(now)
        if skipped:
            self._window.turn(skipped * len(self.jobs))
        for job in self.jobs:
            self._loop(job, now)
            job.step(now)

    def settle(self) -> None:
        """Before the number of schedulers changes: the quiet loops so far are done."""
        quiet = self._clockwork.settle()
        if quiet:
            self._window.turn(quiet * len(self.jobs))

    def _loop(self, job: SchedulerJob, now: int) -> None:
        metadata = self._metadata
        self.loops += 1
        self._creation.create_due(now)
        if metadata.queued_runs:
            self._lifecycle.start_queued(now)
        before = len(self._kernel.journal) if self.query_time is not None else 0
        runs = self._window.take(now)
        executor = job.executor
        free, rooms = executor.free(now), executor.rooms
        chosen = self._examine(runs, 0 if rooms else free, now) if metadata.dirty else []
        if metadata.scheduled:
            chosen = self._critical_section.queue(free, now, None if rooms is None else rooms(now))
        elif not chosen:
            metadata.candidates.clear()
        if chosen:
            executor.hand_over(chosen, job)
        freed = executor.sync(now)
        if self.deadlines is not None:
            self.deadlines.fire(now)
        if self.slas is not None:
            self.slas.check(runs, now)
        if metadata.dirty or (metadata.scheduled and (chosen or freed)):
            self._clockwork.again()
        if self.query_time is not None:
            self.query_time.after_loop(len(runs), len(metadata.kernel.journal) - before)

    def _examine(self, runs: list[Run], free: int, now: int) -> list[TaskInstance]:
        """Examine what has changed; what could be queued at once, if that is all that there is."""
        metadata = self._metadata
        alone = metadata.dirty == 1 and not metadata.scheduled and free > 0
        for run in runs:
            if run.dirty:
                ready = self._examination.examine(run, now)
                if not ready:
                    continue
                if alone and self._critical_section.pass_through(run, ready, free, now):
                    return ready
                together.schedule(metadata, run, ready, now)
        return []
