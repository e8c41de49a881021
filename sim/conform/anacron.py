"""What starts of the real anacron took on: each job of a start is a decision, and their order.

A case: an `anacrontab`, read by `anacron` (`cronie` or `debian`), the `timestamps` that its jobs
had (dates by identifier), the instant `at` and the zone `tz` in which it was started with its
`arguments`; `begun` lists what it said it would run as [identifier, minutes until then], in order,
and `complaints` counts the lines that it skipped. RANDOM_DELAY would be a draw of its own.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from sim.conform.decision import Decision, attempted
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import to_micros, zone
from sim.orchestrators.cron.anacron_options import read_options
from sim.orchestrators.cron.anacron_start import taken_on
from sim.orchestrators.cron.anacrontab import COMPLAINTS, parse_anacrontab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording


class Case(msgspec.Struct):
    """One start."""

    anacron: Literal["cronie", "debian"]
    anacrontab: str
    timestamps: dict[str, str]
    at: str
    begun: list[tuple[str, int]]
    complaints: int
    tz: str = "UTC"
    arguments: list[str] = []


def decisions(recording: Recording) -> Iterator[Decision]:
    """For each job whether it is run and after how many minutes, then their order."""
    for place, case in cases_as(recording, Case):
        at, timestamps = _read(case, recording.file, place)
        ours = attempted(lambda: _begun(case, at, timestamps))  # noqa: B023 - used at once
        recorded = dict(case.begun)
        names = dict.fromkeys([*timestamps, *recorded])
        mine = dict(ours) if isinstance(ours, list) else dict.fromkeys(names, ours)
        for name in names:
            yield Decision(place, name, recorded.get(name), mine.get(name))
        order = [name for name, _ in ours] if isinstance(ours, list) else ours
        yield Decision(place, "order", [name for name, _ in case.begun], order)
        problems = parse_anacrontab(case.anacrontab, dialect=case.anacron).problems
        complaints = sum(problem.code in COMPLAINTS for problem in problems)
        yield Decision(place, "complaints", case.complaints, complaints)


def _begun(case: Case, at: int, timestamps: dict[str, date]) -> list[tuple[str, int]]:
    tab = parse_anacrontab(case.anacrontab, dialect=case.anacron)
    options = read_options(case.arguments)
    taken = taken_on(tab, timestamps, options, at=at, timezone=case.tz, drawn=lambda _: 0)
    return [(tab.jobs[one.number].identifier, 0 if options.now else one.delay) for one in taken]


def _read(case: Case, file: str, place: str) -> tuple[int, dict[str, date]]:
    """The instant and the dates of a case. Raises `UsageError` with the place of a wrong one."""
    try:
        at = datetime.fromisoformat(case.at)
    except ValueError as error:
        raise malformed(file, f"{place}.at", str(error)) from None
    if at.tzinfo is None:
        raise malformed(file, f"{place}.at", f"{case.at!r} has no offset from UTC")
    try:
        zone(case.tz)
    except ValueError as error:
        raise malformed(file, f"{place}.tz", str(error)) from None
    dates: dict[str, date] = {}
    for name, text in case.timestamps.items():
        try:
            dates[name] = date.fromisoformat(text)
        except ValueError as error:
            raise malformed(file, f"{place}.timestamps.{name}", str(error)) from None
    return to_micros(at), dates
