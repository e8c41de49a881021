"""Objectives about what readers are shown and what stands in a table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from sim.kernel.journal import Row
    from sim.objectives.config import NeverPublished, OfTable, ReadEqualsTruth
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Nights, Publication
    from sim.views.replay import Replay


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
    true = _true_figure(replay, row)
    return (
        (asked.equals is not None and shown == Decimal(str(asked.equals)))
        or (asked.below_truth is not None and shown < Decimal(str(asked.below_truth)) * true)
        or (asked.above_truth is not None and shown > Decimal(str(asked.above_truth)) * true)
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


def equals_truth(asked: OfTable, replay: Replay, nights: Nights) -> Finding:
    """Each data date of the window, as it stands at the window's end."""
    last = standing(nights, asked.table, until=replay.end)
    evidence: list[Evidence] = []
    for night in replay.nights:
        day = replay.data_date(night)
        true, there = replay.truth[asked.table][day], last.get(day)
        if there is None or there.digest != true.digest:
            params = compared(asked.table, day, there, true)
            evidence.append(about(replay, "table.differs", night=night, **params))
    return against(replay, evidence, checked=len(replay.nights))


def no_gap(asked: OfTable, replay: Replay, nights: Nights) -> Finding:
    """Each data date of the window holds something at the window's end."""
    last = standing(nights, asked.table, until=replay.end)
    evidence = [
        about(
            replay, "table.gap", night=night, table=asked.table, partition=replay.data_date(night)
        )
        for night in replay.nights
        if replay.data_date(night) not in last
    ]
    return against(replay, evidence, checked=len(replay.nights))


def rerun_equals_truth(asked: OfTable, replay: Replay, nights: Nights) -> Finding:
    """The dates that an operator ran again in the epilogue, and all that they must not touch."""
    rerun = [row.detail["data_date"] for row in nights.reruns if row.time >= replay.end]
    last = standing(nights, asked.table, until=None)
    evidence: list[Evidence] = []
    for day in rerun:
        true, there = replay.truth[asked.table][day], last.get(day)
        if there is None or there.digest != true.digest:
            params = compared(asked.table, day, there, true)
            evidence.append(about(replay, "rerun.differs", night=replay.night_of(day), **params))
    for one in nights.publications:
        if one.at >= replay.end and one.table == asked.table and one.data_date not in rerun:
            params = {"table": one.table, "partition": one.data_date}
            evidence.append(about(replay, "rerun.touched", time=one.at, row=one.row, **params))
    evidence += [
        about(replay, "rerun.removed", time=at, row=row, table=table, partition=day)
        for at, table, day, row in nights.removed
        if at >= replay.end and table == asked.table
    ]
    return against(replay, evidence, checked=len(rerun))


def standing(nights: Nights, table: str, *, until: int | None) -> dict[str, Publication]:
    """ISO data date -> the last publication of each partition that still stands at `until`."""
    events: list[tuple[int, int, str, Publication | None]] = [
        (one.at, one.row, one.data_date, one) for one in nights.publications if one.table == table
    ]
    events += [(at, row, day, None) for at, name, day, row in nights.removed if name == table]
    last: dict[str, Publication] = {}
    for at, _, day, one in sorted(events, key=lambda event: event[:2]):
        if until is not None and at >= until:
            break
        if one is None:
            last.pop(day, None)
        else:
            last[day] = one
    return last


def compared(table: str, day: str, there: Publication | None, true: Any) -> dict[str, Any]:
    """A partition beside its truth, for evidence."""
    return {
        "table": table,
        "partition": day,
        "rows": 0 if there is None else there.rows,
        "rows_true": true.rows,
        "sums": {} if there is None else dict(there.sums),
        "sums_true": dict(true.sums),
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
        truth=str(_true_figure(replay, row)),
    )


def _true_figure(replay: Replay, row: Row) -> Decimal:
    true = replay.truth[row.detail["table"]][row.detail["partition"]]
    return Decimal(true.sums.get(row.detail["figure"], "0"))
