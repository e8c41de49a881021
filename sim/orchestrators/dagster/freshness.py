"""Freshness policies: how fresh an asset is at an instant, by when it was last materialized.

Source: Dagster 1.13.29, _core/definitions/freshness.py and freshness_evaluator.py. Freshness alone
launches nothing; the daemon looks every 30 s and writes down what has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from sim.kernel.calendar import MICROSECOND, SECOND, to_micros
from sim.orchestrators.dagster.cron_ticks import schedule_ticks

if TYPE_CHECKING:
    from collections.abc import Iterator

FreshnessState = Literal["PASS", "WARN", "FAIL", "UNKNOWN"]
DAEMON_INTERVAL_US = 30 * SECOND
"""FRESHNESS_DAEMON_INTERVAL_SECONDS."""
WINDOW_MIN_US = 60 * SECOND
"""Shortest window of either policy."""


class FreshnessPolicy(Protocol):
    """What an asset may have one of."""

    def state(self, now: int, materialized: int | None) -> FreshnessState:
        """How fresh it is; `materialized`: the instant of its latest materialization."""

    def changes(self, materialized: int, *, after: int) -> Iterator[int]:
        """The instants after one at which the state may change without a materialization."""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """`FreshnessPolicy.time_window`: how old the latest materialization may be, microseconds."""

    fail_window: int
    warn_window: int | None = None

    def state(self, now: int, materialized: int | None) -> FreshnessState:
        """By its age; at just the window's length it is over."""
        if materialized is None:
            return "UNKNOWN"
        age = now - materialized
        if age >= self.fail_window:
            return "FAIL"
        if self.warn_window is not None and age >= self.warn_window:
            return "WARN"
        return "PASS"

    def changes(self, materialized: int, *, after: int) -> Iterator[int]:
        """The ends of its windows."""
        windows = [one for one in (self.warn_window, self.fail_window) if one is not None]
        yield from (materialized + one for one in windows if materialized + one > after)


@dataclass(frozen=True, slots=True)
class CronDeadline:
    """`FreshnessPolicy.cron`: by each tick, a materialization at most so long before it."""

    deadline_cron: str
    lower_bound_delta: int
    """Microseconds."""
    timezone: str = "UTC"

    def state(self, now: int, materialized: int | None) -> FreshnessState:
        """By the last deadline that is over; what comes late still makes it pass, at once."""
        if materialized is None:
            return "UNKNOWN"
        back = schedule_ticks(now, self.deadline_cron, self.timezone, ascending=False)
        deadline = next((at for tick in back if (at := to_micros(tick)) <= now), None)
        if deadline is None or materialized >= deadline - self.lower_bound_delta:
            return "PASS"
        return "FAIL"

    def changes(self, materialized: int, *, after: int) -> Iterator[int]:
        """The first deadline for which this materialization is too old."""
        start = max(after + MICROSECOND, materialized + self.lower_bound_delta + MICROSECOND)
        tick = next(schedule_ticks(start, self.deadline_cron, self.timezone), None)
        if tick is not None:
            yield to_micros(tick)
