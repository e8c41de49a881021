"""Starts of crontab lines as the real Debian daemon made them: one decision a start.

A case: one line's schedule `cron` in the zone `tz`, watched from `from` to `to`; `starts` lists the
instants at which the daemon started it, repeated ones included, or gives `count`, `first`, `last`.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from sim.conform.decision import Absent, Decision, attempted, each_of
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import format_instant, to_micros
from sim.kernel.cron_expression import parse_cron
from sim.orchestrators.cron.firing import firings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording


STARTS_MAX = 1_000_000
"""Most starts of one line that are looked at: a year of every minute is half as many."""


class Summary(msgspec.Struct):
    """Starts too many to list."""

    count: int
    first: str | None
    last: str | None


class Case(msgspec.Struct):
    """One watched line."""

    cron: str
    tz: str
    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    starts: list[str] | Summary
    run: str = ""


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every start that the daemon made, and every one that only we would make."""
    for place, case in cases_as(recording, Case):
        start = _instant(case.start, recording.file, f"{place}.from")
        end = _instant(case.end, recording.file, f"{place}.to")
        ours = attempted(lambda: starts(case.cron, case.tz, start, end))  # noqa: B023
        name = f"{place} {case.run}".rstrip()
        if isinstance(case.starts, Summary):
            yield from _summarised(name, case, recording.file, place, ours)
            continue
        seen = [
            _instant(text, recording.file, f"{place}.starts[{number}]")
            for number, text in enumerate(case.starts)
        ]
        shown = ours if isinstance(ours, Absent) else [format_instant(at) for at in ours]
        yield from each_of(name, case.cron, [format_instant(at) for at in seen], shown)


def starts(cron: str, timezone: str, start: int, end: int, *, count: int = STARTS_MAX) -> list[int]:
    """The first instants in [start, end) at which a crontab with this one line starts it."""
    schedule = parse_cron(cron, dialect="vixie")
    found = firings([schedule], timezone=timezone, start=start, end=end)
    return [one.at for one in islice(found, count)]


def _summarised(
    name: str, case: Case, file: str, place: str, ours: list[int] | Absent
) -> Iterator[Decision]:
    recorded = case.starts
    assert isinstance(recorded, Summary)
    here: tuple[object, ...] = (ours, ours, ours)
    if not isinstance(ours, Absent):
        ends = (format_instant(ours[0]), format_instant(ours[-1])) if ours else (None, None)
        here = (len(ours), *ends)
    first, last = (
        None if text is None else format_instant(_instant(text, file, f"{place}.starts.{end}"))
        for end, text in (("first", recorded.first), ("last", recorded.last))
    )
    for what, theirs, mine in zip(
        ("count", "first", "last"), (recorded.count, first, last), here, strict=True
    ):
        yield Decision(name, f"{case.cron} {what}", theirs, mine)


def _instant(text: str, file: str, place: str) -> int:
    """A recorded time; its offset may be written without a colon."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise malformed(file, place, str(error)) from None
    if at.tzinfo is None:
        raise malformed(file, place, f"{text!r} has no offset from UTC")
    return to_micros(at)
