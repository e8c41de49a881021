"""Runs of paused DAGs: nothing of them is scheduled, but once a minute their end is noticed.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py
`_update_dag_run_state_for_paused_dags`, a timer of 60 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import MINUTE
from sim.orchestrators.airflow.scheduler_job import Timer

if TYPE_CHECKING:
    from sim.orchestrators.airflow.examination import Examination
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.scheduler import Scheduler
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob


class PausedRuns:
    """The timer, set only while there is something that it could notice."""

    def __init__(self, metadata: Metadata, scheduler: Scheduler, examination: Examination) -> None:
        self._metadata = metadata
        self._scheduler = scheduler
        self._examination = examination
        self._timer = Timer(30, MINUTE, self._fire)
        self._planned = False

    def plan(self) -> None:
        """A run of a paused DAG changed: the next firing of the timer will see it."""
        if not self._planned:
            self._planned = True
            for job in self._scheduler.jobs:
                job.arm(self._timer, self._metadata.kernel.now)

    def started(self, job: SchedulerJob) -> None:
        """One more scheduler is there, whose timer may be the first to fire."""
        if self._planned:
            job.arm(self._timer, self._metadata.kernel.now)

    def _fire(self, _: SchedulerJob, now: int) -> None:
        self._planned = False
        for dag in self._metadata.dags.values():
            if dag.paused and not dag.stale:
                for run in list(dag.live):
                    if run.touched or not run.unfinished:
                        for ti in self._examination.examine(run, now, paused=True):
                            # it is ready, and is looked at again once the DAG is not paused
                            if not ti.touched:
                                ti.touched = True
                                run.touched.append(ti)
