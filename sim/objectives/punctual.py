"""Objectives about time: published by when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_time_of_day
from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from sim.objectives.config import DoneBy
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay


def done_by(asked: DoneBy, replay: Replay, nights: Nights) -> Finding:
    """The first publication of each night's data date, right or wrong: it is about time alone."""
    evidence = late_nights(asked, replay, nights)
    if len(evidence) <= asked.misses_max:
        return against(replay, [], checked=len(replay.nights))
    return against(replay, evidence, checked=0)


def late_nights(asked: DoneBy, replay: Replay, nights: Nights) -> list[Evidence]:
    """Evidence for each night that was not published in time; a day without rows is never late."""
    first: dict[str, int] = {}
    for one in nights.publications:
        if one.table == asked.table and one.rows:
            first.setdefault(one.data_date, one.at)
    offset = parse_time_of_day(asked.at)
    evidence = []
    for night in replay.nights:
        if asked.nights and night.isoformat() not in asked.nights:
            continue
        day = replay.data_date(night)
        deadline, done = replay.at(night, offset), first.get(day)
        true = replay.truth.get(asked.table, {}).get(day)
        if true is not None and not true.rows:
            continue
        if done is None or done >= replay.end:
            found = about(
                replay, "late.never", night=night, table=asked.table, partition=day, by=asked.at
            )
        elif done > deadline:
            found = about(
                replay,
                "late.published",
                night=night,
                time=done,
                table=asked.table,
                partition=day,
                by=asked.at,
                late_us=done - deadline,
            )
        else:
            continue
        evidence.append(found)
    return evidence
