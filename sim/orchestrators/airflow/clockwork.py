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
        """Instant of loop 0; every scheduler's loops lie on this grid."""
        self.last = self.start - span
        """Instant of the latest loop that was stepped, or could have been."""
        self._planned: Call | None = None
        self.planned_at = 0
        """Instant of the loop that is planned; 0 while none is."""
        self.loop: Callable[[], None] = lambda: None
        """The loop itself."""
        self.stopped = False
        self.looping = False
        """Whether a loop is under way."""
        self._held = 0
        """How many things keep the loop that is under way from ending."""
        self._life = 0
        """Counts the times that the last scheduler died."""
        self._wanted = False
        """Whether the loop after the one that is held has something to decide."""
        self._again = False

    def next_loop(self) -> int:
        """The first loop at or after now that has not happened yet."""
        if self.planned_at:
            return self.planned_at
        start, span = self.start, self._span
        at = start - (start - self._kernel.now) // span * span
        return at if at > self.last else self.last + span

    def wake(self) -> None:
        """The next loop has something to decide. Inside a loop: see `again`."""
        if self._held:
            self._wanted = True
        elif self._planned is None and not self.looping and not self.stopped:
            self.planned_at = at = self.next_loop()
            self._planned = self._kernel.at(at, self._run, priority=DECIDE_LAST)

    def again(self) -> None:
        """This loop leaves something for the next one.

        Most of what a loop changes it also looks at in a later step, so inside a loop only this
        asks for another one.
        """
        self._again = True
        self.wake()

    def hold(self) -> int:
        """The loop under way does not end before `release` is called with what this returns."""
        self._held += 1
        return self._life

    def release(self, life: int) -> None:
        """It may end. Loops that could have been meanwhile were not skipped: there were none."""
        if life != self._life:
            return
        self._held -= 1
        if not self._held:
            self.last = max(self.last, self.next_loop() - self._span)
            if self._wanted:
                self._wanted = False
                self.wake()

    def wake_at(self, instant: int) -> None:
        """The first loop at or after `instant` has something to decide."""
        if instant <= self._kernel.now:
            self.wake()
        else:
            self._kernel.at(instant, self.wake)

    def _run(self) -> None:
        self._planned, self.planned_at = None, 0
        self._again = False
        self.looping = True
        self.loop()
        self.looping = False
        if self._again:
            self.wake()

    def arrive(self, now: int) -> int:
        """The loop at `now` begins: how many were not stepped between the latest one and it."""
        skipped = (now - self.last) // self._span - 1
        self.last = now
        return skipped

    def firing(self, origin: int, interval: int, after: int) -> int:
        """When a timer of a scheduler that started at `origin` fires, at or after `after`.

        First in the first loop at or after `origin` + interval, then in the first loop at least an
        interval after the one before [utils/event_scheduler.py].
        """
        span = self._span
        first = self.start - (self.start - origin - interval) // span * span
        if after <= first:
            return first
        every = max(-(-interval // span), 1) * span
        return first - (first - after) // every * every

    def settle(self) -> int:
        """Count the quiet loops before now as done; return how many there were."""
        quiet = max((self._kernel.now - 1 - self.last) // self._span, 0)
        self.last += quiet * self._span
        return 0 if self._held else quiet

    def stop(self) -> None:
        """The last scheduler is gone."""
        self.stopped = True
        self._held, self._wanted = 0, False
        self._life += 1
        if self._planned is not None:
            self._planned.cancel()
            self._planned, self.planned_at = None, 0

    def resume(self) -> None:
        """A scheduler starts now where there was none; its first loop is the next one."""
        self.settle()
        self.stopped = False
        self.wake()
