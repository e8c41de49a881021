"""Windows: the nights of a scenario that one simulation covers.

A night is named by the civil day on which it ends, and processes the business day before it, its
data date. A simulation runs from 00:00 of the first night's day to 24:00 of the last one's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sim.errors import UsageError
from sim.kernel.calendar import start_of_day
from sim.scenario.schema import Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Span:
    """One window, resolved."""

    name: str
    first: date
    """The first night."""
    last: date
    """The last night."""
    start: int
    """Instant at which the clock starts."""
    end: int
    """Instant at which the last night's day is over."""
    hidden: bool

    @property
    def nights(self) -> tuple[date, ...]:
        """Every night in order."""
        days = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=day) for day in range(days))

    @property
    def first_data_date(self) -> date:
        """The business day that the first night processes."""
        return self.first - timedelta(days=1)

    @property
    def last_data_date(self) -> date:
        """The business day that the last night processes."""
        return self.last - timedelta(days=1)


def span_of(scenario: Scenario, name: str | None = None) -> Span:
    """The window called `name`, or the first one. Raises `UsageError` for an unknown name.

    The ISO date of a night that lies in a window names a window of that night alone, and
    `2024-03-13..2024-03-14` one of several, the last one included.
    """
    windows = scenario.clock.windows
    if name is None:
        name = next(iter(windows))
    first, dots, last = name.partition("..")
    if dots and name not in windows:
        several = window_around(scenario, first)
        if several is not None and several is window_around(scenario, last) and first <= last:
            window = Window(start=first, to=last, hidden=several.hidden)
            return _span(scenario, name, window)
    around = window_around(scenario, name)
    if around is not None:
        return _span(scenario, name, Window(start=name, to=name, hidden=around.hidden))
    if name not in windows:
        message = f"scenario {scenario.id} has no window {name!r}"
        raise UsageError(message, f"its windows are {', '.join(windows)}")
    return _span(scenario, name, windows[name])


def window_around(scenario: Scenario, name: str) -> Window | None:
    """The window in which the night `name` lies; None when `name` is no night of any."""
    windows = scenario.clock.windows
    if name in windows:
        return None
    return next(
        (
            window
            for window in windows.values()
            if name in {night.isoformat() for night in window.nights}
        ),
        None,
    )


def _span(scenario: Scenario, name: str, window: Window) -> Span:
    timezone = scenario.clock.timezone
    first, last = date.fromisoformat(window.start), date.fromisoformat(window.to)
    return Span(
        name=name,
        first=first,
        last=last,
        start=start_of_day(first, timezone),
        end=start_of_day(last + timedelta(days=1), timezone),
        hidden=window.hidden,
    )


class ClockChange(NamedTuple):
    """A night whose day has more or fewer hours than others."""

    night: date
    by: timedelta
    """How far clocks are put forward; negative: back, so that an hour comes twice."""


def clock_changes(nights: Iterable[date], timezone: str) -> tuple[ClockChange, ...]:
    """Those of some nights on whose civil day the zone's offset from UTC changes, in order.

    A clock change is no fault to inject: it belongs to a zone and a date. Who wants one replays
    such a night, `span_of(scenario, "2024-03-31")`; where a zone has none, there is none to be had.
    """
    found = []
    for night in nights:
        length = start_of_day(night + timedelta(days=1), timezone) - start_of_day(night, timezone)
        by = timedelta(days=1) - timedelta(microseconds=length)
        if by:
            found.append(ClockChange(night, by))
    return tuple(found)
