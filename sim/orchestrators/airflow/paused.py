"""Runs of paused DAGs: nothing of them is scheduled, but once a minute their end is noticed.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py
`_update_dag_run_state_for_paused_dags`, a timer of 60 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import MINUTE
from sim.kernel.loop import DECIDE_LAST

if TYPE_CHECKING:
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.examination import Examination
    from sim.orchestrators.airflow.metadata import Metadata


class PausedRuns:
    """The timer, set only while there is something that it could notice."""

    def __init__(self, metadata: Metadata, clockwork: Clockwork, examination: Examination) -> None:
        self._metadata = metadata
        self._clockwork = clockwork
        self._examination = examination
        self._planned = False

    def plan(self) -> None:
        """A run of a paused DAG changed: the next firing of the timer will see it."""
        if not self._planned:
            self._planned = True
            kernel = self._metadata.kernel
            at = self._clockwork.next_firing(MINUTE)
            # timers are the last step of a loop
            kernel.at(at, self._fire, priority=DECIDE_LAST + 1)

    def _fire(self) -> None:
        self._planned = False
        if self._clockwork.stopped:
            return
        now = self._metadata.kernel.now
        for dag in self._metadata.dags.values():
            if dag.paused and not dag.stale:
                for run in list(dag.live):
                    if run.touched or not run.unfinished:
                        self._examination.examine(run, now, schedule=False)
