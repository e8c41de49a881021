"""Rates: a system answers only so many requests in a span, and turns away who asks for more.

A try makes all its requests when it begins to read. Whoever passes the rate is refused, and
everybody with it for as long as the system bans them. Invariant: of the requests that were let in,
no span of that length holds more than the rate.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.world.resolved import ResolvedRate


@dataclass(slots=True)
class _Counter:
    rate: ResolvedRate
    let_in: deque[tuple[int, int]] = field(default_factory=deque)
    """(instant, requests) of those within one span."""
    banned_until: int = 0

    def admits(self, requests: int, now: int) -> bool:
        if now < self.banned_until:
            return False
        while self.let_in and self.let_in[0][0] <= now - self.rate.per_us:
            self.let_in.popleft()
        if sum(count for _, count in self.let_in) + requests > self.rate.requests:
            self.banned_until = now + self.rate.ban_us
            return False
        self.let_in.append((now, requests))
        return True


class Rates:
    """Every system of a simulation that has a rate."""

    def __init__(self, rates: Mapping[str, ResolvedRate]) -> None:
        """`rates`: by the system's name."""
        self._counters = {name: _Counter(rate) for name, rate in rates.items()}

    def admits(self, system: str, requests: int, now: int) -> bool:
        """Whether a system answers so many requests at this instant; asked once for each try."""
        counter = self._counters.get(system)
        return counter is None or counter.admits(requests, now)
