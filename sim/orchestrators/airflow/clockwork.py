"""When the scheduler loops: k x `loop` from its start, and only when there is something to decide.

A loop that would decide nothing is not stepped; every decision still falls on the instant at which
the real loop would have taken it. Invariant: no two loops at one instant, and none in the past.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.loop import DECIDE_LAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call, Kernel


class Clockwork:
    """The instants of the loops, and the one that is planned."""

    def __init__(self, kernel: Kernel, *, span: int) -> None:
        self._kernel = kernel
        self._span = span
        self.start = self._kernel.now
        """Instant of loop 0."""
        self.last = self.start - span
        """Instant of the latest loop that was stepped, or could have been."""
        self._planned: Call | None = None
        self._planned_at = 0
        self.loop: Callable[[], None] = lambda: None
        """The loop itself."""
        self.stopped = False
        self._looping = False
        self._again = False

    def next_loop(self) -> int:
        """The first loop at or after now that has not happened yet."""
        if self._planned is not None:
            return self._planned_at
        start, span = self.start, self._span
        at = start - (start - self._kernel.now) // span * span
        return at if at > self.last else self.last + span

    def wake(self) -> None:
        """The next loop has something to decide. Inside a loop: see `again`."""
        if self._planned is None and not self._looping and not self.stopped:
            self._planned_at = at = self.next_loop()
            self._planned = self._kernel.at(at, self._run, priority=DECIDE_LAST)

    def again(self) -> None:
        """This loop leaves something for the next one.

        Most of what a loop changes it also looks at in a later step, so inside a loop only this
        asks for another one.
        """
        self._again = True
        self.wake()

    def wake_at(self, instant: int) -> None:
        """The first loop at or after `instant` has something to decide."""
        if instant <= self._kernel.now:
            self.wake()
        else:
            self._kernel.at(instant, self.wake)

    def _run(self) -> None:
        self._planned = None
        self._again = False
        self._looping = True
        self.loop()
        self._looping = False
        if self._again:
            self.wake()

    def skipped(self, now: int) -> int:
        """How many loops were not stepped between the latest one and the one at `now`."""
        return (now - self.last) // self._span - 1

    def next_firing(self, interval: int) -> int:
        """When a timer of the scheduler fires next: in the first loop at or after its interval."""
        start, span = self.start, self._span
        every = -(-interval // span) * span
        firings = max(-((start - self._kernel.now) // every), 1)
        at = start + firings * every
        return at if at > self.last else at + every

    def stop(self) -> None:
        """The scheduler is gone."""
        self.stopped = True
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None

    def restart(self) -> None:
        """A new scheduler starts now; its loops count from here."""
        self.stopped = False
        self.start = self._kernel.now
        self.last = self.start - self._span
        self.wake()
