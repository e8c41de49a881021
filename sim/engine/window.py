"""Windows: the nights of a scenario that one simulation covers.

A night is named by the civil day on which it ends, and processes the business day before it, its
data date. A simulation runs from 00:00 of the first night's day to 24:00 of the last one's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.kernel.calendar import start_of_day

if TYPE_CHECKING:
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
    """The window called `name`, or the first one. Raises `UsageError` for an unknown name."""
    windows = scenario.clock.windows
    if name is None:
        name = next(iter(windows))
    if name not in windows:
        message = f"scenario {scenario.id} has no window {name!r}"
        raise UsageError(message, f"its windows are {', '.join(windows)}")
    window = windows[name]
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
