"""Concurrency limits of every kind, as rows of the server's table: slots taken, denied, given back.

Source: Prefect 3.8.8, server/models/concurrency_limits_v2.py and server/api/
concurrency_limits_v2.py. Slots of a limit that decays are never given back: they fade. What a row
forgets at each update is the fraction of a slot that had faded since the one before.
Invariant: a limit that does not decay never has more active slots than its limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

OCCUPANCY_START = 2.0
"""What a new limit thinks a slot is held for, seconds."""
OCCUPANCY_MIN = 0.1
"""Least seconds for which a slot counts as held."""
TAG_WAIT_MAX = 10.0
"""server.tasks.tag_concurrency_slot_wait_seconds."""
WAIT_MAX = 30.0
"""server.concurrency.maximum_concurrency_slot_wait_seconds."""
RETRY_JITTER = 0.3
"""Clamp of the wait that a denied client is told."""


@dataclass(slots=True)
class ConcurrencyLimit:
    """One row of `concurrency_limit_v2`."""

    name: str
    limit: int
    slot_decay_per_second: float = 0.0
    active: bool = True
    active_slots: int = 0
    denied_slots: int = 0
    avg_slot_occupancy_seconds: float = OCCUPANCY_START
    updated: int = 0
    """Instant of the last update, microseconds."""

    def active_now(self, now: int) -> int:
        """Slots in use, those that faded meanwhile left out."""
        return max(0, self.active_slots - self._faded(self.slot_decay_per_second, now))

    def denied_now(self, now: int) -> int:
        """Slots that were asked for in vain, and are not forgotten yet."""
        rate = self.slot_decay_per_second
        if rate <= 0:
            rate = 1 / max(self.avg_slot_occupancy_seconds, OCCUPANCY_MIN)
        return max(0, self.denied_slots - self._faded(rate, now))

    def _faded(self, rate: float, now: int) -> int:
        return floor(rate * (now - self.updated) / SECOND)


def take(
    limits: Sequence[ConcurrencyLimit], slots: int, now: int, *, wait_max: float = WAIT_MAX
) -> float | None:
    """Take `slots` of each limit, or of none.

    None: they are taken. Otherwise the mean of the wait that the client is told, seconds; it is
    drawn around it, `clamped_poisson` with `RETRY_JITTER`. A limit that is not active lets
    everybody in. The rows of a denied attempt remember it.
    """
    rows = [one for one in limits if one.active]
    if all(one.active_now(now) + slots <= one.limit for one in rows):
        for one in rows:
            one.active_slots = one.active_now(now) + slots
            one.denied_slots = one.denied_now(now)
            one.updated = now
        return None
    wait = _retry_after(rows, slots, wait_max)
    for one in rows:
        one.denied_slots = one.denied_now(now) + slots
        one.updated = now
    return wait


def give(limits: Sequence[ConcurrencyLimit], slots: int, occupied: float | None, now: int) -> None:
    """Give `slots` of each limit back after `occupied` seconds.

    Without a time, and with one of 0, the average stays as it is.
    """
    for one in limits:
        if not one.active:
            continue
        active, denied = one.active_now(now), one.denied_now(now)
        one.active_slots = max(0, active - slots)
        one.denied_slots = denied
        if occupied:
            held, share = max(occupied / slots, OCCUPANCY_MIN), one.limit * 2
            one.avg_slot_occupancy_seconds += held / share - one.avg_slot_occupancy_seconds / share
        one.updated = now


def _retry_after(rows: Sequence[ConcurrencyLimit], slots: int, wait_max: float) -> float:
    """The limit that most slots stand in line for decides; the line is as it was last written."""

    def in_line(one: ConcurrencyLimit) -> float:
        waiting = slots + one.denied_slots
        return waiting if one.slot_decay_per_second > 0 else waiting / max(1, one.limit)

    worst = max(rows, key=in_line)
    if worst.slot_decay_per_second > 0:
        return in_line(worst) / worst.slot_decay_per_second
    return min(wait_max, min(worst.avg_slot_occupancy_seconds, wait_max) * in_line(worst))
