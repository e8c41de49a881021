"""Leases on slots: who holds them renews them, and what is not renewed is taken back.

Source: Prefect 3.8.8, server/concurrency/lease_storage/memory.py, server/services/repossessor.py
and concurrency/_leases.py: a living holder renews after 0.75 of the lease's length. A lease that
ran out counts until the repossessor has come. Invariant: the slots of a lease are given back once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect.concurrency import ConcurrencyLimit, give
from sim.orchestrators.prefect.service_loop import REPOSSESSOR, ServiceLoop
from sim.orchestrators.prefect.settings import micros

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.settings import Settings

TASK_TAG_LEASE = 60 * SECOND
"""Length of a lease on the slots of a task run's tags (task_engine.py)."""
GLOBAL_LEASE = 300 * SECOND
"""Length of a lease of `concurrency()` (concurrency/sync.py)."""


@dataclass(slots=True, eq=False)
class Lease:
    """Some slots of some limits, until an instant."""

    number: int
    limits: tuple[ConcurrencyLimit, ...]
    slots: int
    created: int
    length: int
    """Microseconds."""
    expires: int | None
    """None: a living holder renews it."""
    renewed_from: int = 0
    """Since when a living holder has renewed it."""
    over: bool = False
    """Its slots were given back."""


class Leases:
    """All leases of a server, and its repossessor."""

    def __init__(
        self, kernel: Kernel, settings: Settings, *, revoked: Callable[[Lease], None]
    ) -> None:
        """`revoked(lease)` is told when slots were taken back from somebody."""
        self._kernel, self._revoked = kernel, revoked
        self._numbers = 0
        self.by_number: dict[int, Lease] = {}
        """Leases that are not over, in the order in which they were made."""
        every = micros(settings.repossessor_loop_seconds)
        self.loop = ServiceLoop(kernel, every, self._look, rank=REPOSSESSOR)

    def create(self, limits: Sequence[ConcurrencyLimit], slots: int, length: int) -> Lease:
        """A lease on slots that were just taken; nobody renews it yet."""
        self._numbers += 1
        now = self._kernel.now
        lease = Lease(self._numbers, tuple(limits), slots, now, length, now + length)
        self.by_number[lease.number] = lease
        self.loop.wake_at(now + length + 1)
        return lease

    def hold(self, lease: Lease) -> None:
        """A process holds it from now on and renews it, as long as it lives."""
        lease.expires, lease.renewed_from = None, self._kernel.now

    def holder_died(self, lease: Lease) -> None:
        """The process that renewed it is gone: it runs out after the last renewal."""
        if lease.over or lease.expires is not None:
            return
        every = lease.length * 3 // 4
        since = self._kernel.now - lease.renewed_from
        lease.expires = lease.renewed_from + since // every * every + lease.length
        self.loop.wake_at(lease.expires + 1)

    def renew(self, lease: Lease, length: int) -> bool:
        """Renew it once; False: it is over. One that ran out but was not taken back is renewed."""
        if lease.over:
            return False
        lease.length = length
        lease.expires = self._kernel.now + length
        self.loop.wake_at(lease.expires + 1)
        return True

    def release(self, lease: Lease, occupied: float | None = None) -> bool:
        """Give its slots back; `occupied`: for how many seconds, if they are to count.

        False: they were given back before.
        """
        if lease.over:
            return False
        lease.over = True
        del self.by_number[lease.number]
        give(lease.limits, lease.slots, occupied, self._kernel.now)
        return True

    def _look(self, now: int) -> int | None:
        for lease in list(self.by_number.values()):
            if lease.expires is not None and lease.expires < now:
                self.release(lease, (now - lease.created) / SECOND)
                self._revoked(lease)
        left = [one.expires + 1 for one in self.by_number.values() if one.expires is not None]
        return min(left, default=None)
