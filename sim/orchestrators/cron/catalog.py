"""What a cron config defines: its entries with names, its scripts and its tasks, read once.

Pure look-ups over text, used when running, when validating and when drawing. A crontab or an
anacrontab with problems still has the entries that can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.orchestrators.cron.anacrontab import AnacronJob, Anacrontab, Dialect, parse_anacrontab
from sim.orchestrators.cron.crontab import Entry, parse_crontab
from sim.platform.shell.names import Names, calls_in

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.orchestrators.cron.config import CronConfig


ANACRON = "anacron"
"""The command that a host with an anacrontab has."""


@dataclass(frozen=True, slots=True)
class Line:
    """One crontab line with the name it goes by."""

    pipeline: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class AnacronLine:
    """One job of the anacrontab with the name it goes by."""

    pipeline: str
    entry: AnacronJob


AnyLine = Line | AnacronLine


@dataclass(frozen=True, slots=True)
class Catalog:
    """Names of one config."""

    lines: tuple[Line, ...]
    """Of the crontab."""
    jobs: tuple[AnacronLine, ...]
    """Of the anacrontab."""
    names: Names

    @property
    def everything(self) -> tuple[AnyLine, ...]:
        """All that can be started: the crontab from above to below, then the anacrontab."""
        return (*self.lines, *self.jobs)

    def alerts(self) -> list[str]:
        """The alerts that texts name after `notify`."""
        return self.names.alerts_in(line.entry.command for line in self.everything)

    def tasks_of(self, entry: Entry | AnacronJob) -> list[str]:
        """The tasks that a line can run, in the order of the text, each once."""
        return self.names.tasks_in(entry.command)


def catalog_of(config: CronConfig, tasks: Collection[str]) -> Catalog:
    """The names of a config.

    A job of anacron is called by its identifier, a line of the crontab after its first task or
    script. A name that is taken gets a number.
    """
    anacrontab = anacrontab_of(config)
    names = Names(config.scripts, tasks, () if anacrontab is None else (ANACRON,))
    taken: dict[str, int] = {}
    jobs = tuple(
        AnacronLine(_unique(job.identifier, taken), job)
        for job in (() if anacrontab is None else anacrontab.jobs)
    )
    entries = parse_crontab(config.crontab).entries
    lines = tuple(Line(_unique(_name(names, entry), taken), entry) for entry in entries)
    return Catalog(lines, jobs, names)


def anacrontab_of(config: CronConfig) -> Anacrontab | None:
    """The config's anacrontab as the anacron that it has reads it."""
    if config.anacrontab is None:
        return None
    dialect: Dialect = "debian" if config.anacron_start == "debian" else "cronie"
    return parse_anacrontab(config.anacrontab, dialect=dialect)


def _unique(name: str, taken: dict[str, int]) -> str:
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name}-{taken[name]}"


def _name(names: Names, entry: Entry) -> str:
    called = [call.name for call in calls_in(entry.command) if call.builtin is None]
    for name in called:
        known = names.task_name(name)
        if names.script_name(name) is not None:
            return name.rpartition("/")[2].partition(".")[0]
        if known is not None:
            return known
    first = called[0].rpartition("/")[2].partition(".")[0] if called else ""
    return first or f"line-{entry.line}"
