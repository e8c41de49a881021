"""Connections: a system lets in only so many clients at a time, and each makes the others slower.

Who comes when all are taken waits in line and gives up after a while. A reader keeps what it got
until its try is over, however that ends. It decides nothing about tries: `attempts` asks.
Invariant: never more are held than the system has, and none outlives its try.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.kernel.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sim.kernel.loop import Kernel
    from sim.kernel.slots import Request
    from sim.world.resolved import ResolvedSystem


@dataclass(slots=True)
class _Door:
    """One system with a bound."""

    system: ResolvedSystem
    slots: Slots
    readers: int = 0


@dataclass(slots=True)
class Held:
    """The connections of one try."""

    door: _Door
    request: Request
    others: int
    """Readers that were reading when this one got in."""
    in_all: int
    """Connections of the system in use then, those of others outside and its own among them."""

    @property
    def slower_us(self) -> int:
        """How much longer reading takes for the others."""
        return self.others * self.door.system.slower_per_reader_us

    def release(self) -> None:
        """Hang up."""
        self.door.readers -= 1
        self.door.slots.release(self.request)


@dataclass(slots=True)
class Connections:
    """Every system of a simulation that has a bound."""

    kernel: Kernel
    systems: Mapping[str, ResolvedSystem]
    _doors: dict[str, _Door] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, system in self.systems.items():
            if system.connections is not None:
                slots = Slots(system.connections - system.held_by_others)
                self._doors[name] = _Door(system, slots)

    def bounds(self, system: str) -> bool:
        """Whether a system has a bound."""
        return system in self._doors

    def connect(self, system: str, wanted: int) -> Generator[Any, Any, Held | None]:
        """Wait for `wanted` connections of a bounded system; None when that took too long."""
        door, granted = self._doors[system], self.kernel.event()
        request = door.slots.request(partial(_open, granted), slots=wanted)
        came_in = False
        try:
            if not request.granted:
                yield granted | self.kernel.timeout(door.system.wait_us)
            came_in = request.granted
        finally:
            if not came_in:
                # too late, or killed: even in the instant in which its turn had come
                door.slots.release(request)
        if not came_in:
            return None
        others, door.readers = door.readers, door.readers + 1
        return Held(door, request, others, door.slots.held + door.system.held_by_others)


def _open(granted: Any) -> None:
    granted.succeed()
