"""Recorded elapses of systemd's calendar events: each is a decision, or that it is refused.

A case: `on_calendar`, `tz` of the host, `base` (its local time), and the local times that follow,
with the zone's abbreviation; `{"error": true}` where systemd refuses the expression.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from sim.conform.decision import Absent, Decision, attempted, each_of
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import from_civil, to_civil
from sim.orchestrators.systemd.calendar_event import CalendarEventError, parse_calendar_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

REFUSED = "refused"


class Case(msgspec.Struct):
    """An expression and its elapses."""

    on_calendar: str
    tz: str
    base: str
    elapses_local: list[str] | dict[str, Any]


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded elapse beside ours."""
    for place, case in cases_as(recording, Case):
        try:
            base = from_civil(datetime.fromisoformat(case.base), case.tz)
        except ValueError as error:
            raise malformed(recording.file, place, str(error)) from None
        recorded = case.elapses_local
        wanted = len(recorded) if isinstance(recorded, list) and recorded else 1
        ours = attempted(lambda: _elapses(case, base, wanted))  # noqa: B023
        if isinstance(recorded, dict):
            yield Decision(place, case.on_calendar, REFUSED, ours)
        else:
            refused = Absent(REFUSED) if ours == REFUSED else ours
            yield from each_of(place, case.on_calendar, recorded, refused)


def _elapses(case: Case, base: int, wanted: int) -> list[str] | str:
    try:
        event = parse_calendar_event(case.on_calendar, timezone=case.tz)
    except CalendarEventError:
        return REFUSED
    return [
        f"{to_civil(at, event.timezone):%Y-%m-%d %H:%M:%S %Z}"
        for at in islice(event.elapses(base), wanted)
    ]
