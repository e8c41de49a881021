"""Start jobs: which units a start pulls in, in which order, and what becomes of those that wait.

Source: systemd 252, systemd.unit(5) and src/core/job.c. After= and Before= only order units that
are being started; Requires= without After= starts both at once. A unit whose required unit failed
while it waited is not started: its job ends as `dependency`, which triggers its OnFailure= too
(job_finish_and_invalidate). Invariant: a unit has at most one job, and never two activations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from sim.orchestrators.systemd.units import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.model.work import Attempt
    from sim.orchestrators.systemd.units import Unit

JobResult = Literal["done", "failed", "dependency"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants a start, and why."""

    run_type: str
    """`scheduled`, `triggered` (by another unit), `manual`."""
    due: int
    """Instant for which it was asked."""
    cause: int = -1
    """Journal row."""
    data_date: str | None = None
    """What an operator gave as the date."""
    about: Attempt | None = None
    """The try that an OnFailure= unit is about."""


@dataclass(slots=True, eq=False)
class StartJob:
    """A unit that is being started."""

    unit: Service
    asked: Asked
    run: int = -1
    """Journal entity of its run."""
    run_id: str = ""
    row: int = -1
    """Journal row of its run's latest state."""
    begun: bool = False
    on_end: list[Callable[[JobResult], None]] = field(default_factory=list)


class Activator(Protocol):
    """What starts a unit's processes."""

    def busy(self, name: str) -> bool:
        """Whether a unit is active or activating."""

    def active(self, name: str) -> bool:
        """Whether a unit's start is over and it still runs."""

    def opened(self, job: StartJob, *, waits_for: tuple[str, ...]) -> None:
        """A job is there, and waits for these units."""

    def activate(self, job: StartJob) -> None:
        """Start the unit now; `Jobs.finished` is told when its start is over."""

    def refused(self, job: StartJob, reason: str, missing: str) -> None:
        """The unit is not started, because of another one."""


@dataclass(slots=True)
class Jobs:
    """Every start job of a machine."""

    units: Mapping[str, Unit]
    activator: Activator
    pending: dict[str, StartJob] = field(default_factory=dict)
    """By unit, in the order in which they were asked for."""

    def start(
        self, name: str, asked: Asked, on_end: Callable[[JobResult], None] | None = None
    ) -> None:
        """Start a unit with what it pulls in; `on_end` hears once how its own start ended.

        A unit that is started already is left as it is.
        """
        new = []
        for one in self._pulled_in(name):
            unit = self.units.get(one)
            if isinstance(unit, Service) and one not in self.pending and not self._busy(one):
                new.append(StartJob(unit, asked))
                self.pending[one] = new[-1]
        anchor = self.pending.get(name)
        if on_end is not None:
            if anchor is None:
                on_end("done")
            else:
                anchor.on_end.append(on_end)
        for job in new:
            self.activator.opened(job, waits_for=tuple(self._before(job)))
        for job in new:
            self._try(job)

    def finished(self, job: StartJob, result: JobResult) -> None:
        """A unit's start is over: those that waited for it go on, or fail with it."""
        if self.pending.get(job.unit.name) is not job:
            return
        del self.pending[job.unit.name]
        for tell in job.on_end:
            tell(result)
        if result != "done":
            for other in list(self.pending.values()):
                needs = other.unit.names("Requires", "BindsTo", "Requisite")
                if not other.begun and job.unit.name in needs and self._after(other, job):
                    self._fail(other, job.unit.name)
        for other in list(self.pending.values()):
            self._try(other)

    def clear(self) -> None:
        """The machine is off."""
        self.pending.clear()

    def _busy(self, name: str) -> bool:
        return self.activator.busy(name)

    def _pulled_in(self, name: str) -> list[str]:
        """The unit and what it wants started with it, those it needs first."""
        found: list[str] = []

        def visit(one: str) -> None:
            if one in found:
                return
            found.append(one)
            unit = self.units.get(one)
            for other in () if unit is None else unit.names("Requires", "BindsTo", "Wants"):
                visit(other)

        visit(name)
        return list(reversed(found))

    def _after(self, job: StartJob, other: StartJob) -> bool:
        """Whether a job is ordered after another."""
        first, second = other.unit, job.unit
        return first.name in second.names("After") or second.name in first.names("Before")

    def _before(self, job: StartJob) -> list[str]:
        """The pending units that a job is ordered after."""
        return [
            name
            for name, other in self.pending.items()
            if other is not job and self._after(job, other)
        ]

    def _try(self, job: StartJob) -> None:
        if job.begun or self.pending.get(job.unit.name) is not job or self._before(job):
            return
        for name in job.unit.names("Requires", "BindsTo", "Requisite"):
            known = name in self.units
            if not known or (
                name in job.unit.names("Requisite") and not self.activator.active(name)
            ):
                self._fail(job, name)
                return
        job.begun = True
        self.activator.activate(job)

    def _fail(self, job: StartJob, missing: str) -> None:
        self.activator.refused(job, "dependency", missing)
        self.finished(job, "dependency")
