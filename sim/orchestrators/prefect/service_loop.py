"""A loop of the server: k x `every` from its start, stepped only when it can decide something.

Source: Prefect 3.8.8, server/services/perpetual_services.py, whose docket starts each service at
once and then `every` seconds after the start of the time before. Work takes no time here.
Invariant: no two steps at one instant, and none that is not a multiple of `every` from the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.loop import DECIDE_LAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call, Kernel

SCHEDULER, RECENT, LATE_RUNS, REPOSSESSOR, PAUSES, CANCELLATIONS, FOREMAN, TRIGGERS = range(8)
"""Ranks of the services; the real ones run beside each other, in no order."""
POLLERS = 8
"""Rank of what asks the server: it sees what the services of its instant have left."""


class ServiceLoop:
    """One service. What it does says from when on it can decide something again."""

    def __init__(
        self,
        kernel: Kernel,
        every: int,
        work: Callable[[int], int | None],
        *,
        rank: int = 0,
    ) -> None:
        """`every`: microseconds. `work(now)` gives an instant, or None: not before it is woken.

        `rank`: its place among loops of one instant, whenever they were woken.
        """
        self.every = every
        self.running = False
        self._kernel = kernel
        self._work = work
        self._priority = DECIDE_LAST + rank
        self._start = 0
        self._last = -1
        """Instant of the latest step; -1 before the first."""
        self._planned: Call | None = None
        self._planned_at = 0

    def start(self) -> None:
        """The server is up: the first step is at once."""
        self.running = True
        self._start, self._last = self._kernel.now, -1
        self.wake()

    def stop(self) -> None:
        """The server is down; whatever it would have decided is not decided."""
        self.running = False
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None

    def wake(self) -> None:
        """There may be something to decide from now on."""
        self.wake_at(self._kernel.now)

    def wake_at(self, instant: int) -> None:
        """There may be something to decide from an instant on."""
        if not self.running:
            return
        at = self.first_at(max(instant, self._kernel.now))
        if self._planned is not None:
            if self._planned_at <= at:
                return
            self._planned.cancel()
        self._planned_at = at
        self._planned = self._kernel.at(at, self._step, priority=self._priority)

    def first_at(self, instant: int) -> int:
        """The first step at or after an instant that has not happened yet."""
        at = self._start - (self._start - instant) // self.every * self.every
        return at if at > self._last else self._last + self.every

    def _step(self) -> None:
        self._planned = None
        self._last = self._kernel.now
        again = self._work(self._last)
        if again is not None:
            self.wake_at(again)
