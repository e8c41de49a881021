"""Time-window partitions from the texts of a config: the usual cadences, and any cron string.

Source: Dagster 1.13.29, definition/time_window_subclasses.py, schedule_type.py. It knows no config
structs; a text that is wrong is told by an error and given its place elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.cron_ticks import parsed
from sim.orchestrators.dagster.partitions.definition import UnknownPartitionError
from sim.orchestrators.dagster.partitions.time_window import (
    DATE_FORMAT,
    TimeWindowPartitionsDefinition,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

HOURLY_FORMAT = "%Y-%m-%d-%H:%M"


@dataclass(frozen=True, slots=True)
class _Cadence:
    """One of Dagster's subclasses: its name, its cron string by offsets and its usual format."""

    kind: str
    cron: str
    fmt: str = DATE_FORMAT
    day_offset: int = 0


CADENCES = {
    "hourly": _Cadence("HourlyPartitionsDefinition", "{minute} * * * *", HOURLY_FORMAT),
    "daily": _Cadence("DailyPartitionsDefinition", "{minute} {hour} * * *"),
    "weekly": _Cadence("WeeklyPartitionsDefinition", "{minute} {hour} * * {day}"),
    "monthly": _Cadence("MonthlyPartitionsDefinition", "{minute} {hour} {day} * *", day_offset=1),
}
"""Dagster's subclasses by the word of their cadence."""


def cadence_partitions(
    cadence: str,
    start: str,
    *,
    timezone: str | None = None,
    fmt: str | None = None,
    end: str | None = None,
    end_offset: int = 0,
    minute_offset: int = 0,
    hour_offset: int = 0,
    day_offset: int | None = None,
    exclusions: Iterable[str] = (),
) -> TimeWindowPartitionsDefinition:
    """`HourlyPartitionsDefinition` and its sisters, by the name of the cadence.

    Raises `ValueError` for a zone, a date or an offset that is none, and `KeyError` for a cadence.
    """
    usual = CADENCES[cadence]
    day = day_offset or usual.day_offset
    cron = usual.cron.format(minute=minute_offset, hour=hour_offset, day=day)
    definition = time_window_partitions(
        cron,
        start,
        fmt=fmt or usual.fmt,
        timezone=timezone,
        end=end,
        end_offset=end_offset,
        exclusions=exclusions,
    )
    return replace(definition, kind=usual.kind)


def time_window_partitions(
    cron_schedule: str,
    start: str,
    *,
    fmt: str,
    timezone: str | None = None,
    end: str | None = None,
    end_offset: int = 0,
    exclusions: Iterable[str] = (),
) -> TimeWindowPartitionsDefinition:
    """A definition from texts; `exclusions` are cron strings, or dates in the same format.

    Raises `CronSyntaxError`, and `ValueError` for a zone or a date that is none.
    """
    parsed(cron_schedule)
    tz = timezone or "UTC"
    definition = TimeWindowPartitionsDefinition(cron_schedule, 0, tz, fmt)
    return TimeWindowPartitionsDefinition(
        cron_schedule,
        definition.instant_of(start),
        tz,
        fmt,
        definition.instant_of(end) if end else None,
        end_offset,
        tuple(_exclusion(each, definition) for each in exclusions),
    )


def _exclusion(text: str, definition: TimeWindowPartitionsDefinition) -> str | int:
    """A cron string, or the instant that a date says."""
    try:
        return definition.instant_of(text)
    except UnknownPartitionError:
        parsed(text)
        return text
