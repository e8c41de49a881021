"""The stage: world, people and orchestrator put together on one kernel before time passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.engine.orchestrators import build_orchestrator
from sim.faults.plan import (
    BrokerOff,
    Crashes,
    DatabaseOff,
    DoubleCron,
    HostOff,
    SchedulerCrash,
    ShellClosed,
    SourceLate,
    SourceOutage,
    WarehouseRestart,
    WorkerFault,
    WorkerOff,
)
from sim.kernel.calendar import parse_instant
from sim.kernel.loop import WORLD_FIRST
from sim.model.facts import Entity, Fact
from sim.platform.alerts import Alerts
from sim.platform.attempts import TaskWorkshop
from sim.platform.contract import Platform, SchedulerOutage, SecondCron
from sim.platform.fates import WorkerFates
from sim.platform.heartbeats import Heartbeats
from sim.platform.readers import Readers
from sim.platform.site import Site
from sim.world.config import Outage
from sim.world.files import Files
from sim.world.outages import LateRows, Outages
from sim.world.resolved import resolve_outage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sim.engine.window import Span
    from sim.faults.plan import Fault
    from sim.kernel.loop import Kernel
    from sim.model.interventions import Intervention
    from sim.scenario.schema import Config, Scenario
    from sim.world.outages import Edge
    from sim.world.resolved import ResolvedOutage, ResolvedWorld
    from sim.world.warehouse import Warehouse


def set_stage(
    kernel: Kernel,
    *,
    span: Span,
    scenario: Scenario,
    config: Config,
    warehouse: Warehouse,
    faults: Sequence[Fault],
    interventions: Iterable[Intervention],
) -> None:
    """Build everything and schedule the first events."""
    world = scenario.resolved_world
    timezone = scenario.clock.timezone
    outages = Outages([*world.outages, *_outages(faults, timezone)], _late_rows(faults, timezone))
    site = Site(
        kernel,
        world=world,
        outages=outages,
        warehouse=warehouse,
        files=Files(),
        tasks=config.tasks,
        timezone=timezone,
        restarts=_spans(faults, WarehouseRestart, timezone),
    )
    workshop = TaskWorkshop(
        kernel, site, tasks=config.tasks, checks=config.checks, crashes=Crashes(faults)
    )
    alerts = Alerts(kernel, site, config.alerts)
    heartbeats = Heartbeats(
        kernel, alerts, config.heartbeats, tasks=config.tasks, timezone=timezone
    )
    site.ping = heartbeats.ping
    platform = Platform(
        kernel=kernel,
        workshop=workshop,
        announcer=alerts,
        timezone=timezone,
        end=span.end,
        host_outages=_spans(faults, HostOff, timezone),
        scheduler_outages=_scheduler_outages(faults, timezone),
        fates=_fates(faults, site),
        worker_outages=_worker_outages(faults, timezone),
        broker_outages=_spans(faults, BrokerOff, timezone),
        database_outages=_spans(faults, DatabaseOff, timezone),
        second_crons=_second_crons(faults, timezone),
        shells_closed=_shells_closed(faults, timezone),
        history=_history(world),
        ping=heartbeats.ping,
    )
    orchestrator = build_orchestrator(config, platform, outages=outages, sources=world.sources)
    alerts.operate = orchestrator.intervene
    _schedule_outages(kernel, outages, span)
    Readers(kernel, site).start(end=span.end)
    heartbeats.start()
    orchestrator.start()
    for action in interventions:
        kernel.at(action.at, orchestrator.intervene, action)


def _outages(faults: Sequence[Fault], timezone: str) -> list[ResolvedOutage]:
    return [
        resolve_outage(
            Outage(
                system=fault.system,
                start=fault.start,
                to=fault.end,
                mode=fault.mode,
                rows=fault.rows,
                factor=fault.factor,
            ),
            timezone,
        )
        for fault in faults
        if isinstance(fault, SourceOutage)
    ]


def _late_rows(faults: Sequence[Fault], timezone: str) -> list[LateRows]:
    return [
        LateRows(fault.source, fault.data_date, parse_instant(fault.until, timezone), fault.rows)
        for fault in faults
        if isinstance(fault, SourceLate)
    ]


def _second_crons(faults: Sequence[Fault], timezone: str) -> tuple[SecondCron, ...]:
    return tuple(
        SecondCron(
            parse_instant(fault.start, timezone),
            parse_instant(fault.end, timezone),
            same_host=fault.same_host,
        )
        for fault in faults
        if isinstance(fault, DoubleCron)
    )


def _shells_closed(faults: Sequence[Fault], timezone: str) -> tuple[int, ...]:
    closed = [one for one in faults if isinstance(one, ShellClosed)]
    return tuple(sorted(parse_instant(one.at, timezone) for one in closed))


def _history(world: ResolvedWorld) -> dict[str, str]:
    """By table: the first data date that was published before the clock started."""
    given = {name: table.history for name, table in world.tables.items()}
    return {name: history.start for name, history in given.items() if history is not None}


def _spans(
    faults: Sequence[Fault],
    kind: type[HostOff | BrokerOff | DatabaseOff | WarehouseRestart],
    timezone: str,
) -> tuple[tuple[int, int], ...]:
    spans = sorted(
        (parse_instant(fault.start, timezone), parse_instant(fault.end, timezone))
        for fault in faults
        if isinstance(fault, kind)
    )
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _scheduler_outages(faults: Sequence[Fault], timezone: str) -> tuple[SchedulerOutage, ...]:
    outages = [
        SchedulerOutage(
            at=parse_instant(fault.at, timezone),
            number=fault.scheduler,
            restart=None if fault.restart is None else parse_instant(fault.restart, timezone),
            workers_survive=fault.workers == "survive",
        )
        for fault in faults
        if isinstance(fault, SchedulerCrash)
    ]
    return tuple(sorted(outages, key=lambda outage: (outage.at, outage.number)))


def _fates(faults: Sequence[Fault], site: Site) -> WorkerFates | None:
    hits = [fault for fault in faults if isinstance(fault, WorkerFault)]
    return WorkerFates(hits, site) if hits else None


def _worker_outages(faults: Sequence[Fault], timezone: str) -> tuple[tuple[str, int, int], ...]:
    spans = [
        (fault.worker, parse_instant(fault.start, timezone), parse_instant(fault.end, timezone))
        for fault in faults
        if isinstance(fault, WorkerOff)
    ]
    return tuple(sorted(spans))


def _schedule_outages(kernel: Kernel, outages: Outages, span: Span) -> None:
    for edge in outages.edges(span.start, span.end):
        kernel.at(edge.at, _outage_fact, kernel, edge, priority=WORLD_FIRST)


def _outage_fact(kernel: Kernel, edge: Edge) -> None:
    system = kernel.journal.entity(Entity.SYSTEM, edge.system)
    kernel.fact(
        Fact.OUTAGE,
        system,
        int(edge.opens),
        mode=edge.mode,
        rows=edge.rows,
        factor=edge.factor,
    )
