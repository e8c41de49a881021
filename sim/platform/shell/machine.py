"""A machine on which shells run: what a job asks of it, and the processes that live on it.

Which daemon starts what, and when, is an orchestrator's matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sim.kernel.loop import Interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from sim.kernel.loop import Kernel
    from sim.kernel.slots import Slots
    from sim.model.work import Announcer, Workshop
    from sim.platform.shell.job import Job
    from sim.platform.shell.names import Names

HOST_OFF = "host_off"
"""Why processes end that go down with the machine."""


class Program(Protocol):
    """A program of a machine that is neither a task nor a script."""

    def __call__(
        self, job: Job, arguments: Sequence[str], variables: Mapping[str, str]
    ) -> Generator[Any, Any, tuple[int, str]]:
        """Run it for a job with the variables it inherits: exit status, and what it says."""


class Machine(Protocol):
    """What a job stands on."""

    kernel: Kernel
    workshop: Workshop
    announcer: Announcer
    timezone: str
    """Zone of its clock."""
    names: Names
    """What commands can name."""
    alerts: frozenset[str]
    """Names that `notify` can send."""
    programs: Mapping[str, Program]
    """Programs of its own daemons that commands can call."""
    ping: Callable[[str, int], bool]
    """Tells a heartbeat outside, by its name, that all is well, because of a journal row."""

    def lock(self, path: str) -> Slots:
        """The lock file at a path."""

    def interrupt(self, process: int, cause: object) -> None:
        """Interrupt a process by its number; nothing happens to one that is gone."""


@dataclass(slots=True)
class Processes:
    """The processes of a machine, by number. They end with it."""

    kernel: Kernel
    _alive: dict[int, Any] = field(default_factory=dict)
    _count: int = 0

    def spawn(self, steps: Callable[[int], Generator[Any, Any, None]]) -> int:
        """Begin a process, which is told its number; the number."""
        self._count += 1
        number = self._count
        self._alive[number] = self.kernel.process(self._mortal(number, steps(number)))
        return number

    def interrupt(self, number: int, cause: object) -> None:
        """Interrupt a process; nothing happens to one that is gone."""
        if number in self._alive:
            self._alive[number].interrupt(cause)

    def all_off(self) -> None:
        """The machine goes off, and every process with it."""
        for number in list(self._alive):
            self.interrupt(number, HOST_OFF)

    def _mortal(self, number: int, steps: Generator[Any, Any, None]) -> Generator[Any, Any, None]:
        """A process until it ends or the machine goes off."""
        try:
            yield from steps
        except Interrupt as stop:
            if stop.cause is not HOST_OFF:
                raise
        finally:
            self._alive.pop(number, None)
