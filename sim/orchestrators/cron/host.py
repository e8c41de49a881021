"""The host: cron's daemon on one machine, its processes, its locks, and the operator at its shell.

Implements `sim.platform.contract.Orchestrator`. When lines start is `firing`'s decision, what they
do is `job`'s, what anacron does `anacron`'s; the host only joins them to the kernel. Nothing limits
how many jobs run at a time, nothing looks at how they end, and nothing but anacron's timestamps is
remembered while the machine is off (Debian cron).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_span, to_civil
from sim.kernel.cron_expression import parse_cron
from sim.kernel.loop import WORLD_FIRST
from sim.kernel.slots import Slots
from sim.model.facts import Entity, Fact
from sim.model.interventions import Backfill, Rerun, Trigger
from sim.model.states import RunState
from sim.orchestrators.cron.anacron import Anacron
from sim.orchestrators.cron.anacron_options import STARTED, read_options
from sim.orchestrators.cron.catalog import ANACRON, anacrontab_of
from sim.orchestrators.cron.firing import Firing, firings
from sim.platform.shell.descriptors import LOCK_SLOTS
from sim.platform.shell.job import Job
from sim.platform.shell.machine import Processes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from sim.kernel.cron_expression import CronExpression
    from sim.model.interventions import Intervention
    from sim.orchestrators.cron.catalog import AnacronLine, AnyLine, Catalog, Line
    from sim.orchestrators.cron.config import CronConfig
    from sim.platform.contract import Platform, SchedulerOutage
    from sim.platform.shell.machine import Program

_ANACRON_STARTS: Mapping[str, Sequence[str | None]] = {
    "hourly": ("1 * * * *",),
    "debian": (None, "30 7-23 * * *"),
    "by_hand": (),
}
"""When which package starts anacron, None at boot: cronie 1.7.2, contrib/0hourly; Debian's anacron
2.3-36, /etc/cron.d/anacron and /etc/init.d/anacron."""


class Host:
    """A machine with a crontab."""

    def __init__(self, config: CronConfig, platform: Platform, catalog: Catalog) -> None:
        self.config = config
        self.catalog = catalog
        self.names = catalog.names
        self.alerts = frozenset(catalog.alerts())
        """Names that `notify` can send."""
        self.kernel = platform.kernel
        self.workshop = platform.workshop
        self.announcer = platform.announcer
        self.ping = platform.ping
        self.timezone = config.timezone or platform.timezone
        self._platform = platform
        self._delay_us = parse_span(config.start_delay)
        self._firings: Iterator[Firing] = iter(())
        self._locks: dict[str, Slots] = {}
        self._processes = Processes(platform.kernel)
        self._run_counts: dict[str, int] = {}
        self._run_ids: dict[tuple[str, str], int] = {}
        self._off = False
        self._daemon_off = False
        self.programs: Mapping[str, Program] = {}
        self._anacron: Anacron | None = None
        self._anacron_starts: Iterator[Firing] = iter(())
        anacrontab = anacrontab_of(config)
        if anacrontab is not None:
            self._anacron = Anacron(anacrontab, catalog.jobs, self, host=config.host)
            self.programs = {ANACRON: self._anacron_by_hand}

    def start(self) -> None:
        """Schedule the first start of a line, and the outages of the host and of its daemon."""
        now = self.kernel.now
        for off, on in _joined(self._platform.host_outages):
            if on > now:
                self.kernel.at(max(off, now), self._switch_off, priority=WORLD_FIRST)
                self.kernel.at(on, self._switch_on, priority=WORLD_FIRST)
        for outage in self._platform.scheduler_outages:
            if outage.number == 0 and outage.at >= now:
                self.kernel.at(outage.at, self._daemon_dies, outage, priority=WORLD_FIRST)
        self._firings = self._firings_of([line.entry.schedule for line in self.catalog.lines])
        self._arm()
        starts = _ANACRON_STARTS[self.config.anacron_start] if self.catalog.jobs else ()
        self._anacron_starts = self._firings_of(
            [None if text is None else parse_cron(text, dialect="vixie") for text in starts]
        )
        self._arm_anacron()

    def intervene(self, action: Intervention) -> None:
        """Carry out what an operator does: cron only knows commands that are run by hand."""
        name = type(action).__name__.lower()
        if isinstance(action, Trigger):
            self._trigger(action)
            return
        if not isinstance(action, Rerun | Backfill):
            refused = f"cron has no {name}"
            self._intervention(action, action=name, refused=refused)
            return
        dates: dict[str, Any] = {}
        if isinstance(action, Rerun):
            dates = {"data_date": action.data_date}
        else:
            dates = {"first": action.first, "last": action.last, "reverse": action.reverse}
        if self._off:
            self._intervention(action, action=name, **dates, refused="the host is off")
            return
        row = self._intervention(action, action=name, **dates)
        if isinstance(action, Rerun):
            lines = self.catalog.everything
            self._processes.spawn(
                lambda process: self._by_hand(process, action.data_date, row, lines)
            )
        else:
            self._processes.spawn(lambda process: self._backfill(process, action, row))

    def _trigger(self, action: Trigger) -> None:
        """A line's command once more, from a shell: with the date that it is given, if any."""
        lines = [line for line in self.catalog.everything if line.pipeline == action.pipeline]
        detail = {"action": "trigger", "conf": dict(action.conf)}
        if self._off or not lines:
            refused = "the host is off" if self._off else f"no line is called {action.pipeline}"
            self._intervention(action, **detail, refused=refused)
            return
        row = self._intervention(action, **detail)
        day = action.conf.get("data_date")
        self._processes.spawn(lambda process: self._by_hand(process, day, row, lines))

    def lock(self, path: str) -> Slots:
        """The lock file at a path."""
        return self._locks.setdefault(path, Slots(LOCK_SLOTS))

    # -- the daemon -------------------------------------------------------------------------

    def _firings_of(self, schedules: Sequence[CronExpression | None]) -> Iterator[Firing]:
        return firings(
            schedules,
            timezone=self.timezone,
            start=self.kernel.now,
            end=self._platform.end,
            host_outages=self._platform.host_outages,
            follows_clock=self.config.daemon == "busybox",
        )

    def _arm(self) -> None:
        firing = next(self._firings, None)
        if firing is not None:
            self.kernel.at(firing.at + self._delay_us, self._fire, firing)

    def _fire(self, firing: Firing) -> None:
        if not self._off and not self._daemon_off:
            line = self.catalog.lines[firing.line]
            run_type = "reboot" if line.entry.schedule is None else "scheduled"
            self._processes.spawn(lambda process: self._under_cron(process, line, run_type))
            for second in self._platform.second_crons:
                if second.start <= firing.at < second.end:
                    self._again(line, run_type, elsewhere=not second.same_host)
        self._arm()

    def _daemon_dies(self, outage: SchedulerOutage) -> None:
        """What it started goes on (cron.service: KillMode=process), what it misses is lost.

        A restart is no boot: @reboot is not run again (Debian cron 3.0pl1, /run/crond.reboot).
        """
        self._daemon_off = True
        daemon = self.kernel.journal.entity(Entity.SCHEDULER, "cron")
        self.kernel.fact(Fact.SCHEDULER, daemon, 0, reason="scheduler_crash")
        if outage.restart is not None:
            self.kernel.at(outage.restart, self._daemon_restarts, priority=WORLD_FIRST)

    def _daemon_restarts(self) -> None:
        self._daemon_off = False
        daemon = self.kernel.journal.entity(Entity.SCHEDULER, "cron")
        self.kernel.fact(Fact.SCHEDULER, daemon, 1, reason="restarted")

    def _again(self, line: Line, run_type: str, *, elsewhere: bool) -> None:
        """Another daemon starts the line as well."""
        row = self.kernel.fact(Fact.FAULT, self._entity(), fault="double_cron", elsewhere=elsewhere)
        self._processes.spawn(
            lambda process: self._under_cron(process, line, run_type, row, elsewhere=elsewhere)
        )

    def _under_cron(
        self, process: int, line: Line, run_type: str, cause: int = -1, *, elsewhere: bool = False
    ) -> Generator[Any, Any, None]:
        job = self._new_job(process, line, self._minute_text(), run_type, cause)
        job.elsewhere = elsewhere
        yield from job.execute(line.entry.command, line.entry.environment)
        self._mail(job, mailed=line.entry.mailed)

    def _mail(self, job: Job, *, mailed: bool) -> None:
        """Mail what a job said and nobody redirected."""
        mail_to = self.config.mail_to_alert
        if job.output and mailed and mail_to is not None:
            self.announcer.send(mail_to, job.about(), cause=job.row)

    def _backfill(self, process: int, action: Backfill, row: int) -> Generator[Any, Any, None]:
        """A loop in a shell over the dates: one after the other, whatever became of the last."""
        first, last = date.fromisoformat(action.first), date.fromisoformat(action.last)
        days = [first + timedelta(days=on) for on in range((last - first).days + 1)]
        for day in reversed(days) if action.reverse else days:
            yield from self._by_hand(process, day.isoformat(), row, self.catalog.everything)

    def _by_hand(
        self, process: int, data_date: str | None, row: int, lines: Iterable[AnyLine]
    ) -> Generator[Any, Any, None]:
        """The command of each line, the crontab's before anacron's, one after the other."""
        for line in lines:
            run_id = f"manual__{self._minute_text()}"
            job = self._new_job(process, line, run_id, "manual", row)
            job.data_date = data_date
            yield from job.execute(line.entry.command, line.entry.environment)

    def _new_job(
        self,
        process: int,
        line: AnyLine,
        run_id: str,
        run_type: str,
        cause: int,
        **detail: Any,
    ) -> Job:
        journal, pipeline = self.kernel.journal, line.pipeline
        again = self._run_ids[pipeline, run_id] = self._run_ids.get((pipeline, run_id), 0) + 1
        if again > 1:
            run_id = f"{run_id}.{again}"
        number = self._run_counts.get(pipeline, 0)
        self._run_counts[pipeline] = number + 1
        parent = journal.entity(Entity.PIPELINE, pipeline)
        run = journal.entity(Entity.RUN, run_id, parent, number)
        row = self.kernel.fact(
            Fact.RUN_STATE,
            run,
            RunState.RUNNING,
            cause,
            run_type=run_type,
            logical_date=None,
            data_interval_start=None,
            data_interval_end=None,
            run_after=self.kernel.now,
            **detail,
        )
        return Job(host=self, process=process, pipeline=pipeline, run_id=run_id, run=run, row=row)

    def _minute_text(self) -> str:
        return to_civil(self.kernel.now, self.timezone).strftime("%Y-%m-%dT%H:%M")

    # -- anacron ----------------------------------------------------------------------------

    def _arm_anacron(self) -> None:
        """Wait for the next start at which a job may be due; those before it would do nothing."""
        anacron = self._anacron
        if anacron is None or not self.catalog.jobs:
            return
        idle_until = anacron.idle_until()
        for firing in self._anacron_starts:
            at = firing.at + self._delay_us
            if at >= idle_until and anacron.wakes(at, STARTED):
                self.kernel.at(at, self._start_anacron, anacron, firing)
                return

    def _start_anacron(self, anacron: Anacron, firing: Firing) -> None:
        """Start it, as the package does: at boot it needs no cron."""
        package = self.config.anacron_start
        cronless = _ANACRON_STARTS[package][firing.line] is None
        done_today = package == "hourly" and anacron.daily_has_run()
        if not (self._off or (self._daemon_off and not cronless) or done_today):
            self._processes.spawn(lambda _: anacron.run(STARTED))
        self._arm_anacron()

    def _anacron_by_hand(
        self, job: Job, arguments: Sequence[str], variables: Mapping[str, str]
    ) -> Generator[Any, Any, tuple[int, str]]:
        assert self._anacron is not None
        return self._anacron.command(job, read_options(arguments), variables)

    def spawn(self, steps: Callable[[int], Generator[Any, Any, None]]) -> int:
        """Begin a process, which is told its number."""
        return self._processes.spawn(steps)

    def run_anacron_job(
        self,
        process: int,
        line: AnacronLine,
        variables: Mapping[str, str],
        *,
        last_run: date,
        cause: int,
        elsewhere: bool,
        mailed: bool,
    ) -> Generator[Any, Any, None]:
        """The command of a job to its end, and the mail of its output if it is `mailed`."""
        run_id = self._minute_text()
        job = self._new_job(
            process, line, run_id, "scheduled", cause, last_run=last_run.isoformat()
        )
        job.elsewhere = elsewhere
        yield from job.execute(line.entry.command, variables)
        self._mail(job, mailed=mailed)

    # -- processes and the machine ----------------------------------------------------------

    def interrupt(self, process: int, cause: object) -> None:
        """Interrupt a process by its number; nothing happens to one that is gone."""
        self._processes.interrupt(process, cause)

    def _switch_off(self) -> None:
        self._off = True
        self.kernel.fact(Fact.HOST, self._entity(), 0)
        self._processes.all_off()

    def _switch_on(self) -> None:
        self._off = False
        self._locks.clear()
        self.kernel.fact(Fact.HOST, self._entity(), 1)

    def _entity(self) -> int:
        return self.kernel.journal.entity(Entity.HOST, self.config.host)

    def _intervention(self, operation: Intervention, **detail: Any) -> int:
        world = self.kernel.journal.entity(Entity.WORLD, "world")
        return self.kernel.fact(Fact.INTERVENTION, world, by=operation.by, **detail)


def _joined(outages: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch or overlap as one: a host is off once."""
    joined: list[tuple[int, int]] = []
    for off, on in sorted(outages):
        if joined and off <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(on, joined[-1][1]))
        else:
            joined.append((off, on))
    return joined
