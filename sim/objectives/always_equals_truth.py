"""The objective that no reader, at whatever instant, could have met anything but the truth.

Not about the end alone: a partition that was doubled, half there or gone for a minute counts, if
nobody looked or not. Before its first version a data date is late, and that is another objective.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.objectives.finding import about, against
from sim.objectives.published import compared, data_dates, same, true_partition

if TYPE_CHECKING:
    from sim.objectives.config import OfDates
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay


def always_equals_truth(asked: OfDates, replay: Replay, nights: Nights) -> Finding:
    """Every version that the window brings of each data date, and every partition that vanishes."""
    days = {day: replay.night_of(day) for day in data_dates(asked, replay)}
    checked = 0
    evidence: list[Evidence] = []
    for one in nights.publications:
        if one.table != asked.table or one.data_date not in days or one.at >= replay.end:
            continue
        checked += 1
        true = true_partition(replay, asked.table, one.data_date)
        if not same(one, true):
            evidence.append(
                about(
                    replay,
                    "version.differs",
                    night=days[one.data_date],
                    time=one.at,
                    row=one.row,
                    version=one.version,
                    **compared(asked.table, one.data_date, one, true),
                )
            )
    for at, table, day, row in nights.removed:
        true = true_partition(replay, asked.table, day)
        if table == asked.table and day in days and at < replay.end and not same(None, true):
            evidence.append(
                about(
                    replay,
                    "version.gone",
                    night=days[day],
                    time=at,
                    row=row,
                    table=table,
                    partition=day,
                )
            )
    return against(replay, sorted(evidence, key=lambda one: one.row or 0), checked=checked)
