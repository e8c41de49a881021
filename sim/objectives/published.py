"""Objectives about what readers are shown and what stands in a table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sim.objectives.finding import about, against
from sim.views.nights import Publication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.journal import Row
    from sim.objectives.config import NeverPublished, OfDates, OfTable, ReadEqualsTruth
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay
    from sim.world.warehouse.facts import PartitionFacts


def never_published(asked: NeverPublished, replay: Replay, nights: Nights) -> Finding:
    """Every read of the figure, at any time in the window, except one marked stale."""
    reads = [
        row
        for row in nights.reads
        if row.detail["table"] == asked.table
        and row.detail["figure"] == asked.figure
        and row.detail["shown"] is not None
        and not row.detail["stale"]
    ]
    wrong = [row for row in reads if _is_wrong(asked, row, replay)]
    evidence = [_read(replay, "read.wrong", row) for row in wrong]
    return against(replay, evidence, checked=len(reads))


def _is_wrong(asked: NeverPublished, row: Row, replay: Replay) -> bool:
    shown = Decimal(row.detail["shown"])
    if asked.equals is not None and shown == Decimal(str(asked.equals)):
        return True
    true = _true_figure(replay, row)
    if true is None:
        return False
    return (asked.below_truth is not None and shown < Decimal(str(asked.below_truth)) * true) or (
        asked.above_truth is not None and shown > Decimal(str(asked.above_truth)) * true
    )


def read_equals_truth(asked: ReadEqualsTruth, replay: Replay, nights: Nights) -> Finding:
    """Every read of one person."""
    reads = [row for row in nights.reads if replay.journal.name(row.entity) == asked.person]
    evidence = []
    for row in reads:
        shown = row.detail["shown"]
        if row.detail["stale"]:
            evidence.append(_read(replay, "read.stale", row))
        elif shown is None:
            evidence.append(_read(replay, "read.missing", row))
        elif Decimal(shown) != _true_figure(replay, row):
            evidence.append(_read(replay, "read.wrong", row))
    return against(replay, evidence, checked=len(reads))


def equals_truth(asked: OfDates, replay: Replay, nights: Nights) -> Finding:
    """Each data date, as it stands at the window's end."""
    last = standing(nights, asked.table, until=replay.end, replay=replay)
    evidence: list[Evidence] = []
    days = data_dates(asked, replay)
    for day in days:
        true, there = true_partition(replay, asked.table, day), last.get(day)
        if not same(there, true):
            params = compared(asked.table, day, there, true)
            evidence.append(about(replay, "table.differs", night=replay.night_of(day), **params))
    return against(replay, evidence, checked=len(days))


def no_gap(asked: OfDates, replay: Replay, nights: Nights) -> Finding:
    """Each data date holds something at the window's end, but for empty days."""
    days = data_dates(asked, replay)
    last = standing(nights, asked.table, until=replay.end, replay=replay)
    empty = {day for day, true in replay.truth.get(asked.table, {}).items() if not true.rows}
    evidence = [
        about(replay, "table.gap", night=replay.night_of(day), table=asked.table, partition=day)
        for day in days
        if day not in last and day not in empty
    ]
    return against(replay, evidence, checked=len(days))


def data_dates(asked: OfDates, replay: Replay) -> list[str]:
    """Those of the window, and the earlier ones asked for, in order."""
    nights = [
        night for night in replay.nights if not asked.nights or night.isoformat() in asked.nights
    ]
    days = {replay.data_date(night) for night in nights}
    if asked.since is not None:
        days |= {day for day in replay.truth.get(asked.table, {}) if day >= asked.since}
    return sorted(days)


def rerun_equals_truth(asked: OfTable, replay: Replay, nights: Nights) -> Finding:
    """The dates that an operator ran again in the epilogue, and all that they must not touch.

    What counts is what stands when all is done: a partition that was gone for a moment between a
    DELETE and its INSERT is no harm here, and a night that was late and right is none either.
    """
    rerun = dict.fromkeys(
        row.detail["data_date"] for row in nights.reruns if row.time >= replay.end
    )
    last = standing(nights, asked.table, until=None)
    evidence: list[Evidence] = []
    for day in rerun:
        true, there = true_partition(replay, asked.table, day), last.get(day)
        if not same(there, true):
            params = compared(asked.table, day, there, true)
            evidence.append(about(replay, "rerun.differs", night=replay.night_of(day), **params))
    evidence += _collateral(asked.table, replay, nights, rerun)
    return against(replay, evidence, checked=len(rerun))


def rerun_reads(asked: OfTable, replay: Replay, nights: Nights) -> Finding:
    """The dates that an operator ran again in the epilogue: each was read from its source anew.

    What is written is no sign: the truth over the truth is no new version.
    """
    rerun = {row.detail["data_date"]: row.time for row in nights.reruns if row.time >= replay.end}
    read = {(one.data_date, one.read_at) for one in nights.extracts}
    evidence = [
        about(
            replay, "rerun.elsewhere", night=replay.night_of(day), table=asked.table, partition=day
        )
        for day, since in rerun.items()
        if not any(date == day and at >= since for date, at in read)
    ]
    return against(replay, evidence, checked=len(rerun))


def _collateral(
    table: str, replay: Replay, nights: Nights, rerun: Mapping[str, None]
) -> list[Evidence]:
    """Dates that nobody ran again and that the epilogue left otherwise, and not as the truth."""
    before = standing(nights, table, until=replay.end)
    after = standing(nights, table, until=None)
    gone = {
        day: (at, row)
        for at, name, day, row in nights.removed
        if name == table and at >= replay.end and day not in after
    }
    touched = {day: (one.at, one.row) for day, one in after.items() if one != before.get(day)}
    evidence = []
    for code, days in (("rerun.touched", touched), ("rerun.removed", gone)):
        for day, (at, row) in days.items():
            true = true_partition(replay, table, day)
            if day in rerun or (true is not None and same(after.get(day), true)):
                continue
            night = replay.night_of(day) if true is not None else None
            evidence.append(
                about(replay, code, night=night, time=at, row=row, table=table, partition=day)
            )
    return evidence


def standing(
    nights: Nights, table: str, *, until: int | None, replay: Replay | None = None
) -> dict[str, Publication]:
    """ISO data date -> the last publication of each partition that still stands at `until`.

    With a `replay`, partitions that stood there from the start and were left alone are among them.
    """
    events: list[tuple[int, int, str, Publication | None]] = [
        (one.at, one.row, one.data_date, one) for one in nights.publications if one.table == table
    ]
    events += [(at, row, day, None) for at, name, day, row in nights.removed if name == table]
    last: dict[str, Publication] = {}
    if replay is not None:
        stood = replay.stood.get(table, {})
        last = {day: _from_before(table, day, facts, replay) for day, facts in stood.items()}
    for at, _, day, one in sorted(events, key=lambda event: event[:2]):
        if until is not None and at >= until:
            break
        if one is None:
            last.pop(day, None)
        else:
            last[day] = one
    return last


def _from_before(table: str, day: str, facts: PartitionFacts, replay: Replay) -> Publication:
    return Publication(table, day, replay.start, 0, facts.rows, facts.sums, facts.digest, -1)


def true_partition(replay: Replay, table: str, day: str) -> PartitionFacts | None:
    """What a partition should be; None when no truth is known of it."""
    return replay.truth.get(table, {}).get(day)


def same(there: Publication | None, true: PartitionFacts | None) -> bool:
    """Whether a partition is as it should be; no partition is right for a day without rows."""
    if there is None or true is None:
        return (there is None or not there.rows) and (true is None or not true.rows)
    return there.digest == true.digest


def compared(
    table: str, day: str, there: Publication | None, true: PartitionFacts | None
) -> dict[str, Any]:
    """A partition beside its truth, for evidence."""
    return {
        "table": table,
        "partition": day,
        "rows": 0 if there is None else there.rows,
        "rows_true": 0 if true is None else true.rows,
        "sums": {} if there is None else dict(there.sums),
        "sums_true": {} if true is None else dict(true.sums),
    }


def _read(replay: Replay, code: str, row: Row) -> Evidence:
    detail = row.detail
    return about(
        replay,
        code,
        night=replay.day_of(row.time),
        time=row.time,
        row=row.index,
        person=replay.journal.name(row.entity),
        table=detail["table"],
        figure=detail["figure"],
        partition=detail["partition"],
        shown=detail["shown"],
        truth=None if (true := _true_figure(replay, row)) is None else str(true),
    )


def _true_figure(replay: Replay, row: Row) -> Decimal | None:
    true = true_partition(replay, row.detail["table"], row.detail["partition"])
    return None if true is None else Decimal(true.sums.get(row.detail["figure"], "0"))
