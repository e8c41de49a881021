"""The event loop: SimPy under integer microseconds, with limits. The only importer of simpy.

Order among events of one instant is (priority, order of scheduling): SimPy's own rule. A run is
half open, [start, end): an event exactly at `end` does not happen.

SimPy's queue and clock are used directly: they are what every event passes through, and its own
accessors cost as much as the event. A plain call, by far the most frequent thing that happens, lies
in that queue without being an event of SimPy's.
"""

# ruff: noqa: SLF001 - see the last paragraph above

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

import msgspec
import simpy

from sim.errors import LimitError
from sim.kernel.journal import Journal
from sim.kernel.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from simpy.events import Event

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


def _nothing() -> None:
    """What a cancelled call does."""


class Call(msgspec.Struct, eq=False):
    """A function that is called at an instant, unless cancelled before."""

    function: Any
    """What is called, a `Callable[..., None]`."""
    args: tuple[Any, ...]

    def cancel(self) -> None:
        """Forget the call; no effect when it already happened."""
        self.function, self.args = _nothing, ()


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
        self.now = start
        """The current instant, microseconds since the epoch; only `run` moves it."""
        self.events = 0
        """Events processed so far."""
        self._queue: list[Any] = self.env._queue
        self._next_id: Callable[[], int] = self.env._eid.__next__

    def at(
        self, instant: int, function: Callable[..., None], *args: Any, priority: int = NORMAL
    ) -> Call:
        """Call `function(*args)` at `instant`, which must not lie in the past."""
        if instant < self.now:
            message = f"an event at {instant} was scheduled at {self.now}"
            raise ValueError(message)
        call = Call(function, args)
        heappush(self._queue, (instant, priority, self._next_id(), call))
        return call

    def after(
        self, span_us: int, function: Callable[..., None], *args: Any, priority: int = NORMAL
    ) -> Call:
        """Call `function(*args)` after `span_us` microseconds."""
        if span_us < 0:
            # `at` refuses it in its own words
            return self.at(self.now + span_us, function, *args, priority=priority)
        call = Call(function, args)
        heappush(self._queue, (self.now + span_us, priority, self._next_id(), call))
        return call

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
        with _collector_paused():
            self._process_events(until)
        self.now = self.env._now = until

    def _process_events(self, until: int) -> None:
        queue, env, take = self._queue, self.env, heappop
        before, bound = self.events, self.limits.events_max
        end = (until, -1, -1, None)
        heappush(queue, end)
        count = 0
        for count in range(bound - before + 1):  # noqa: B007 - how many there were is asked below
            entry = take(queue)
            instant, _, _, happening = entry
            if instant >= until:
                break
            self.now = env._now = instant
            if happening.__class__ is Call:
                happening.function(*happening.args)
            else:
                heappush(queue, entry)
                env.step()
        else:
            queue.remove(end)
            heapify(queue)
            self.events = bound
            name = "events_max"
            raise LimitError(name, bound)
        self.events = before + count


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python's cyclic garbage collector from running.

    A simulation keeps nearly all that it makes, so each collection would walk through everything
    again and free nothing; most of what it does drop goes by reference counting at once.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


__all__ = ["DECIDE_LAST", "NORMAL", "WORLD_FIRST", "Call", "Interrupt", "Kernel", "Limits"]
