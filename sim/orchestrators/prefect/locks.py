"""Locks on records: what SERIALIZABLE isolation asks a lock manager for.

Source: Prefect 3.8.8, locking/memory.py and locking/filesystem.py. One holder of a name at a time,
for as long as it likes: transactions ask without a timeout. Threads of a process are woken when the
lock is given back, in the order in which they came (the real ones have no order); who waits for a
lock file looks every tenth of a second. Invariant: a name is given back by its holder only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import SECOND

if TYPE_CHECKING:
    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.runs import Steps

POLL = SECOND // 10
"""How often FileSystemLockManager looks whether a lock file is gone."""


@dataclass(slots=True, eq=False)
class _Waiter:
    """One who waits."""

    told: Any = None
    """Its event; None while it does something else."""

    def tell(self) -> None:
        """Look again."""
        if self.told is not None and not self.told.triggered:
            self.told.succeed()


@dataclass(slots=True)
class Locks:
    """What one lock manager has given out."""

    poll: int | None = None
    """Microseconds between two looks of who waits; None: it is woken."""
    _holders: dict[object, object] = field(default_factory=dict)
    _waiting: dict[object, list[_Waiter]] = field(default_factory=dict)
    """In the order in which they came."""

    def held_by_another(self, name: object, holder: object) -> bool:
        """Whether somebody else has it."""
        return self._holders.get(name, holder) is not holder

    def acquire(
        self, kernel: Kernel, name: object, holder: object, *, until: int | None = None
    ) -> Steps:
        """Wait for a lock and take it; False: `until` came first."""
        free = yield from self.wait(kernel, name, holder, until=until)
        if free:
            self._holders[name] = holder
        return free

    def wait(
        self, kernel: Kernel, name: object, holder: object, *, until: int | None = None
    ) -> Steps:
        """Wait until nobody else has a lock; False: `until` came first."""
        since, waiter, alarm = kernel.now, _Waiter(), None
        queue = self._waiting.setdefault(name, [])
        queue.append(waiter)
        if until is not None:
            alarm = kernel.at(max(until, since), waiter.tell)
        try:
            while self.held_by_another(name, holder):
                if until is not None and kernel.now >= until:
                    return False
                waiter.told = kernel.event()
                yield waiter.told
                waiter.told = None
                late = 0 if self.poll is None else (since - kernel.now) % self.poll
                if late and until is not None and kernel.now + late > until:
                    yield kernel.timeout(until - kernel.now)
                    return False
                if late:
                    yield kernel.timeout(late)
        finally:
            if alarm is not None:
                alarm.cancel()
            queue.remove(waiter)
        return True

    def release(self, name: object, holder: object) -> bool:
        """Give a lock back; False: it was not the holder's, at which the real ones raise."""
        if self._holders.get(name) is not holder:
            return False
        del self._holders[name]
        for waiter in self._waiting.get(name, ()):
            waiter.tell()
        return True

    def seen(self, instant: int, now: int) -> int | None:
        """When a thread that waits from now on sees that its time was over at an instant.

        Blocked on a lock it never does; between two looks at a lock file it does.
        """
        return None if self.poll is None else instant + (now - instant) % self.poll
