"""Deadlines and SLA misses of a simulated workload, in the recording's form.

Read from the journal alone; times in seconds after the epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import SECOND
from sim.model.facts import Fact

if TYPE_CHECKING:
    from sim.kernel.journal import Journal


def deadline_events(journal: Journal, epoch: int, tick: int) -> list[dict[str, Any]]:
    """What became of deadlines; the recording sees each at the end of a loop."""
    events = []
    for row in journal.rows(Fact.DEADLINE):
        run = journal.who(row.entity)
        events.append(
            {
                "t": -((epoch - row.time) // tick) * tick // SECOND,
                "event": row.detail["event"],
                "dag_id": journal.name(run.parent),
                "run_no": run.number,
                "alert": row.detail["alert"],
                "deadline": _seconds(row.value - epoch),
            }
        )
    return events


def sla_misses(journal: Journal, epoch: int) -> list[dict[str, Any]]:
    """Every SLA that was missed."""
    return [
        {
            "dag_id": journal.name(row.entity),
            "task_id": row.detail["task"],
            "logical": _seconds(row.value - epoch),
            "recorded": _seconds(row.time - epoch),
        }
        for row in journal.rows(Fact.SLA_MISS)
    ]


def _seconds(span_us: int) -> int | float:
    seconds = span_us / SECOND
    return int(seconds) if seconds.is_integer() else seconds
