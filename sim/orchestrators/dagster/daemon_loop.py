"""A loop of the daemon that goes round every so many seconds, stepped only when it can decide.

`wake` says that something changed: the loop then goes round at the first instant at which the real
one would. An iteration that is not stepped is one that would have found what the last one left.
Source of the rhythm: Dagster 1.13.29, _daemon/daemon.py (`IntervalDaemon.core_loop`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.kernel.loop import DECIDE_LAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call, Kernel

_NAP_US = SECOND // 2
"""Between two iterations the daemon looks at the clock this often."""


class DaemonLoop:
    """One loop: its rhythm, and whether it is running."""

    def __init__(
        self, kernel: Kernel, period_us: int, iterate: Callable[[], int], *, rank: int = 0
    ) -> None:
        """`rank`: of loops that go round at one instant, those of a higher one come later."""
        self._kernel = kernel
        self._period = period_us
        self._iterate = iterate
        """One iteration; how long it kept the loop busy, microseconds."""
        self._anchor: int | None = None
        """An instant at which it went round, or would have; None while it is down."""
        self._call: Call | None = None
        self._due = 0
        self._priority = DECIDE_LAST + rank

    @property
    def running(self) -> bool:
        """Whether the daemon is there."""
        return not self._stopped()

    def start(self) -> None:
        """The daemon starts: the loop goes round at once."""
        self._anchor = self._kernel.now
        self.wake()

    def stop(self) -> None:
        """The daemon is gone; what was due is forgotten."""
        self._anchor = None
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def wake(self, at: int | None = None) -> None:
        """Go round at the first iteration at or after an instant (None: now)."""
        if self._anchor is None:
            return
        instant = self._kernel.now if at is None else at
        due = self._anchor + max(0, -(-(instant - self._anchor) // self._period)) * self._period
        if self._call is not None:
            if self._due <= due:
                return
            self._call.cancel()
        self._due = due
        self._call = self._kernel.at(due, self._go_round, priority=self._priority)

    def _stopped(self) -> bool:
        return self._anchor is None

    def _go_round(self) -> None:
        self._call = None
        start = self._kernel.now
        busy = self._iterate()
        if self._stopped():
            return
        rest = max(self._period - busy, 0)
        self._anchor = start + busy + -(-rest // _NAP_US) * _NAP_US
        self._again()

    def _again(self) -> None:
        """What the iteration itself asked for comes with the next one."""
        if self._call is not None:
            self._call.cancel()
            self._call = None
            self.wake(self._due)
