"""A replay: one simulated window with what is needed to read its journal. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sim.kernel.calendar import at_time_of_day, date_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.faults.schedules import Ordeal
    from sim.kernel.journal import Journal
    from sim.world.config import Prices
    from sim.world.warehouse.facts import PartitionFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One window of nights under one seed, simulated."""

    window: str
    seed: int
    journal: Journal
    nights: tuple[date, ...]
    """In order. A night is named by the day it ends on and processes the day before."""
    timezone: str
    start: int
    end: int
    """The instant at which the last night's day is over; what comes later is the epilogue, in
    which an operator runs dates again."""
    truth: Mapping[str, Mapping[str, PartitionFacts]]
    """Table -> ISO data date -> what the partition should be."""
    stood: Mapping[str, Mapping[str, PartitionFacts]] = field(default_factory=dict)
    """Table -> ISO data date -> what a partition held when the clock started, as far as an
    objective asks for dates before the window."""
    holidays: frozenset[date]
    prices: Prices
    hidden: bool = False
    schedulers: int = 0
    """How many schedulers the config has paid for."""
    worker_slots: int = 0
    """How many slots on worker machines it has paid for."""
    rehearsals: tuple[Replay, ...] = ()
    """The same window under generated schedules of trouble, when an objective asks for them."""
    ordeals: tuple[Ordeal, ...] = ()
    """Of a rehearsal: what happened to each data date, besides the scenario's own faults."""
    schedule: int = 0
    """Of a rehearsal: its number, from 1."""

    def data_date(self, night: date) -> str:
        """The ISO data date that a night processes."""
        return (night - timedelta(days=1)).isoformat()

    def night_of(self, data_date: str) -> date:
        """The night that processes an ISO data date."""
        return date.fromisoformat(data_date) + timedelta(days=1)

    def at(self, night: date, offset_us: int) -> int:
        """The instant of a time of day, microseconds after midnight, on a night's day."""
        return at_time_of_day(night, offset_us, self.timezone)

    def day_of(self, instant: int) -> date:
        """The civil day of an instant."""
        return date_of(instant, self.timezone)
