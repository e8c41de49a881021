"""What the platform gives an orchestrator, and what it asks of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.kernel.loop import Kernel
    from sim.model.interventions import Intervention
    from sim.model.work import Announcer, Attempt, Workshop


@dataclass(frozen=True, slots=True)
class Fate:
    """What a fault does to the worker of one try."""

    kind: Literal["worker_lost", "worker_crash", "network_split"]
    """Gone without a trace; dead, which its executor sees; or alive, without its heartbeats."""
    after: int
    """From the start of the try, microseconds. A heartbeat at just that instant still arrives."""
    until: int | None = None
    """From the start of the try until heartbeats arrive again, microseconds; None: never."""


class Fates(Protocol):
    """Which tries a fault hits, by what they belong to."""

    def of(self, attempt: Attempt) -> Fate | None:
        """What becomes of the worker of a try."""

    def vanishes(self, attempt: Attempt) -> bool:
        """Whether the hand-over of a try to a worker is lost on the way; asked once each."""

    def delivered_again(self, attempt: Attempt) -> int | None:
        """How long after its first delivery a message is delivered again, microseconds."""


@dataclass(frozen=True, slots=True)
class SchedulerOutage:
    """A scheduler dies, and perhaps another one is started in its place."""

    at: int
    number: int
    """Which one, in order of start, from 0."""
    restart: int | None
    """When another one is started; None: never."""
    workers_survive: bool
    """Whether what its executor runs goes on without it."""


@dataclass(frozen=True, slots=True)
class SecondCron:
    """A span during which another cron daemon has the same crontab."""

    start: int
    end: int
    same_host: bool
    """Whether it sees the same lock files."""


def nobody_listens(name: str, cause: int) -> bool:  # noqa: ARG001 - what a ping is told
    """The pings of a world without heartbeats."""
    return False


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything an orchestrator stands on."""

    kernel: Kernel
    workshop: Workshop
    announcer: Announcer
    timezone: str
    """The world's zone, the default of every host."""
    end: int
    """The instant at which scheduling stops: no run is created at or after it."""
    host_outages: tuple[tuple[int, int], ...] = ()
    """Half-open spans during which the orchestrator's host is off."""
    scheduler_outages: tuple[SchedulerOutage, ...] = ()
    """Deaths of schedulers, for orchestrators that have any."""
    fates: Fates | None = None
    """What faults do to workers; None when there is no such fault."""
    worker_outages: tuple[tuple[str, int, int], ...] = ()
    """Names of workers (or triggerers) with hosts of their own, and when they are off."""
    broker_outages: tuple[tuple[int, int], ...] = ()
    """When the broker between scheduler and workers does not answer."""
    database_outages: tuple[tuple[int, int], ...] = ()
    """When the orchestrator's own database does not answer."""
    history: Mapping[str, str] = field(default_factory=dict)
    """By table: the first data date, ISO, that was published before the clock started."""
    shells_closed: tuple[int, ...] = ()
    """Instants at which every process ends that people started from a shell of their own."""
    second_crons: tuple[SecondCron, ...] = ()
    """When another daemon starts the same lines, for orchestrators that are one."""
    ping: Callable[[str, int], bool] = nobody_listens
    """Tells the heartbeat of that name that all is well, because of a journal row; False: there is
    none of that name."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What stands ready for an orchestrator, and is paid for whether it works or not."""

    schedulers: int = 0
    """Machines of schedulers, servers or daemons; 0: it is a part of its host."""
    worker_slots: int = 0
    """Tasks that its standing workers can run at once; those made when needed do not count."""
    executors: tuple[str, ...] = ()
    """How tasks reach a process, in the orchestrator's own words."""
    workers: tuple[str, ...] = ()
    """Names of the workers that have a machine of their own."""


class Orchestrator(Protocol):
    """Decides what runs when. Built with its own config section and a `Platform`."""

    def start(self) -> None:
        """Schedule the first events; called once, at the start of the clock."""

    def intervene(self, action: Intervention) -> None:
        """Carry out what an operator does, now.

        Actions that this system does not have do nothing but an INTERVENTION fact whose detail
        says `refused`.
        """
