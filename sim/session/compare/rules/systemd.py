"""What systemd's side of a difference rests on, in 252."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.systemd.units import Timer, read_units
from sim.session.compare.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sim.orchestrators.systemd.config import SystemdConfig
    from sim.session.compare.rules.rule import Topic

_RELEASE = "252"


def rules(section: SystemdConfig, pipelines: Collection[str]) -> Mapping[Topic, Rule]:
    """Its rules under these unit files."""
    del pipelines
    units = read_units(section.units, timezone=section.timezone or "UTC").values()
    persistent = any(isinstance(unit, Timer) and unit.persistent for unit in units)
    missed = "persistent" if persistent else "missed-is-lost"
    return {
        topic: Rule(f"systemd-{_RELEASE}/{name}", f"systemd {_RELEASE}", f"systemd.{name}", source)
        for topic, name, source in (*_RULES, ("no_catchup", missed, _TIMER))
    }


_TIMER = "systemd.timer(5), src/core/timer.c"
_SERVICE = "systemd.service(5), src/core/service.c"
_UNIT = "systemd.unit(5), src/core/unit.c"
_RULES: tuple[tuple[Topic, str, str], ...] = (
    ("schedule", "on-calendar", _TIMER),
    ("clock_change", "clock-change", "src/shared/calendarspec.c"),
    ("data_date", "no-date", "systemd.exec(5): the environment of a unit has no date"),
    ("dependencies", "requires-after", _UNIT),
    ("no_dependencies", "timer-alone", _TIMER),
    ("retries", "restart", _SERVICE),
    ("no_retries", "no-restart", _SERVICE),
    ("upstream_failed", "dependency-failed", "src/core/job.c"),
    ("backfill", "start-by-hand", "systemctl(1), start"),
    ("message", "on-failure", _UNIT),
    ("no_message", "journal-only", _UNIT),
)
"""Topic, name, and where it is written."""
