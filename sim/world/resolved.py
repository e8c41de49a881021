"""The world with every span, instant and date as a number: what a simulation works with.

Made once from a `World` that `sim.scenario` found free of problems.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sim.kernel.calendar import parse_instant, parse_span
from sim.world.people import ResolvedPerson
from sim.world.sources import ResolvedSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.streams import Streams
    from sim.model.work import Attempt
    from sim.world.config import Outage, Prices, Rate, Returns, Service, System, Table, Work, World

CHECK_WORK = "check"
"""Key of `world.work` that says what evaluating a check inside a task costs."""


@dataclass(frozen=True, slots=True)
class ResolvedWork:
    """What a job does, resolved."""

    name: str
    reads: str | None
    median_us: int
    sigma: float
    returns: Returns | None
    connections: int = 1
    requests: int = 1

    def duration_us(self, streams: Streams, attempt: Attempt, day: date) -> int:
        """How long this attempt takes, microseconds, drawn by what the attempt is."""
        if not self.sigma:
            return self.median_us
        key = (attempt.pipeline, attempt.task, day.isoformat(), attempt.try_number)
        if attempt.map_index >= 0:
            return round(
                streams.lognormal(self.median_us, self.sigma, "duration", *key, attempt.map_index)
            )
        return round(streams.lognormal(self.median_us, self.sigma, "duration", *key))


@dataclass(frozen=True, slots=True)
class ResolvedRate:
    """How many requests a system answers in a span, resolved."""

    requests: int
    per_us: int
    ban_us: int


@dataclass(frozen=True, slots=True)
class ResolvedSystem:
    """A system's bounds, resolved."""

    connections: int | None
    held_by_others: int
    wait_us: int
    slower_per_reader_us: int
    rate: ResolvedRate | None = None


@dataclass(frozen=True, slots=True)
class ResolvedService:
    """Something outside that tasks call, resolved."""

    takes_us: int
    honours_keys: bool
    keeps_keys_us: int | None


@dataclass(frozen=True, slots=True)
class ResolvedOutage:
    """A span [start, end) during which a system does not answer in full."""

    system: str
    start: int
    end: int
    mode: str
    rows: int
    factor: float
    timeout_us: int


@dataclass(frozen=True, slots=True)
class ResolvedWorld:
    """Everything that exists, in numbers."""

    sources: Mapping[str, ResolvedSource]
    systems: Mapping[str, ResolvedSystem]
    services: Mapping[str, ResolvedService]
    work: Mapping[str, ResolvedWork]
    tables: Mapping[str, Table]
    people: Mapping[str, ResolvedPerson]
    outages: tuple[ResolvedOutage, ...]
    holidays: frozenset[date]
    check_us: int
    """What evaluating one check inside a task takes, microseconds."""
    prices: Prices
    digest: str
    """SHA-256 of the section, hexadecimal: the key under which its truth may be kept."""


def resolve(world: World, timezone: str) -> ResolvedWorld:
    """The world in numbers; civil times without an offset are meant in `timezone`.

    Raises `ValueError` for text that `sim.scenario` would have refused.
    """
    check = world.work.get(CHECK_WORK)
    return ResolvedWorld(
        sources={
            name: ResolvedSource.of(name, source, timezone)
            for name, source in world.sources.items()
        },
        systems={name: _system(system) for name, system in world.systems.items()},
        services={name: _service(service) for name, service in world.services.items()},
        work={name: _work(name, work) for name, work in world.work.items()},
        tables=world.tables,
        people={name: ResolvedPerson.of(name, who, timezone) for name, who in world.people.items()},
        outages=tuple(resolve_outage(outage, timezone) for outage in world.outages),
        holidays=frozenset(date.fromisoformat(day) for day in world.calendar.holidays),
        check_us=parse_span(check.duration) if check else 0,
        prices=world.prices,
        digest=sha256(msgspec.json.encode(world, order="sorted")).hexdigest(),
    )


def resolve_outage(outage: Outage, timezone: str) -> ResolvedOutage:
    """One outage in numbers."""
    return ResolvedOutage(
        system=outage.system,
        start=parse_instant(outage.start, timezone),
        end=parse_instant(outage.to, timezone),
        mode=outage.mode,
        rows=outage.rows,
        factor=outage.factor,
        timeout_us=parse_span(outage.timeout),
    )


def _work(name: str, work: Work) -> ResolvedWork:
    return ResolvedWork(
        name,
        work.reads,
        parse_span(work.duration),
        work.sigma,
        work.returns,
        work.connections,
        work.requests,
    )


def _system(system: System) -> ResolvedSystem:
    return ResolvedSystem(
        system.connections,
        system.held_by_others,
        parse_span(system.wait),
        parse_span(system.slower_per_reader),
        None if system.rate is None else _rate(system.rate),
    )


def _rate(rate: Rate) -> ResolvedRate:
    return ResolvedRate(rate.requests, parse_span(rate.per), parse_span(rate.ban))


def _service(service: Service) -> ResolvedService:
    kept = service.keeps_keys
    return ResolvedService(
        parse_span(service.takes),
        service.honours_keys,
        None if kept is None else parse_span(kept),
    )
