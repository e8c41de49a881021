"""A try as its worker sees it, with the names that a template may use in it.

Source: Airflow 2.11.2 and 3.3.2, `Context` in models/taskinstance.py and sdk execution time.
`fecha` is this program's own: the data date that a task processes unless its config says
otherwise, `ds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import to_civil
from sim.model.work import Attempt

if TYPE_CHECKING:
    from sim.orchestrators.airflow.rows import Run, TaskInstance


def attempt_of(ti: TaskInstance) -> Attempt:
    """The latest try of a task instance; what started it is the latest change of its state."""
    task = ti.task
    return Attempt(
        ti.entity,
        task.dag_id,
        task.task_id,
        ti.run.run_id,
        ti.try_number,
        task_macros,
        ti,
        ti.row,
        ti.map_index,
    )


def run_macros(run: Run) -> dict[str, Any]:
    """What a run gives to templates. Instants are aware datetimes in UTC."""
    names: dict[str, Any] = {
        "run_id": run.run_id,
        "dag_id": run.dag.plan.dag_id,
        "fecha": data_date(run),
        "params": dict(run.conf or {}),
        "run_after": to_civil(run.run_after),
    }
    if run.start is not None and run.end is not None:
        names["data_interval_start"] = to_civil(run.start)
        names["data_interval_end"] = to_civil(run.end)
    if run.logical_date is not None:
        moment = to_civil(run.logical_date)
        names["logical_date"] = moment
        names["ds"] = moment.date().isoformat()
        names["ds_nodash"] = moment.strftime("%Y%m%d")
        names["ts"] = moment.isoformat()
        names["ts_nodash"] = moment.strftime("%Y%m%dT%H%M%S")
    return names


def task_macros(ti: TaskInstance) -> dict[str, Any]:
    """What a task instance gives to templates."""
    return {
        **run_macros(ti.run),
        "task_id": ti.task.task_id,
        "try_number": ti.try_number,
        "map_index": ti.map_index,
    }


def data_date(run: Run) -> str:
    """The ISO date that a run is about: of its logical date, else of the moment it is due (UTC)."""
    moment = run.run_after if run.logical_date is None else run.logical_date
    return to_civil(moment).date().isoformat()
