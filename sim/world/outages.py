"""Outages: how a system answers at an instant. Spans are half open, [start, end).

When several overlap, the one that opened last counts, since that is what a client meets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sim.world.resolved import ResolvedOutage

LAGGING = frozenset({"empty", "partial"})
"""Modes in which a replica is behind: it has not the rows of its primary yet."""


@dataclass(frozen=True, slots=True)
class OutageNow:
    """How a system answers."""

    mode: str
    """`ok`, or the mode of the outage."""
    rows: int
    factor: float
    timeout_us: int


@dataclass(frozen=True, slots=True)
class Probe:
    """What a question about readiness learns."""

    lag_us: int
    """How far the system is behind: 0 when well, else the time since the outage opened."""
    rows: int
    """Rows it would give for the day asked about."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An outage opens or closes."""

    at: int
    system: str
    opens: bool
    mode: str
    rows: int
    factor: float


@dataclass(frozen=True, slots=True)
class LateRows:
    """Rows of one business day of a source that come late."""

    source: str
    data_date: str
    until: int
    """Instant from which all of them are there."""
    rows: int
    """How many are there before."""


WELL = OutageNow("ok", 0, 1.0, 0)


class Outages:
    """Every outage of one simulation."""

    def __init__(self, outages: Iterable[ResolvedOutage], late: Iterable[LateRows] = ()) -> None:
        self._outages = tuple(
            sorted(outages, key=lambda outage: (outage.start, outage.end, outage.system))
        )
        self._late: dict[tuple[str, str], list[LateRows]] = {}
        for one in late:
            self._late.setdefault((one.source, one.data_date), []).append(one)

    def late_rows(self, source: str, day: date, instant: int) -> int | None:
        """How many of a day's rows are there, when others are late; None when none is late."""
        if not self._late:
            return None
        late = self._late.get((source, day.isoformat()), ())
        return min((one.rows for one in late if instant < one.until), default=None)

    def mode_at(self, system: str, instant: int) -> OutageNow:
        """How `system` answers at `instant`."""
        outage = self._current(system, instant)
        if outage is None:
            return WELL
        factor = outage.factor if outage.mode == "slow" else 1.0
        return OutageNow(outage.mode, outage.rows, factor, outage.timeout_us)

    def probe(self, system: str, instant: int, *, true_rows: int) -> Probe:
        """What a readiness question learns about a day with `true_rows` rows.

        A system that refuses or times out cannot be asked: it counts as behind and without rows.
        """
        outage = self._current(system, instant)
        if outage is None or outage.mode == "slow":
            return Probe(0, true_rows)
        rows = min(outage.rows, true_rows) if outage.mode == "partial" else 0
        return Probe(instant - outage.start, rows)

    def touched(self, system: str, start: int, end: int) -> bool:
        """Whether any outage of `system` overlaps [start, end]."""
        return any(
            outage.system == system and outage.start <= end and outage.end > start
            for outage in self._outages
        )

    def edges(self, start: int, end: int) -> list[Edge]:
        """Every opening and closing in [start, end), in order.

        An outage that is already open at the start opens then.
        """
        edges = []
        for outage in self._outages:
            if outage.end <= start or outage.start >= end:
                continue
            what = (outage.mode, outage.rows, outage.factor)
            edges.append(Edge(max(outage.start, start), outage.system, True, *what))  # noqa: FBT003
            if outage.end < end:
                edges.append(Edge(outage.end, outage.system, False, *what))  # noqa: FBT003
        return sorted(edges, key=lambda edge: (edge.at, edge.system, edge.opens))

    def _current(self, system: str, instant: int) -> ResolvedOutage | None:
        current = None
        for outage in self._outages:
            if outage.system == system and outage.start <= instant < outage.end:
                current = outage
        return current
