"""What cron's side of a difference rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """Its rules under this daemon, the same for each line."""
    del pipelines
    short, release, daemon = _DAEMONS[section.daemon]
    return {
        topic: Rule(f"{short}/{name}", release, f"cron.{name}", source or daemon)
        for topic, name, source in _RULES
    } | {
        "clock_change": Rule(
            f"{short}/clock-change", release, f"cron.clock-change.{section.daemon}", daemon
        )
    }


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
