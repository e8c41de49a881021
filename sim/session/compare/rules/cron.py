"""What cron's side of a difference rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.cron.catalog import catalog_of
from sim.session.compare.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sim.orchestrators.cron.config import CronConfig
    from sim.session.compare.rules.rule import Topic

_DAEMONS = {
    "debian": ("cron-3.0pl1", "Debian cron 3.0pl1", "Debian cron 3.0pl1-162, cron.c"),
    "busybox": ("cron-busybox", "BusyBox crond", "BusyBox, miscutils/crond.c"),
}
"""Of each daemon its name in ids, its name in sentences, and its source."""


def rules(section: CronConfig, pipelines: Collection[str]) -> Mapping[Topic, Rule]:
    """Its rules under this daemon, the same for each line; anacron's where all are its jobs."""
    catalog = catalog_of(section, ())
    meant = set(pipelines) or {line.pipeline for line in catalog.everything}
    if meant and meant <= {line.pipeline for line in catalog.jobs}:
        return _of_anacron(section)
    short, release, daemon = _DAEMONS[section.daemon]
    return {
        topic: Rule(f"{short}/{name}", release, f"cron.{name}", source or daemon)
        for topic, name, source in _RULES
    } | {
        "clock_change": Rule(
            f"{short}/clock-change", release, f"cron.clock-change.{section.daemon}", daemon
        )
    }


def _of_anacron(section: CronConfig) -> Mapping[Topic, Rule]:
    package = "debian" if section.anacron_start == "debian" else "cronie"
    short, release, source = _ANACRONS[package]
    return {
        topic: Rule(f"{short}/{name}", release, f"cron.{name}", where or source)
        for topic, name, where in (*_ANACRON_RULES, *_RULES)
        if topic in _OF_ANY_COMMAND or name.startswith("anacron")
    }


_ANACRONS = {
    "cronie": ("anacron-cronie-1.7.2", "anacron of cronie 1.7.2", "cronie 1.7.2, anacron/lock.c"),
    "debian": ("anacron-2.3", "Debian's anacron 2.3", "Debian anacron 2.3-36, anacron(8)"),
}
"""Of each package as above."""
_ANACRON_RULES: tuple[tuple[Topic, str, str], ...] = (
    ("schedule", "anacron-days", ""),
    ("catchup", "anacron-once", ""),
    ("no_catchup", "anacron-once", ""),
    ("no_dependencies", "anacron-order", "anacron(8), -s"),
)
_OF_ANY_COMMAND: frozenset[Topic] = frozenset(
    {"data_date", "dependencies", "no_retries", "retries", "backfill", "message"}
)
"""Topics on which anacron's commands are like cron's."""
_RULES: tuple[tuple[Topic, str, str], ...] = (
    ("schedule", "five-fields", ""),
    ("no_catchup", "missed-is-lost", ""),
    ("data_date", "no-date", "crontab(5): the environment of a command has no date"),
    ("dependencies", "one-script", "POSIX.1-2017, Shell Command Language 2.9.3"),
    ("no_dependencies", "exit-status-ignored", ""),
    ("no_retries", "no-retry", ""),
    ("retries", "script-retries", "POSIX.1-2017, Shell Command Language 2.9.3"),
    ("backfill", "loop-by-hand", "crontab(5): nothing is kept of what has run"),
    ("message", "script-tells", "crontab(5), MAILTO"),
    ("no_message", "silent", "crontab(5), MAILTO"),
)
"""Topic, name, and the source where it is not the daemon's own."""
