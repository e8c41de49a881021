"""A machine with systemd: its timers, its services, and the operator at its shell.

Implements `sim.platform.contract.Orchestrator` and what jobs and timers ask of a machine. When
timers elapse is `timers`' decision, in which order units start is `jobs`', how a service runs
`activation`'s.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import to_civil
from sim.kernel.loop import WORLD_FIRST
from sim.kernel.slots import Slots
from sim.model.facts import Entity, Fact
from sim.model.interventions import Backfill, Pause, Rerun, Trigger
from sim.model.states import RunState
from sim.orchestrators.systemd.activation import Activation, pipeline_of
from sim.orchestrators.systemd.jobs import Asked, Jobs
from sim.orchestrators.systemd.restarts import StartLimit
from sim.orchestrators.systemd.timers import Timers
from sim.orchestrators.systemd.units import Service, Timer
from sim.platform.shell.descriptors import LOCK_SLOTS
from sim.platform.shell.machine import Processes

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sim.model.interventions import Intervention
    from sim.orchestrators.systemd.config import SystemdConfig
    from sim.orchestrators.systemd.jobs import JobResult, StartJob
    from sim.orchestrators.systemd.units import Unit
    from sim.platform.contract import Platform
    from sim.platform.shell.job import Job
    from sim.platform.shell.machine import Program
    from sim.platform.shell.names import Names


class Host:
    """One machine."""

    def __init__(
        self,
        config: SystemdConfig,
        platform: Platform,
        units: Mapping[str, Unit],
        names: Names,
    ) -> None:
        self.config = config
        self.names = names
        self.units = units
        commands = [
            command.text
            for unit in units.values()
            if isinstance(unit, Service)
            for command in (*unit.before_main, *unit.main, *unit.after_main)
        ]
        self.alerts = frozenset(names.alerts_in(commands))
        self.kernel = platform.kernel
        self.workshop = platform.workshop
        self.announcer = platform.announcer
        self.ping = platform.ping
        self.programs: Mapping[str, Program] = {}
        self.timezone = config.timezone or platform.timezone
        self._platform = platform
        self._locks: dict[str, Slots] = {}
        self._processes = Processes(platform.kernel)
        self._jobs = Jobs(units, self)
        self._timers = Timers(platform.kernel, units, self, host=config.host, end=platform.end)
        self._running: dict[str, bool] = {}
        """Units that run, and whether their start is over."""
        self._limits: dict[str, StartLimit] = {}
        self._counts: dict[str, int] = {}
        self._run_ids: dict[tuple[str, str], int] = {}
        self._off_since: int | None = None

    def start(self) -> None:
        """Schedule the machine's outages and the first elapses."""
        now = self.kernel.now
        for off, on in self._platform.host_outages:
            if on > now:
                self.kernel.at(max(off, now), self._switch_off, priority=WORLD_FIRST)
                self.kernel.at(on, self._switch_on, priority=WORLD_FIRST)
        self._timers.start()

    def intervene(self, action: Intervention) -> None:
        """Carry out what an operator does with systemctl, or by hand."""
        name = type(action).__name__.lower()
        detail: dict[str, Any] = {"action": name, "by": action.by}
        if isinstance(action, Rerun):
            detail["data_date"] = action.data_date
        elif isinstance(action, Backfill):
            detail |= {"first": action.first, "last": action.last, "reverse": action.reverse}
        elif isinstance(action, Trigger):
            detail["pipeline"] = action.pipeline
        elif isinstance(action, Pause):
            detail |= {"pipeline": action.pipeline, "paused": action.paused}
        refused = self._refusal(action, name)
        if refused:
            detail["refused"] = refused
        world = self.kernel.journal.entity(Entity.WORLD, "world")
        row = self.kernel.fact(Fact.INTERVENTION, world, **detail)
        if refused:
            return
        if isinstance(action, Pause):
            self._timers.enable(f"{action.pipeline}.service", on=not action.paused)
            pipeline = self.kernel.journal.entity(Entity.PIPELINE, action.pipeline)
            self.kernel.fact(Fact.PAUSED, pipeline, int(action.paused), row)
        elif isinstance(action, Trigger):
            asked = Asked("manual", self.kernel.now, row)
            self._jobs.start(f"{action.pipeline}.service", asked)
        else:
            self._by_hand(_dates(action), row)

    def _refusal(self, action: Intervention, name: str) -> str:
        if not isinstance(action, Rerun | Backfill | Trigger | Pause):
            return f"systemd has no {name}"
        if self._off_since is not None:
            return "the host is off"
        if isinstance(action, Pause) and action.data_date is not None:
            return "one run cannot be paused"
        if isinstance(action, Trigger | Pause) and f"{action.pipeline}.service" not in self.units:
            return f"there is no unit {action.pipeline}.service"
        return ""

    def _by_hand(self, dates: list[str], row: int) -> None:
        """For each date every timer's unit, in the order of the files, one after the other."""
        units = [unit.unit for unit in self.units.values() if isinstance(unit, Timer)]
        ahead = [(one, day) for day in dates for one in dict.fromkeys(units)]

        def following(_: JobResult = "done") -> None:
            if ahead:
                unit, day = ahead.pop(0)
                self._jobs.start(unit, Asked("manual", self.kernel.now, row, day), following)

        following()

    # -- what timers and jobs ask -----------------------------------------------------------

    def idle(self, unit: str) -> bool:
        """Whether a unit is neither started nor being started."""
        return unit not in self._running and unit not in self._jobs.pending

    def busy(self, name: str) -> bool:
        """Whether a unit is active or activating."""
        return name in self._running

    def active(self, name: str) -> bool:
        """Whether a unit's start is over and it still runs."""
        return self._running.get(name, False)

    def elapsed(self, timer: Timer, due: int, row: int) -> None:
        """Start a timer's unit."""
        self._jobs.start(timer.unit, Asked("scheduled", due, row))

    def opened(self, job: StartJob, *, waits_for: tuple[str, ...]) -> None:
        """A run for a job; queued while it waits for other units."""
        journal, pipeline = self.kernel.journal, pipeline_of(job.unit.name)
        manual = "manual__" if job.asked.run_type == "manual" else ""
        minute = to_civil(self.kernel.now, self.timezone).strftime("%Y-%m-%dT%H:%M:%S")
        run_id = f"{manual}{minute}"
        again = self._run_ids[pipeline, run_id] = self._run_ids.get((pipeline, run_id), 0) + 1
        job.run_id = run_id if again == 1 else f"{run_id}.{again}"
        number = self._counts[pipeline] = self._counts.get(pipeline, -1) + 1
        parent = journal.entity(Entity.PIPELINE, pipeline)
        job.run = journal.entity(Entity.RUN, job.run_id, parent, number)
        waiting = {"waits_for": [pipeline_of(name) for name in waits_for]} if waits_for else {}
        job.row = self.kernel.fact(
            Fact.RUN_STATE,
            job.run,
            RunState.QUEUED if waits_for else RunState.RUNNING,
            job.asked.cause,
            run_type=job.asked.run_type,
            logical_date=None,
            data_interval_start=None,
            data_interval_end=None,
            run_after=job.asked.due,
            **({"state": "waiting"} if waits_for else {}),
            **waiting,
        )
        job.begun = False

    def activate(self, job: StartJob) -> None:
        """Start the unit's processes, unless it was started too often lately."""
        unit = job.unit
        if self.kernel.journal[job.row].value == RunState.QUEUED:
            job.row = self.kernel.fact(Fact.RUN_STATE, job.run, RunState.RUNNING, job.row)
        limit = self._limits.setdefault(unit.name, StartLimit())
        if not limit.admits(unit, self.kernel.now):
            self.refused(job, "start-limit-hit", unit.name)
            self._jobs.finished(job, "failed")
            return
        self._running[unit.name] = False
        self._timers.unit_started(unit.name)
        self._processes.spawn(lambda process: self._run(process, job, limit))

    def refused(self, job: StartJob, reason: str, missing: str) -> None:
        """The unit is not started; OnFailure= is for this, too."""
        job.row = self.kernel.fact(
            Fact.RUN_STATE, job.run, RunState.FAILED, job.row, reason=reason, unit=missing
        )
        self._trigger(job.unit, "OnFailure", job.row, None)

    def _run(self, process: int, job: StartJob, limit: StartLimit) -> Generator[Any, Any, None]:
        def started() -> None:
            self._running[job.unit.name] = True
            self._jobs.finished(job, "done")

        activation = Activation(self, job, process, limit, started)
        well, ran = yield from activation.perform()
        del self._running[job.unit.name]
        self._timers.unit_ended(job.unit.name)
        self._jobs.finished(job, "done" if well else "failed")
        self._trigger(job.unit, "OnSuccess" if well else "OnFailure", ran.row, ran)

    def _trigger(self, unit: Service, directive: str, row: int, ran: Job | None) -> None:
        """Start the units that wait for how this one ended."""
        for name in unit.names(directive):
            about = None if ran is None else ran.about()
            self._jobs.start(name, Asked("triggered", self.kernel.now, row, about=about))

    # -- the machine ------------------------------------------------------------------------

    def lock(self, path: str) -> Slots:
        """The lock file at a path."""
        return self._locks.setdefault(path, Slots(LOCK_SLOTS))

    def interrupt(self, process: int, cause: object) -> None:
        """Interrupt a process by its number; nothing happens to one that is gone."""
        self._processes.interrupt(process, cause)

    def _switch_off(self) -> None:
        self._off_since = self.kernel.now
        self.kernel.fact(Fact.HOST, self._entity(), 0)
        self._processes.all_off()
        for job in self._jobs.pending.values():
            if not job.begun:
                self.kernel.fact(
                    Fact.RUN_STATE, job.run, RunState.FAILED, job.row, reason="host_off"
                )
        self._timers.off()
        self._jobs.clear()
        self._running.clear()
        self._limits.clear()

    def _switch_on(self) -> None:
        assert self._off_since is not None
        off_since, self._off_since = self._off_since, None
        self._locks.clear()
        self.kernel.fact(Fact.HOST, self._entity(), 1)
        self._timers.on(off_since)

    def _entity(self) -> int:
        return self.kernel.journal.entity(Entity.HOST, self.config.host)


def _dates(action: Intervention) -> list[str]:
    """The data dates that an operator runs by hand, in order."""
    if isinstance(action, Rerun):
        return [action.data_date]
    assert isinstance(action, Backfill)
    first, last = date.fromisoformat(action.first), date.fromisoformat(action.last)
    days = [(first + timedelta(days=on)).isoformat() for on in range((last - first).days + 1)]
    return days[::-1] if action.reverse else days
