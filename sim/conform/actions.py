"""What a recorded workload has done to the deployment from outside, at its instants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import SECOND
from sim.model.interventions import Pause, SetPool
from sim.orchestrators.airflow.operations import select

if TYPE_CHECKING:
    from sim.orchestrators.airflow.deployment import Airflow

_ERRORS = {"deadline_not_moved": "unsupported type for timedelta seconds component: dict"}
"""In the real system's words."""


def act(airflow: Airflow, action: dict[str, Any], epoch: int, errors: list[dict[str, Any]]) -> None:
    """An outside action of the workload; what Airflow refuses with an error joins `errors`."""
    at = epoch + action["at_s"] * SECOND
    kind = action["action"]
    if kind == "set_pool":
        airflow.intervene(SetPool(at=at, pool=action["pool"], slots=action["slots"]))
        return
    if kind == "scheduler_start":
        airflow.failover.start(adopts=action["executor_adopts"], reason="started")
        return
    if kind == "scheduler_crash":
        survive = action["workers"] == "survive"
        airflow.failover.crash(
            action["scheduler"], workers_survive=survive, reason="scheduler_crash"
        )
        return
    dag = airflow.metadata.dags[action["dag_id"]]
    if kind == "pause":
        airflow.intervene(Pause(at=at, pipeline=action["dag_id"], paused=action["value"]))
    elif kind == "trigger":
        airflow.operations.trigger(dag, epoch + action["logical_s"] * SECOND, cause=-1)
    elif kind == "clear":
        run = dag.runs[action["run_no"]]
        tis = select(
            run,
            action["tasks"],
            downstream=action["downstream"],
            only_failed=action.get("only_failed", False),
            upstream=action.get("upstream", False),
            subset=action.get("subset", False),
        )
        refused = airflow.operations.clear(run, tis, cause=-1)
        if refused is not None:
            errors.append({"action": kind, "error": _ERRORS[refused], "t": action["at_s"]})
    elif kind == "backfill":
        airflow.operations.backfill(
            dag,
            epoch + action["from_s"] * SECOND,
            epoch + action["to_s"] * SECOND,
            max_active_runs=action["max_active_runs"],
            reverse=action["reverse"],
            reprocess=action["reprocess"],
            cause=-1,
        )
