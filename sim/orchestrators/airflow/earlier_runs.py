"""Runs from before the clock started: rows of the metadata database that nobody has touched yet.

There are thousands of them and hardly one is ever looked at, so a row is made when an operator asks
for it. Invariant: such a run is one of the schedule, due before the clock started, and succeeded at
the first try of every task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import start_of_day, to_civil
from sim.orchestrators.airflow.rows import RUN_SUCCESS, SUCCESS, instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sim.orchestrators.airflow.creation import Creation
    from sim.orchestrators.airflow.intervals import RunInfo
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow, Run


class EarlierRuns:
    """What the metadata database knows of the time before."""

    def __init__(self, metadata: Metadata, creation: Creation, *, since: Mapping[str, str]) -> None:
        self._metadata = metadata
        self._creation = creation
        self._since = since
        """By DAG: the first data date whose result was published before the clock started."""

    def of_day(self, dag: DagRow, day: date) -> Run | None:
        """The run of the schedule for a data date, if it was due before the clock started."""
        info = self._creation.scheduled_run_of(dag, start_of_day(day))
        if info is None or info.run_after >= self._metadata.kernel.start:
            return None
        return self._remember(dag, info)

    def remember(self, dag: DagRow, infos: Iterable[RunInfo]) -> None:
        """Make rows of those of some runs that took place: their date was published."""
        since = self._since.get(dag.plan.dag_id)
        if since is None:
            return
        for info in infos:
            past = info.run_after < self._metadata.kernel.start
            day = to_civil(info.logical_date).date().isoformat()
            if past and day >= since and info.logical_date not in dag.runs_by_date:
                self._remember(dag, info)

    def _remember(self, dag: DagRow, info: RunInfo) -> Run:
        run = self._metadata.new_run(
            dag,
            "scheduled",
            info.logical_date,
            run_after=info.run_after,
            interval=info.interval,
        )
        run.state = RUN_SUCCESS
        run.unfinished = 0
        run.touched = []
        for ti in instances(run):
            ti.state = SUCCESS
            ti.try_number = 1
            ti.counts = ti.total
            ti.touched = False
        return run
