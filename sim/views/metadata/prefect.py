"""The server's database as tables, by the names of Prefect's own schema.

Source: Prefect 3.8.8, server/database/orm_models.py. Of wide columns only what people query is
here. A flow run is there from its time or its pick-up on: those planned ahead are not.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.model.states import RunState, TaskState
from sim.world.warehouse.relation import Relation, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Journal, Row
    from sim.orchestrators.prefect.config import PrefectConfig

_FLOW_RUN = (
    "id text, flow_id text, deployment_id text, state_type text, state_name text, run_count int, "
    "expected_start_time time, start_time time, end_time time, parent_task_run_id text"
)
_TASK_RUN = (
    "flow_run_id text, name text, dynamic_key int, state_type text, state_name text, "
    "run_count int, start_time time, end_time time"
)
_FLOW_RUN_STATE = "id int, flow_run_id text, timestamp time, type text, name text, message text"
_TASK_RUN_STATE = (
    "id int, flow_run_id text, task_run text, dynamic_key int, timestamp time, type text, "
    "name text, message text"
)
_DEPLOYMENT = (
    "id text, flow_id text, work_pool text, work_queue text, concurrency_limit int, "
    "collision_strategy text, paused bool"
)
_WORK_POOL = "id text, type text, concurrency_limit int, is_paused bool"
_LIMITS = "id int, name text, limit int, active bool, slot_decay_per_second float"

_RUNS = {
    RunState.QUEUED: "Scheduled",
    RunState.RUNNING: "Running",
    RunState.SUCCESS: "Completed",
    RunState.FAILED: "Failed",
}
_TASKS = {
    TaskState.RUNNING: "Running",
    TaskState.SUCCESS: "Completed",
    TaskState.FAILED: "Failed",
}
"""Task states that are one of Prefect's by another name; those with a name of their own say it."""
_TYPES = {
    "Scheduled": "SCHEDULED",
    "Late": "SCHEDULED",
    "Resuming": "SCHEDULED",
    "AwaitingRetry": "SCHEDULED",
    "AwaitingConcurrencySlot": "SCHEDULED",
    "Pending": "PENDING",
    "NotReady": "PENDING",
    "Running": "RUNNING",
    "Retrying": "RUNNING",
    "Completed": "COMPLETED",
    "Cached": "COMPLETED",
    "RolledBack": "COMPLETED",
    "Failed": "FAILED",
    "TimedOut": "FAILED",
    "Crashed": "CRASHED",
    "Cancelled": "CANCELLED",
    "Cancelling": "CANCELLING",
    "Paused": "PAUSED",
    "Suspended": "PAUSED",
}


def books(
    journal: Journal, settings: PrefectConfig, *, start: int, now: int
) -> tuple[Relation, ...]:
    """The tables that people ask: runs with their states, deployments, pools, limits."""
    del start, now
    return (
        Relation("flow_run", columns_of(_FLOW_RUN), partial(_flow_runs, journal)),
        Relation("task_run", columns_of(_TASK_RUN), partial(_task_runs, journal)),
        Relation("flow_run_state", columns_of(_FLOW_RUN_STATE), partial(_flow_states, journal)),
        Relation("task_run_state", columns_of(_TASK_RUN_STATE), partial(_task_states, journal)),
        Relation("deployment", columns_of(_DEPLOYMENT), partial(_deployments, settings)),
        Relation("work_pool", columns_of(_WORK_POOL), partial(_pools, journal, settings)),
        Relation("concurrency_limit_v2", columns_of(_LIMITS), partial(_limits, journal, settings)),
    )


def _named(row: Row) -> str | None:
    """The name of the state that a row brings, in Prefect's words; None: it brings none."""
    named = row.detail.get("state")
    if named in _TYPES:
        return str(named)
    if row.fact is Fact.RUN_STATE:
        return _RUNS[RunState(row.value)]
    if row.fact is Fact.TASK_STATE:
        return _TASKS.get(TaskState(row.value % 256))
    return None


def _rows(journal: Journal, kind: Entity) -> Iterator[tuple[Row, str]]:
    for row in journal.rows(Fact.RUN_STATE, Fact.TASK_STATE, Fact.NATIVE_STATE):
        if journal.who(row.entity).type is kind:
            name = _named(row)
            if name is not None:
                yield row, name


def _flow_runs(journal: Journal) -> list[dict[str, Any]]:
    runs: dict[int, dict[str, Any]] = {}
    for row, name in _rows(journal, Entity.RUN):
        one = runs.get(row.entity)
        if one is None:
            who = journal.who(row.entity)
            one = runs[row.entity] = {
                "id": who.name,
                "flow_id": journal.name(who.parent),
                "deployment_id": row.detail.get("deployment"),
                "expected_start_time": row.detail.get("run_after"),
                "run_count": 0,
                "parent_task_run_id": row.detail.get("parent_task_run_id"),
            }
        _move(one, row, name)
    return list(runs.values())


def _task_runs(journal: Journal) -> list[dict[str, Any]]:
    runs: dict[int, dict[str, Any]] = {}
    for row, name in _rows(journal, Entity.TASK_INSTANCE):
        one = runs.get(row.entity)
        if one is None:
            who = journal.who(row.entity)
            one = runs[row.entity] = {
                "flow_run_id": journal.name(who.parent),
                "name": who.name,
                "dynamic_key": max(who.number, 0),
                "run_count": 0,
            }
        _move(one, row, name)
    return list(runs.values())


def _move(one: dict[str, Any], row: Row, name: str) -> None:
    """A run comes into a state."""
    kind = _TYPES[name]
    one["state_type"], one["state_name"] = kind, name
    if kind == "RUNNING" and not (row.fact is Fact.TASK_STATE and _waits(row)):
        one["run_count"] += 1
        one.setdefault("start_time", row.time)
    elif kind in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} and not _taken_back(row):
        one["end_time"] = row.time


def _taken_back(row: Row) -> bool:
    """Whether a run that had ended is RolledBack now: its end stays."""
    return row.fact is Fact.NATIVE_STATE and row.detail.get("state") == "RolledBack"


def _waits(row: Row) -> bool:
    """Whether the row stands between two tries, where Prefect goes straight to Retrying."""
    return row.value % 256 == TaskState.UP_FOR_RETRY


def _flow_states(journal: Journal) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "flow_run_id": journal.name(row.entity),
            "timestamp": row.time,
            "type": _TYPES[name],
            "name": name,
            "message": row.detail.get("reason"),
        }
        for number, (row, name) in enumerate(_rows(journal, Entity.RUN), 1)
    ]


def _task_states(journal: Journal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for row, name in _rows(journal, Entity.TASK_INSTANCE):
        if name == "Retrying" and _waits(row):
            continue
        who = journal.who(row.entity)
        found.append(
            {
                "id": len(found) + 1,
                "flow_run_id": journal.name(who.parent),
                "task_run": who.name,
                "dynamic_key": max(who.number, 0),
                "timestamp": row.time,
                "type": _TYPES[name],
                "name": name,
                "message": row.detail.get("reason"),
            }
        )
    return found


def _deployments(settings: PrefectConfig) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "flow_id": one.flow,
            "work_pool": one.work_pool,
            "work_queue": None if one.work_pool is None else one.work_queue,
            "concurrency_limit": one.concurrency_limit,
            "collision_strategy": one.collision_strategy,
            "paused": one.paused,
        }
        for name, one in settings.deployments.items()
    ]


def _changed(journal: Journal) -> dict[str, int]:
    """Limits that were set by hand, as they are last."""
    return {journal.name(row.entity): row.value for row in journal.rows(Fact.POOL)}


def _pools(journal: Journal, settings: PrefectConfig) -> list[dict[str, Any]]:
    changed = _changed(journal)
    return [
        {
            "id": name,
            "type": pool.type,
            "concurrency_limit": changed.get(name, pool.concurrency_limit),
            "is_paused": pool.is_paused,
        }
        for name, pool in settings.work_pools.items()
    ]


def _limits(journal: Journal, settings: PrefectConfig) -> list[dict[str, Any]]:
    changed = _changed(journal)
    rows: list[tuple[str, int, bool, float]] = [
        (name, one.limit, one.active, one.slot_decay_per_second)
        for name, one in settings.global_concurrency_limits.items()
    ]
    rows += [(f"tag:{tag}", n, True, 0.0) for tag, n in settings.tag_concurrency_limits.items()]
    return [
        {
            "id": number,
            "name": name,
            "limit": changed.get(name, limit),
            "active": active,
            "slot_decay_per_second": decay,
        }
        for number, (name, limit, active, decay) in enumerate(rows, 1)
    ]
