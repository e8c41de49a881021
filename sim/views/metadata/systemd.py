"""What systemd's journal would tell of timers and services, as tables.

A real host has this in `journalctl` and `systemctl list-timers`; the tables are what one would make
of them: `unit_run`, one row for each activation, `unit_process`, one for each try of a command, and
`timer_elapse`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.model.states import RunState
from sim.views.metadata.cron import books as books_of_cron
from sim.world.warehouse.relation import Relation, columns_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.journal import Journal

_UNIT_RUN = (
    "id int, unit text, run_id text, started_by text, due_date time, start_date time, "
    "end_date time, duration float, state text, result text, exit_code int"
)
_UNIT_PROCESS = (
    "id int, unit text, run_id text, command text, attempt int, start_date time, end_date time, "
    "duration float, state text, exit_code int, reason text"
)
_TIMER_ELAPSE = "timer text, unit text, due_date time, elapsed_at time, started bool, reason text"
_STARTED_BY = {"manual": "systemctl", "scheduled": "timer", "triggered": "unit"}


def books(journal: Journal, settings: Any, *, start: int, now: int) -> tuple[Relation, ...]:
    """Every table, with its rows as of the end of the journal."""
    return (
        Relation("unit_run", columns_of(_UNIT_RUN), partial(_runs, journal)),
        Relation(
            "unit_process",
            columns_of(_UNIT_PROCESS),
            partial(_processes, partial(books_of_cron, journal, settings, start=start, now=now)),
        ),
        Relation("timer_elapse", columns_of(_TIMER_ELAPSE), partial(_elapses, journal)),
    )


def _runs(journal: Journal) -> list[dict[str, Any]]:
    runs: dict[int, dict[str, Any]] = {}
    for row in journal.rows(Fact.RUN_STATE):
        one = runs.get(row.entity)
        if one is None:
            who = journal.who(row.entity)
            one = runs[row.entity] = {
                "id": len(runs) + 1,
                "unit": f"{journal.name(who.parent)}.service",
                "run_id": who.name,
                "started_by": _STARTED_BY.get(row.detail.get("run_type", ""), "systemctl"),
                "due_date": row.detail.get("run_after"),
            }
        state = RunState(row.value)
        one["state"] = state.word
        if state is RunState.RUNNING:
            one.setdefault("start_date", row.time)
        elif state in {RunState.SUCCESS, RunState.FAILED}:
            one["end_date"] = row.time
            one["result"] = row.detail.get("reason", "success")
            one["exit_code"] = row.detail.get("exit_code", 0 if state is RunState.SUCCESS else None)
            if "start_date" in one:
                one["duration"] = (row.time - one["start_date"]) / 1_000_000
    return list(runs.values())


def _processes(books_of: Callable[[], tuple[Relation, ...]]) -> list[dict[str, Any]]:
    steps = next(relation for relation in books_of() if relation.name == "job_step")
    return [
        {**{key: value for key, value in row.items() if key not in {"job", "step", "run"}}}
        | {"unit": f"{row['job']}.service", "command": row["step"]}
        for row in steps.rows()
    ]


def _elapses(journal: Journal) -> list[dict[str, Any]]:
    return [
        {
            "timer": journal.name(row.entity),
            "unit": row.detail["job"],
            "due_date": row.detail["scheduled"],
            "elapsed_at": row.time,
            "started": bool(row.value),
            "reason": row.detail.get("reason"),
        }
        for row in journal.rows(Fact.TICK)
    ]
