"""The event loop: order, half-open runs, limits, cancelled calls."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from sim.errors import LimitError
from sim.kernel.calendar import DAY
from sim.kernel.loop import DECIDE_LAST, WORLD_FIRST, Kernel, Limits


def build(*, limits: Limits | None = None) -> Kernel:
    """A kernel that starts at instant 0."""
    return Kernel(seed=1, start=0, limits=limits)


def test_events_of_one_instant_are_ordered_by_priority_then_by_scheduling() -> None:
    """The world moves first, loops decide last, and equals keep their order."""
    kernel, seen = build(), []
    kernel.at(5, seen.append, "loop", priority=DECIDE_LAST)
    kernel.at(5, seen.append, "first")
    kernel.at(5, seen.append, "second")
    kernel.at(5, seen.append, "outage", priority=WORLD_FIRST)

    kernel.run(until=6)

    assert seen == ["outage", "first", "second", "loop"]


def test_a_run_is_half_open() -> None:
    """An event exactly at the end does not happen, and the clock stands at the end."""
    kernel, seen = build(), []
    kernel.at(10, seen.append, "late")

    kernel.run(until=10)

    assert (seen, kernel.now) == ([], 10)


def test_a_cancelled_call_does_not_happen() -> None:
    """Cancelling is final."""
    kernel, seen = build(), []
    kernel.at(3, seen.append, "no").cancel()

    kernel.run(until=9)

    assert seen == []


def test_the_past_cannot_be_scheduled() -> None:
    """An event before now is refused with both instants."""
    kernel = build()
    kernel.run(until=10)

    with pytest.raises(ValueError, match="an event at 9 was scheduled at 10"):
        kernel.at(9, print)


def test_too_many_events_end_with_a_named_limit() -> None:
    """A loop that never ends stops at events_max and says so."""
    kernel = build(limits=Limits(events_max=50))

    def again() -> None:
        kernel.after(0, again)

    again()

    with pytest.raises(LimitError, match="events_max = 50"):
        kernel.run(until=DAY)


def test_a_horizon_beyond_the_limit_is_refused() -> None:
    """Virtual time is bounded too."""
    kernel = build(limits=Limits(horizon_us_max=DAY))

    with pytest.raises(LimitError, match="horizon_us_max"):
        kernel.run(until=2 * DAY)


def test_time_stays_an_integer() -> None:
    """Ten tenths of a second are exactly one second, unlike floats."""
    kernel = build()

    def ticks() -> Generator[Any, Any, None]:
        for _ in range(10):
            yield kernel.timeout(100_000)
        assert kernel.now == 1_000_000
        assert isinstance(kernel.now, int)

    process = kernel.process(ticks())
    kernel.run(until=DAY)

    assert process.ok
