"""The objective that a source is not asked again and again for what it has answered.

It counts the times at which a try has come through to the source, whatever it got there: a result
that is taken from a cache asks nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from sim.kernel.journal import Row
    from sim.objectives.config import SourceReads
    from sim.objectives.finding import Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay


def source_reads(asked: SourceReads, replay: Replay, nights: Nights) -> Finding:
    """No data date is read more often than that, within the window."""
    del nights
    reads: dict[str, list[Row]] = {
        replay.data_date(night): []
        for night in replay.nights
        if not asked.nights or night.isoformat() in asked.nights
    }
    for row in replay.journal.rows(Fact.SOURCE_READ):
        date = row.detail["data_date"]
        if date in reads and row.detail["source"] == asked.source and row.time < replay.end:
            reads[date].append(row)
    evidence = [
        about(
            replay,
            "reads.many",
            night=replay.day_of(rows[asked.max].time),
            time=rows[asked.max].time,
            row=rows[asked.max].index,
            source=asked.source,
            partition=date,
            count=len(rows),
            max=asked.max,
        )
        for date, rows in sorted(reads.items())
        if len(rows) > asked.max
    ]
    return against(replay, evidence, checked=len(reads))
