"""anacron on one host: which jobs a start of it takes on, how it runs them, what it remembers.

A start decides at once which jobs are due and locks them; then it waits for each one's delay. What
starts it is the host's matter. Source: cronie 1.7.2, anacron/main.c, lock.c, runjob.c. Invariant: a
timestamp is the day on which the anacron started whose run of the job came to its end, and nothing
else writes one but `anacron -u`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sim.kernel.calendar import DAY, MINUTE, start_of_day, to_civil
from sim.orchestrators.cron.anacron_dates import next_due
from sim.orchestrators.cron.anacron_start import taken_on
from sim.orchestrators.cron.anacrontab import COMPLAINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from datetime import date

    from sim.kernel.loop import Kernel
    from sim.orchestrators.cron.anacron_options import Options
    from sim.orchestrators.cron.anacron_start import Taken
    from sim.orchestrators.cron.anacrontab import AnacronJob, Anacrontab
    from sim.orchestrators.cron.catalog import AnacronLine
    from sim.platform.shell.job import Job

    Steps = Generator[Any, Any, None]

DAILY = "cron.daily"
"""The job whose timestamp cronie's hourly script looks at (contrib/0anacron)."""
_LONG = timedelta(days=6 * 366)
"""Longer than any run of the clock."""


class Ground(Protocol):
    """The host on which anacron runs."""

    kernel: Kernel
    timezone: str

    def spawn(self, steps: Callable[[int], Steps]) -> int:
        """Begin a process, which is told its number."""

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
    ) -> Steps:
        """The command of a job to its end, and the mail of its output if it is `mailed`."""


@dataclass(slots=True)
class Spool:
    """The timestamps of one host, and who holds which of them locked, by identifier."""

    elsewhere: bool
    timestamps: dict[str, date]
    locks: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Start:
    """One anacron that was started."""

    number: int
    at: int
    spool: Spool
    cause: int
    """Journal row of what started it; -1: a daemon."""


class Anacron:
    """anacron with its spool."""

    def __init__(
        self, tab: Anacrontab, lines: Sequence[AnacronLine], ground: Ground, *, host: str
    ) -> None:
        self._tab = tab
        self._lines = lines
        self._ground = ground
        self._host = host
        self._starts = 0
        today = self._day(ground.kernel.now)
        before = dict.fromkeys((line.entry.identifier for line in lines), today - timedelta(days=1))
        self._spool = Spool(elsewhere=False, timestamps=before)
        self._spool_elsewhere: Spool | None = None

    # -- when it is worth while to start it ---------------------------------------------------

    def idle_until(self) -> int:
        """An instant before which no job is due."""
        now, zone = self._ground.kernel.now, self._ground.timezone
        today, timestamps = self._day(now), self._spool.timestamps
        first = min(
            next_due(line.entry.period, timestamps[line.entry.identifier], today)
            for line in self._lines
        )
        return start_of_day(min(first, today + _LONG), zone) if first > today else now

    def wakes(self, instant: int, options: Options) -> bool:
        """Whether a start then finds a job to take on, unless another one has it locked."""
        return bool(self._taken_on(self._spool, instant, options))

    def daily_has_run(self) -> bool:
        """Whether the job `cron.daily` has the timestamp of today."""
        return self._spool.timestamps.get(DAILY) == self._day(self._ground.kernel.now)

    # -- running ------------------------------------------------------------------------------

    def run(
        self,
        options: Options,
        *,
        variables: Mapping[str, str] | None = None,
        cause: int = -1,
        elsewhere: bool = False,
    ) -> Steps:
        """One anacron, from its start to the end of the last of its jobs."""
        self._starts += 1
        spool = self._spool_of(elsewhere=elsewhere)
        start = _Start(self._starts, self._ground.kernel.now, spool, cause)
        jobs = [
            (self._lines[one.number], start.at + one.delay * MINUTE)
            for one in self._taken_on(spool, start.at, options)
            if self._lines[one.number].entry.identifier not in spool.locks
        ]
        spool.locks |= {line.entry.identifier: start.number for line, _ in jobs}
        environment = dict(variables or {})
        running: list[Any] = []
        try:
            for line, planned in jobs:
                if not options.now:
                    yield from self._wait(planned)
                if options.serialize:
                    yield from _all(running)
                # it sets the variables in itself: jobs that it begins later have them too
                environment |= line.entry.environment
                running.append(self._launch(line, start, dict(environment)))
            yield from _all(running)
        finally:
            # its locks end with it; what it began goes on, and nobody dates its timestamp
            for identifier in [name for name, by in spool.locks.items() if by == start.number]:
                del spool.locks[identifier]

    def command(
        self, job: Job, options: Options, variables: Mapping[str, str]
    ) -> Generator[Any, Any, tuple[int, str]]:
        """`anacron` in a shell: exit status, and what it says on its error stream."""
        if options.problem:
            return 1, f"anacron: {options.problem}"
        if options.test_only:
            complaints = [one.message for one in self._tab.problems if one.code in COMPLAINTS]
            return int(bool(complaints)), "\n".join(complaints)
        if options.update_only:
            self._update(options, self._spool_of(elsewhere=job.elsewhere))
            return 0, ""
        said = f"anacron started on {self._day(self._ground.kernel.now)}"
        steps = self.run(options, variables=variables, cause=job.row, elsewhere=job.elsewhere)
        if options.foreground:
            yield from steps
            return 0, "" if options.quiet else said
        self._ground.spawn(lambda _: steps)
        return 0, ""

    def _update(self, options: Options, spool: Spool) -> None:
        """Date the timestamps of the jobs that are meant to today, locked or not."""
        today = self._day(self._ground.kernel.now)
        for line in self._lines:
            if options.argument(line.entry.identifier) is not None:
                spool.timestamps[line.entry.identifier] = today

    def _launch(self, line: AnacronLine, start: _Start, variables: Mapping[str, str]) -> Any:
        """Begin a job; the event of its end."""
        ended = self._ground.kernel.event()
        self._ground.spawn(lambda process: self._job(process, line, start, variables, ended))
        return ended

    def _job(
        self,
        process: int,
        line: AnacronLine,
        start: _Start,
        variables: Mapping[str, str],
        ended: Any,
    ) -> Steps:
        """A job to its end: its timestamp is dated to the day on which this anacron started."""
        spool, identifier = start.spool, line.entry.identifier
        yield from self._ground.run_anacron_job(
            process,
            line,
            variables,
            last_run=spool.timestamps[identifier],
            cause=start.cause,
            elsewhere=spool.elsewhere,
            mailed=self._mailed(variables),
        )
        if spool.locks.get(identifier) == start.number:
            spool.timestamps[identifier] = self._day(start.at)
            del spool.locks[identifier]
        ended.succeed()

    def _mailed(self, variables: Mapping[str, str]) -> bool:
        """Whether anybody gets a job's output; an address of nothing but quotes is nobody's."""
        wanted = self._tab.dialect == "debian" or not variables.get("NO_MAIL_OUTPUT")
        return wanted and variables.get("MAILTO", "root").strip("\"'") != ""

    def _wait(self, planned: int) -> Steps:
        """Until a job's delay has passed. cronie takes more than a day for a clock that was set."""
        left = planned - self._ground.kernel.now
        if 0 < left <= DAY or (left > DAY and self._tab.dialect == "debian"):
            yield self._ground.kernel.timeout(left)

    # -- deciding -----------------------------------------------------------------------------

    def _taken_on(self, spool: Spool, instant: int, options: Options) -> list[Taken]:
        return taken_on(
            self._tab,
            spool.timestamps,
            options,
            at=instant,
            timezone=self._ground.timezone,
            drawn=lambda job: self._drawn(job, spool, instant),
        )

    def _drawn(self, job: AnacronJob, spool: Spool, instant: int) -> int:
        """The random minutes of one start; jobs below the same RANDOM_DELAY have the same."""
        if not job.random_delay:
            return 0
        key = self._host, int(spool.elsewhere), instant, job.drawn_at
        uniform = self._ground.kernel.streams.uniform("anacron_random_delay", *key)
        return int(uniform * (job.random_delay + 1))

    def _day(self, instant: int) -> date:
        return to_civil(instant, self._ground.timezone).date()

    def _spool_of(self, *, elsewhere: bool) -> Spool:
        """The spool of a host; a second one begins with a copy of the first one's timestamps."""
        if not elsewhere:
            return self._spool
        if self._spool_elsewhere is None:
            self._spool_elsewhere = Spool(elsewhere=True, timestamps=dict(self._spool.timestamps))
        return self._spool_elsewhere


def _all(events: list[Any]) -> Steps:
    """Until all have happened; none is left then."""
    while events:
        yield events.pop(0)
