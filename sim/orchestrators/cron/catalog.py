"""What a cron config defines: its entries with names, its scripts and its tasks, read once.

Pure look-ups over text, used when running, when validating and when drawing. A crontab with
problems still has the entries that can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.orchestrators.cron.crontab import Entry, parse_crontab
from sim.platform.shell.names import Names, calls_in

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.orchestrators.cron.config import CronConfig


@dataclass(frozen=True, slots=True)
class Line:
    """One crontab line with the name it goes by."""

    pipeline: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Catalog:
    """Names of one config."""

    lines: tuple[Line, ...]
    names: Names

    def alerts(self) -> list[str]:
        """The alerts that texts name after `notify`."""
        return self.names.alerts_in(line.entry.command for line in self.lines)

    def tasks_of(self, entry: Entry) -> list[str]:
        """The tasks that a line can run, in the order of the text, each once."""
        return self.names.tasks_in(entry.command)


def catalog_of(config: CronConfig, tasks: Collection[str]) -> Catalog:
    """The names of a config. Lines are called after their first task or script."""
    entries = parse_crontab(config.crontab).entries
    names = Names(config.scripts, tasks)
    taken: dict[str, int] = {}
    lines = []
    for entry in entries:
        name = _name(names, entry)
        taken[name] = taken.get(name, 0) + 1
        unique = name if taken[name] == 1 else f"{name}-{taken[name]}"
        lines.append(Line(unique, entry))
    return Catalog(tuple(lines), names)


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
