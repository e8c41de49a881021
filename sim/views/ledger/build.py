"""The wait ledger of a journal, under whichever orchestrator; and as a table for SQL."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.world.warehouse.relation import Relation, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Journal
    from sim.views.ledger.contract import Ledger

TABLE = "wait_ledger"
_COLUMNS = (
    "dag_id text, run_id text, task_id text, map_index int, number int, start_date time, "
    "end_date time, duration float, reason text, blocker text, blocked_by_task text"
)


def ledger_of(journal: Journal, orchestrator: str, settings: Any, *, now: int) -> Ledger:
    """Why time passed in a journal that ends at `now`; `settings`: the orchestrator's section."""
    ledger: Ledger = import_module(f"sim.views.ledger.{orchestrator}").ledger(
        journal, settings, now=now
    )
    return ledger


def wait_ledger(journal: Journal, orchestrator: str, settings: Any, *, now: int) -> Relation:
    """Each wait of each task instance as a row, in order; `duration` in seconds."""
    rows = partial(_rows, journal, orchestrator, settings, now)
    return Relation(TABLE, columns_of(_COLUMNS), rows)


def _rows(journal: Journal, orchestrator: str, settings: Any, now: int) -> list[dict[str, Any]]:
    return list(_each(ledger_of(journal, orchestrator, settings, now=now)))


def _each(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for entity, story in ledger.story.tasks.items():
        for number, wait in enumerate(ledger.waits(entity), 1):
            other = ledger.story.tasks.get(wait.entity)
            yield {
                "dag_id": story.run.dag_id,
                "run_id": story.run.run_id,
                "task_id": story.task_id,
                "map_index": story.map_index,
                "number": number,
                "start_date": wait.start,
                "end_date": wait.end,
                "duration": wait.span / 1_000_000,
                "reason": wait.reason.value,
                "blocker": wait.blocker or None,
                "blocked_by_task": None if other is None else other.task_id,
            }
