"""What both kinds of backfill begin with: which runs, and whether they may be asked for.

Source: Airflow 2.11.2, cli/commands/dag_command.py `dag_backfill`, models/dag.py
`iter_dagrun_infos_between`; 3.3.2, models/backfill.py `_create_backfill`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import format_instant
from sim.orchestrators.airflow.rows import RUN_FAILED, RUN_SUCCESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sim.model.interventions import Backfill
    from sim.orchestrators.airflow.intervals import DataInterval, RunInfo
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.orchestrators.airflow.rows import DagRow, Run
    from sim.orchestrators.airflow.versions import Version

_RUNS_MAX = 10_000
"""Bound on the runs of one backfill."""
REPROCESSED = {
    "none": frozenset[int](),
    "failed": frozenset({RUN_FAILED}),
    "completed": frozenset({RUN_FAILED, RUN_SUCCESS}),
}
"""By reprocess_behavior: the states of runs that a backfill of 3.x runs again."""


def refuses_backfill(dag: DagRow, action: Backfill, version: Version) -> str | None:
    """Why this version says no to a backfill, or None."""
    looks_back = any(task.depends_on_past for task in dag.plan.tasks)
    if looks_back and action.reverse:
        return "depends_on_past_reverse"
    if not version.backfill_in_scheduler:
        return None
    if dag.backfill is not None and dag.backfill.left:
        return "backfill_active"
    if looks_back and action.reprocess == "none":
        return "depends_on_past_reprocess"
    return None


def runs_between(plan: DagPlan, first: int, last: int, *, now: int) -> list[RunInfo]:
    """Every run of the schedule with a logical date from `first` to `last`, in order."""
    infos: list[RunInfo] = []
    interval: DataInterval | None = None
    for _ in range(_RUNS_MAX):
        info = plan.timetable.next_run(interval, now=now, earliest=first, latest=last, catchup=True)
        if info is None or info.logical_date > last:
            break
        infos.append(info)
        interval = info.interval
    return infos


def left_alone(
    dag: DagRow, infos: Iterable[RunInfo], again: Callable[[Run], bool]
) -> dict[str, dict[str, str]]:
    """By logical date: why a backfill of 3.x creates no run, in the words of its own table.

    [models/backfill.py `BackfillDagRunExceptionReason`]
    """
    left = {}
    for info in infos:
        run = dag.runs_by_date.get(info.logical_date)
        if run is not None and not again(run):
            over = run.state in REPROCESSED["completed"]
            left[format_instant(info.logical_date)] = "already exists" if over else "in flight"
    return {"left_alone": left} if left else {}
