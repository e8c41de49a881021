"""What the platform gives an orchestrator, and what it asks of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sim.kernel.loop import Kernel
    from sim.model.interventions import Intervention
    from sim.model.work import Announcer, Workshop


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


class Orchestrator(Protocol):
    """Decides what runs when. Built with its own config section and a `Platform`."""

    def start(self) -> None:
        """Schedule the first events; called once, at the start of the clock."""

    def intervene(self, action: Intervention) -> None:
        """Carry out what an operator does, now.

        Actions that this system does not have do nothing but an INTERVENTION fact whose detail
        says `refused`.
        """
