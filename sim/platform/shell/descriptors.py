"""Open files of a shell, as far as locks hang on them: `9>/run/lock/etl`, `exec 9>…`, `flock 9`.

Source: flock(2): a lock belongs to the open file, which shells share with what they start; it is
free once it is given up, or once whoever opened the file has closed it or is gone. Nothing that is
written to such a file is kept. Invariant: an open file holds or wants one lock at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from sim.kernel.loop import Kernel
    from sim.kernel.slots import Request, Slots

LOCK_SLOTS = 1_000_000
"""Slots of a lock: who locks exclusively takes all of them, who shares it takes one."""


@dataclass(slots=True, eq=False)
class OpenFile:
    """A file that a shell has opened."""

    lock: Slots
    """The lock of its path, which every open file of that path asks for."""
    _held: Request | None = None

    def acquire(
        self, kernel: Kernel, *, shared: bool, wait_us: int | None
    ) -> Generator[Any, Any, bool]:
        """Lock it; whether that worked within `wait_us`, 0 for at once, None for ever.

        A lock that is held already becomes what is asked for, as in flock(2): it is given up
        first, and is gone when somebody else was faster.
        """
        slots = 1 if shared else LOCK_SLOTS
        if self._held is not None:
            if self._held.slots == slots:
                return True
            self.release()
        if wait_us == 0 and (self.lock.waiting or self.lock.held + slots > self.lock.capacity):
            return False
        answer = kernel.event()

        def tell(*, held: bool) -> None:
            if not answer.triggered:
                answer.succeed(held)

        request = self._held = self.lock.request(lambda: tell(held=True), slots=slots)
        timer = kernel.after(wait_us, lambda: tell(held=False)) if wait_us else None
        held = False
        try:
            held = bool((yield answer))
        finally:
            if timer is not None:
                timer.cancel()
            if not held and self._held is request:
                self.release()
        return held

    def release(self) -> None:
        """Give the lock up, held or still wanted."""
        request, self._held = self._held, None
        if request is not None:
            self.lock.release(request)
