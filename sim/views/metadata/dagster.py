"""The instance's storage as tables, by the names of Dagster's own schema.

Source: Dagster 1.13.29, _core/storage/runs/schema.py, event_log/schema.py and schedules/schema.py.
Of wide columns that hold a serialized object only what people query is here, as columns.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.model.states import RunState, TaskState
from sim.views.metadata.asset_versions import version_tables
from sim.world.warehouse.relation import Relation, columns_of

if TYPE_CHECKING:
    from sim.kernel.journal import Journal, Row
    from sim.orchestrators.dagster.config import DagsterConfig

_RUNS = (
    "id int, run_id text, pipeline_name text, status text, partition text, create_timestamp time, "
    "update_timestamp time, start_time time, end_time time"
)
_RUN_TAGS = "id int, run_id text, key text, value text"
_EVENT_LOGS = (
    "id int, run_id text, dagster_event_type text, timestamp time, step_key text, asset_key text, "
    "partition text"
)
_ASSET_KEYS = (
    "id int, asset_key text, last_materialization_timestamp time, last_run_id text, "
    "materializations int"
)
_JOB_TICKS = (
    "id int, job_name text, type text, status text, timestamp time, scheduled_time time, "
    "run_key text, reason text"
)
_BULK_ACTIONS = (
    "id int, key text, job_name text, status text, timestamp time, update_timestamp time, "
    "runs int, targeted int, materialized int, failed int"
)
_CONCURRENCY_LIMITS = "id int, concurrency_key text, limit int, using_default_limit bool"

_STATUSES = {
    RunState.QUEUED: "QUEUED",
    RunState.RUNNING: "STARTING",
    RunState.SUCCESS: "SUCCESS",
    RunState.FAILED: "FAILURE",
}
_RUN_EVENTS = {
    "NOT_STARTED": "PIPELINE_ENQUEUED",
    "QUEUED": "PIPELINE_ENQUEUED",
    "STARTING": "PIPELINE_STARTING",
    "STARTED": "PIPELINE_START",
    "CANCELING": "PIPELINE_CANCELING",
    "SUCCESS": "PIPELINE_SUCCESS",
    "FAILURE": "PIPELINE_FAILURE",
    "CANCELED": "PIPELINE_CANCELED",
}
_STEP_EVENTS = {
    TaskState.QUEUED: "STEP_WORKER_STARTING",
    TaskState.RUNNING: "STEP_START",
    TaskState.SUCCESS: "STEP_SUCCESS",
    TaskState.FAILED: "STEP_FAILURE",
    TaskState.SKIPPED: "STEP_SKIPPED",
    TaskState.UP_FOR_RETRY: "STEP_UP_FOR_RETRY",
}
"""A step that is abandoned has no event."""
_TICKS = {1: "SUCCESS", 0: "SKIPPED", -1: "FAILURE"}


def books(
    journal: Journal, settings: DagsterConfig, *, start: int, now: int
) -> tuple[Relation, ...]:
    """The tables that people ask: runs, events, assets, ticks, limits."""
    del start
    return (
        Relation("runs", columns_of(_RUNS), partial(_runs, journal)),
        Relation("run_tags", columns_of(_RUN_TAGS), partial(_tags, journal)),
        Relation("event_logs", columns_of(_EVENT_LOGS), partial(_event_logs, journal)),
        Relation("asset_keys", columns_of(_ASSET_KEYS), partial(_asset_keys, journal)),
        Relation("job_ticks", columns_of(_JOB_TICKS), partial(_job_ticks, journal)),
        Relation("bulk_actions", columns_of(_BULK_ACTIONS), partial(_bulk_actions, journal)),
        Relation(
            "concurrency_limits",
            columns_of(_CONCURRENCY_LIMITS),
            partial(_limits, journal, settings),
        ),
        *version_tables(journal, settings, now=now),
    )


def _status(row: Row) -> str:
    return str(row.detail.get("state") or _STATUSES[RunState(row.value)])


def _runs(journal: Journal) -> list[dict[str, Any]]:
    runs: dict[int, dict[str, Any]] = {}
    for row in journal.rows(Fact.RUN_STATE, Fact.NATIVE_STATE):
        one = runs.get(row.entity)
        if one is None:
            who = journal.who(row.entity)
            if who.type is not Entity.RUN:
                continue  # how fresh an asset is
            partitions = row.detail.get("partitions") or [None]
            one = runs[row.entity] = {
                "id": len(runs) + 1,
                "run_id": who.name,
                "pipeline_name": journal.name(who.parent),
                "partition": partitions[0] if len(partitions) == 1 else None,
                "create_timestamp": row.time,
            }
        one["status"] = status = _status(row)
        one["update_timestamp"] = row.time
        if status == "STARTED":
            one["start_time"] = row.time
        elif status in {"SUCCESS", "FAILURE", "CANCELED"}:
            one["end_time"] = row.time
    return list(runs.values())


def _tags(journal: Journal) -> list[dict[str, Any]]:
    pairs = [
        (journal.name(row.entity), key, value)
        for row in journal.rows(Fact.RUN_STATE)
        for key, value in sorted(row.detail.get("tags", {}).items())
    ]
    return [
        {"id": number, "run_id": run_id, "key": key, "value": value}
        for number, (run_id, key, value) in enumerate(pairs, 1)
    ]


def _event_logs(journal: Journal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    facts = (Fact.RUN_STATE, Fact.NATIVE_STATE, Fact.TASK_STATE, Fact.ASSET_EVENT)
    for row in journal.rows(*facts):
        event = _event(journal, row)
        if event is not None:
            found.append({"id": len(found) + 1, "timestamp": row.time, **event})
    return found


def _event(journal: Journal, row: Row) -> dict[str, Any] | None:
    who = journal.who(row.entity)
    match row.fact:
        case Fact.TASK_STATE:
            kind = _STEP_EVENTS.get(TaskState(row.value % 256))
            if kind is None or row.detail.get("state") == "abandoned":
                return None
            run_id = journal.name(who.parent)
            return {"run_id": run_id, "dagster_event_type": kind, "step_key": who.name}
        case Fact.ASSET_EVENT:
            step = journal.who(row.detail["task_instance"])
            return {
                "run_id": row.detail.get("run_id"),
                "dagster_event_type": (
                    "ASSET_OBSERVATION" if row.detail.get("observed") else "ASSET_MATERIALIZATION"
                ),
                "step_key": step.name,
                "asset_key": who.name,
                "partition": row.detail.get("partition"),
            }
        case _ if who.type is Entity.ASSET:
            return {"dagster_event_type": "FRESHNESS_STATE_CHANGE", "asset_key": who.name}
        case _:
            return {"run_id": who.name, "dagster_event_type": _RUN_EVENTS[_status(row)]}


def _asset_keys(journal: Journal) -> list[dict[str, Any]]:
    assets: dict[int, dict[str, Any]] = {}
    for row in journal.rows(Fact.ASSET_EVENT):
        one = assets.setdefault(
            row.entity, {"id": len(assets) + 1, "asset_key": journal.name(row.entity)}
        )
        if row.detail.get("observed"):
            continue
        one["last_materialization_timestamp"] = row.time
        one["last_run_id"] = row.detail.get("run_id")
        one["materializations"] = row.value
    return list(assets.values())


def _job_ticks(journal: Journal) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "job_name": journal.name(row.entity),
            "type": row.detail["kind"],
            "status": _TICKS[row.value],
            "timestamp": row.time,
            "scheduled_time": row.detail.get("scheduled"),
            "run_key": row.detail.get("run_key"),
            "reason": row.detail.get("reason"),
        }
        for number, row in enumerate(_ticks(journal, backfills=False), 1)
    ]


def _ticks(journal: Journal, *, backfills: bool) -> list[Row]:
    rows = journal.rows(Fact.TICK)
    return [row for row in rows if (row.detail["kind"] == "BACKFILL") is backfills]


def _bulk_actions(journal: Journal) -> list[dict[str, Any]]:
    """Backfills, by what their iterations have told."""
    found: dict[int, dict[str, Any]] = {}
    for row in _ticks(journal, backfills=True):
        one = found.setdefault(
            row.entity,
            {
                "id": len(found) + 1,
                "key": journal.name(row.entity),
                "job_name": row.detail["job"],
                "timestamp": row.time,
                "runs": 0,
            },
        )
        one["status"], one["update_timestamp"] = row.detail["state"], row.time
        one["runs"] += row.detail["requested"]
        for column in ("targeted", "materialized", "failed"):
            one[column] = row.detail.get(column)
    return list(found.values())


def _limits(journal: Journal, settings: DagsterConfig) -> list[dict[str, Any]]:
    pools = settings.instance.concurrency.pools
    named = {asset.pool for asset in settings.assets.values()}
    named |= {multi.pool for multi in settings.multi_assets.values()}
    named |= {op.pool for job in settings.jobs.values() for op in job.ops.values()}
    names = sorted(name for name in named if name is not None)
    limits: dict[str, int | None] = dict.fromkeys(names, pools.default_limit)
    limits.update(pools.limits)
    changed = {journal.name(row.entity): row.value for row in journal.rows(Fact.POOL)}
    limits.update(changed)
    return [
        {
            "id": number,
            "concurrency_key": name,
            "limit": limit,
            "using_default_limit": name not in pools.limits and name not in changed,
        }
        for number, (name, limit) in enumerate(limits.items(), 1)
        if limit is not None
    ]
