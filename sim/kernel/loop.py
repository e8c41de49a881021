"""The event loop: SimPy under integer microseconds, with limits. The only importer of simpy.

Order among events of one instant is (priority, order of scheduling): SimPy's own rule. A run is
half open, [start, end): an event exactly at `end` does not happen.

SimPy's queue and clock are read directly: they are what every event passes through, and its own
accessors cost as much as the event.
"""

# ruff: noqa: SLF001 - see the last paragraph above

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappush
from typing import TYPE_CHECKING, Any

import simpy
from simpy.events import Event

from sim.errors import LimitError
from sim.kernel.journal import Journal
from sim.kernel.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

Interrupt = simpy.Interrupt
"""Raised inside a process that was interrupted; `cause` says why."""

WORLD_FIRST = 0
"""Priority of what the world does at an instant: outages open before anyone looks."""
NORMAL = 1
"""Priority of ordinary events."""
DECIDE_LAST = 2
"""Priority of loops that look at what happened at this instant: schedulers."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run. Exceeding one is a `LimitError` with its name."""

    events_max: int = 20_000_000
    """Events of the loop."""
    horizon_us_max: int = 5 * 366 * 86_400 * 1_000_000
    """Length of virtual time, microseconds."""


class Call(Event):
    """A function that is called at an instant, unless cancelled before."""

    __slots__ = ("args", "function")

    def __init__(
        self, env: simpy.Environment, function: Callable[..., None], args: tuple[Any, ...]
    ) -> None:
        self.env = env
        self.callbacks = [_invoke]
        self._value = None
        self._ok = True
        self._defused = False
        self.function: Callable[..., None] | None = function
        self.args = args

    def cancel(self) -> None:
        """Forget the call; no effect when it already happened."""
        self.function = None


def _invoke(event: Event) -> None:
    assert isinstance(event, Call)
    if event.function is not None:
        event.function(*event.args)


class Kernel:
    """Time, chance and the journal of one simulation."""

    def __init__(
        self,
        *,
        seed: int,
        start: int,
        limits: Limits | None = None,
        header: Mapping[str, Any] | None = None,
    ) -> None:
        self.env = simpy.Environment(initial_time=start)
        self.streams = Streams(seed)
        self.journal = Journal(header)
        self.limits = limits or Limits()
        self.start = start
        self.events = 0
        """Events processed so far."""
        self._queue: list[Any] = self.env._queue
        self._next_id: Callable[[], int] = self.env._eid.__next__

    @property
    def now(self) -> int:
        """The current instant, microseconds since the epoch."""
        return self.env._now  # type: ignore[return-value]  # integers in, integers out

    def at(
        self, instant: int, function: Callable[..., None], *args: Any, priority: int = NORMAL
    ) -> Call:
        """Call `function(*args)` at `instant`, which must not lie in the past."""
        if instant < self.env._now:
            message = f"an event at {instant} was scheduled at {self.env._now}"
            raise ValueError(message)
        call = Call(self.env, function, args)
        heappush(self._queue, (instant, priority, self._next_id(), call))
        return call

    def after(
        self, span_us: int, function: Callable[..., None], *args: Any, priority: int = NORMAL
    ) -> Call:
        """Call `function(*args)` after `span_us` microseconds."""
        return self.at(self.now + span_us, function, *args, priority=priority)

    def process(self, generator: Generator[Event, Any, Any]) -> simpy.Process:
        """Run a generator as a SimPy process; it yields `timeout`s and `event`s."""
        return self.env.process(generator)

    def timeout(self, span_us: int, value: Any = None) -> Event:
        """An event that happens after `span_us` microseconds."""
        return self.env.timeout(span_us, value)

    def event(self) -> Event:
        """An event that happens when someone calls its `succeed`."""
        return self.env.event()

    def fact(self, fact: int, entity: int, value: int = 0, cause: int = -1, **detail: Any) -> int:
        """Write a fact at the current instant; return its index."""
        return self.journal.add(self.now, fact, entity, value, cause, detail or None)

    def run(self, until: int) -> None:
        """Process every event before `until`, then stand at `until`.

        Raises `LimitError` (`events_max`, `horizon_us_max`) instead of running for ever.
        """
        if until - self.start > self.limits.horizon_us_max:
            name, bound = "horizon_us_max", self.limits.horizon_us_max
            raise LimitError(
                name, bound, f"a horizon of {until - self.start} us exceeds {name} = {bound}"
            )
        queue, step = self._queue, self.env.step
        left = self.limits.events_max - self.events
        while queue and queue[0][0] < until:
            step()
            left -= 1
            if left < 0:
                self.events = self.limits.events_max
                name = "events_max"
                raise LimitError(name, self.limits.events_max)
        self.events = self.limits.events_max - left
        self.env._now = until


__all__ = ["DECIDE_LAST", "NORMAL", "WORLD_FIRST", "Call", "Interrupt", "Kernel", "Limits"]
