"""What a host with cron knows of its jobs, in cron's words: no metadata database exists there.

A real host has this in its mail and syslog at best; the tables are what one would write who kept
books about it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.model.states import RunState, TaskState
from sim.world.warehouse.relation import Relation, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.kernel.journal import Journal

_JOB_RUN = (
    "id int, job text, run_id text, started_by text, start_date time, end_date time, "
    "duration float, state text, steps int, exit_code int"
)
_JOB_STEP = (
    "id int, job text, run_id text, step text, attempt int, start_date time, end_date time, "
    "duration float, state text, exit_code int, reason text"
)
_JOB_RUN_ID = "run"


def books(journal: Journal, settings: Any, *, start: int, now: int) -> tuple[Relation, ...]:
    """`job_run`, one row for each start of a line or job, and `job_step`, one a command."""
    del settings, start, now
    return (
        Relation("job_run", columns_of(_JOB_RUN), partial(_job_runs, journal)),
        Relation("job_step", columns_of(_JOB_STEP), partial(_steps, journal)),
    )


def _job_runs(journal: Journal) -> list[dict[str, Any]]:
    steps: dict[int, list[dict[str, Any]]] = {}
    for step in _steps(journal):
        steps.setdefault(step[_JOB_RUN_ID], []).append(step)
    runs: dict[int, dict[str, Any]] = {}
    for row in journal.rows(Fact.RUN_STATE):
        one = runs.get(row.entity)
        if one is None:
            who = journal.who(row.entity)
            mine = steps.get(row.entity, [])
            one = runs[row.entity] = {
                "id": len(runs) + 1,
                "job": journal.name(who.parent),
                "run_id": who.name,
                "started_by": _started_by(row.detail),
                "start_date": row.time,
                "steps": len({step["step"] for step in mine}),
                "exit_code": mine[-1]["exit_code"] if mine else None,
            }
        state = RunState(row.value)
        one["state"] = state.word
        if state in {RunState.SUCCESS, RunState.FAILED}:
            one["end_date"] = row.time
            one["duration"] = (row.time - one["start_date"]) / 1_000_000
    return list(runs.values())


def _started_by(detail: Mapping[str, Any]) -> str:
    if "last_run" in detail:
        return "anacron"
    return "hand" if detail.get("run_type") == "manual" else "cron"


def _steps(journal: Journal) -> list[dict[str, Any]]:
    """Every attempt of every command, in order of its start."""
    found: list[dict[str, Any]] = []
    latest: dict[int, dict[str, Any]] = {}
    for row in journal.rows(Fact.TASK_STATE):
        state = TaskState(row.value % 256)
        if state is TaskState.RUNNING:
            latest[row.entity] = {
                "id": len(found) + 1,
                **dict(_names(journal, row.entity)),
                "attempt": row.value // 256,
                "start_date": row.time,
                "state": state.word,
                "exit_code": None,
            }
            found.append(latest[row.entity])
        elif state is not TaskState.NONE and row.entity in latest:
            one = latest[row.entity]
            one["state"] = state.word
            one["end_date"] = row.time
            one["duration"] = (row.time - one["start_date"]) / 1_000_000
            one["exit_code"] = row.detail.get("exit_code")
            one["reason"] = row.detail.get("reason")
    return found


def _names(journal: Journal, entity: int) -> Iterator[tuple[str, Any]]:
    who = journal.who(entity)
    assert who.type is Entity.TASK_INSTANCE
    run = journal.who(who.parent)
    yield _JOB_RUN_ID, who.parent
    yield from (("job", journal.name(run.parent)), ("run_id", run.name), ("step", who.name))
