"""Objectives about pages: soon enough, and never for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import MINUTE
from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from sim.objectives.config import AtMost, PagedWithin
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Extract, Nights, Page
    from sim.views.replay import Replay


def paged_within(asked: PagedWithin, replay: Replay, nights: Nights) -> Finding:
    """A page for the same data date, at the latest so many minutes after the bad try ended.

    One page covers a data date: the person is awake from then on. A night on which the pipeline
    never carried on with bad data (because it waited, say) asks for no page.
    """
    if asked.of == "failed_try":
        return _after_failures(asked, replay, nights)
    bad = [
        extract
        for extract in nights.extracts
        if extract.bad and extract.ended_at is not None and extract.ended_at < replay.end
    ]
    evidence: list[Evidence] = []
    for extract in bad:
        assert extract.ended_at is not None
        limit = extract.ended_at + round(asked.minutes * MINUTE)
        pages = [page.at for page in nights.pages if page.data_date == extract.data_date]
        first = min(pages, default=None)
        if first is None or first > limit:
            evidence.append(_not_paged(replay, extract, first, asked.minutes))
    return against(replay, evidence, checked=len(bad))


def _after_failures(asked: PagedWithin, replay: Replay, nights: Nights) -> Finding:
    """The same after each try that failed: who was paged since midnight is awake."""
    evidence: list[Evidence] = []
    failed = [row for row in nights.failed if row.time < replay.end]
    for row in failed:
        limit = row.time + round(asked.minutes * MINUTE)
        midnight = replay.at(replay.day_of(row.time), 0)
        first = min((page.at for page in nights.pages if page.at >= midnight), default=None)
        if first is not None and first <= limit:
            continue
        evidence.append(
            about(
                replay,
                "page.nobody" if first is None else "page.slow",
                night=replay.day_of(row.time),
                time=row.time,
                row=row.index,
                task=replay.journal.name(row.entity),
                minutes=asked.minutes,
                **({} if first is None else {"late_us": first - row.time, "paged_at": first}),
            )
        )
    return against(replay, evidence, checked=len(failed))


def _not_paged(replay: Replay, extract: Extract, first: int | None, minutes: float) -> Evidence:
    assert extract.ended_at is not None
    late = {} if first is None else {"late_us": first - extract.ended_at, "paged_at": first}
    return about(
        replay,
        "page.none" if first is None else "page.late",
        night=replay.night_of(extract.data_date),
        time=extract.ended_at,
        row=extract.row,
        task=extract.task,
        data_date=extract.data_date,
        rows=extract.rows,
        rows_true=extract.rows_true,
        minutes=minutes,
        **late,
    )


def false_pages(asked: AtMost, replay: Replay, nights: Nights) -> Finding:
    """Pages for a data date on which nothing was wrong."""
    pages = [page for page in nights.pages if page.at < replay.end]
    false = [page for page in pages if is_false(page, replay, nights)]
    if len(false) <= asked.max:
        return against(replay, [], checked=len(pages))
    return against(replay, [_page(replay, "page.false", page) for page in false], checked=0)


def pages(asked: AtMost, replay: Replay, nights: Nights) -> Finding:
    """Pages in all."""
    rung = [page for page in nights.pages if page.at < replay.end]
    if len(rung) <= asked.max:
        return against(replay, [], checked=len(rung))
    return against(replay, [_page(replay, "page.many", page) for page in rung], checked=0)


def is_false(page: Page, replay: Replay, nights: Nights) -> bool:
    """Whether nothing was wrong between the night's midnight and the page.

    That is: no bad read of that date, no fault, and no outage of a system that the pipeline reads.
    """
    if any(
        one.bad and one.data_date == page.data_date and one.read_at <= page.at
        for one in nights.extracts
    ):
        return False
    midnight = replay.at(replay.night_of(page.data_date), 0)
    if any(midnight <= fault.time <= page.at for fault in nights.faults):
        return False
    return not any(
        system in nights.systems and opened <= page.at and (closed is None or closed > midnight)
        for system, opened, closed in nights.outages
    )


def _page(replay: Replay, code: str, page: Page) -> Evidence:
    return about(
        replay,
        code,
        night=replay.night_of(page.data_date),
        time=page.at,
        row=page.row,
        alert=page.alert,
        person=page.person,
        data_date=page.data_date,
    )
