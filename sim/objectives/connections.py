"""The objective that a source is left room: connections in use, at each instant.

It reads what each reader saw when it got in, which is when the number can only have risen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from sim.objectives.config import ConnectionsAtMost
    from sim.objectives.finding import Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay


def connections(asked: ConnectionsAtMost, replay: Replay, nights: Nights) -> Finding:
    """The most that are in use within the window; a system without a bound counts none."""
    del nights
    reads = [
        row
        for row in replay.journal.rows(Fact.SOURCE_READ)
        if row.time < replay.end and row.detail["system"] == asked.system
    ]
    evidence = [
        about(
            replay,
            "connections.many",
            night=replay.day_of(row.time),
            time=row.time,
            row=row.index,
            task=replay.journal.name(row.entity),
            system=asked.system,
            connections=row.detail["connections"],
            max=asked.max,
        )
        for row in reads
        if row.detail.get("connections", 0) > asked.max
    ]
    return against(replay, evidence, checked=len(reads))
