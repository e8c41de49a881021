"""The table `log`: what workers, schedulers and people did, in Airflow's own event names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import format_instant
from sim.model.facts import Entity, Fact
from sim.model.states import TaskState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Row
    from sim.views.metadata.sight import Sight

_S = TaskState
_ENDS = frozenset({_S.SUCCESS, _S.SKIPPED, _S.FAILED, _S.UP_FOR_RETRY})
_WAITS = frozenset({_S.UP_FOR_RESCHEDULE, _S.DEFERRED})
_ABOUT = (Fact.TASK_STATE, Fact.PROCESS, Fact.PAUSED, Fact.INTERVENTION)
_BY_SCHEDULER = frozenset({"heartbeat_timeout", "executor_failed"})


def log(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `log`, numbered in order of time. [A2, A3 models/log.py]."""
    before: dict[int, TaskState] = {}
    number = 0
    for row in sight.journal.rows(*_ABOUT):
        event = _event(row, before.get(row.entity, _S.NONE), sight)
        if row.fact is Fact.TASK_STATE:
            before[row.entity] = _S(row.value % 256)
        if event is not None:
            number += 1
            yield {"id": number, "dttm": row.time, **_about(row, sight), **event}


def _event(row: Row, before: TaskState, sight: Sight) -> dict[str, Any] | None:
    if row.fact is Fact.INTERVENTION:
        return _by_person(row, sight)
    if row.fact is Fact.PAUSED:
        caused = row.cause >= 0 and sight.journal[row.cause].fact is Fact.RUN_STATE
        by_itself = {"event": "paused", "owner": "scheduler", "owner_display_name": "Scheduler"}
        return by_itself if row.value and caused else None
    if row.fact is Fact.PROCESS:
        silent = row.detail["end"] == "silent"
        return {"event": "heartbeat timeout", "owner": _OWNER} if silent else None
    event = _of_state(row, before, sight)
    return None if event is None else {"event": event, "owner": _OWNER}


_OWNER = "airflow"
"""The owner of a DAG that names none [A2, A3 config_templates/config.yml `default_owner`]."""


def _of_state(row: Row, before: TaskState, sight: Sight) -> str | None:
    """The event of a change of state; most changes leave nothing in this table."""
    state, reason = _S(row.value % 256), row.detail.get("reason", "")
    whole = sight.version.log_has_every_end
    if reason == "stuck_in_queued":
        return "stuck in queued tries exceeded"
    if state is _S.SCHEDULED and before is _S.QUEUED:
        return "stuck in queued reschedule"
    if reason == "fail_fast":
        return "fail task" if state is _S.FAILED else "skip task"
    if reason in _BY_SCHEDULER and sight.version.executor_fails_running:
        return "state mismatch"
    if state is _S.RUNNING:
        return state.word
    if before is not _S.RUNNING or (state in _WAITS and not whole):
        return None
    if state in _ENDS | _WAITS:
        retried = state is _S.UP_FOR_RETRY and not whole
        return _S.FAILED.word if retried else state.word
    return None


def _by_person(row: Row, sight: Sight) -> dict[str, Any] | None:
    detail = dict(row.detail)
    if "refused" in detail:
        return None
    event = sight.version.actions.get(detail.pop("action"))
    by = detail.pop("by")
    if event is None:
        return None
    who = sight.journal.who(row.entity)
    if who.type is Entity.POOL:
        detail = {"pool": who.name, **detail}
    if detail.get("logical_date") is not None:
        detail["logical_date"] = format_instant(detail["logical_date"])
    return {"event": event, "owner": by, "owner_display_name": by, "extra": json.dumps(detail)}


def _about(row: Row, sight: Sight) -> dict[str, Any]:
    who = sight.journal.who(row.entity)
    if who.type is Entity.PIPELINE:
        return {"dag_id": who.name}
    run = sight.runs.get(who.parent)
    if who.type is not Entity.TASK_INSTANCE or run is None:
        return {}
    date = run.first.detail["logical_date"]
    number = row.value if row.fact is Fact.PROCESS else row.value // 256
    return {
        "dag_id": run.dag_id,
        "task_id": who.name,
        "map_index": who.number,
        "run_id": run.run_id,
        "execution_date": date,
        "logical_date": date,
        "try_number": number,
    }
