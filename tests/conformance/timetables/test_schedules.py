"""Which timetable a schedule becomes, what is refused, and what the recordings do not reach."""

from __future__ import annotations

from typing import Any

import pytest

from sim.kernel.calendar import DAY, HOUR, MINUTE, parse_instant
from sim.orchestrators.airflow.intervals import DataInterval, RunInfo
from sim.orchestrators.airflow.timetables import (
    ContinuousTimetable,
    DataIntervalTimetable,
    EventsTimetable,
    NullTimetable,
    OnceTimetable,
    Timetable,
    TriggerTimetable,
)
from sim.orchestrators.airflow.timetables_build import ScheduleError, build_timetable

NOW = parse_instant("2024-03-14T10:20Z")
INTERVALS = {"scheduler": {"create_cron_data_intervals": True}}
TRIGGERS = {"scheduler": {"create_cron_data_intervals": False}}


def timetable(
    schedule: Any, *, version: int = 3, cfg: Any = None, timezone: str = "UTC"
) -> Timetable:
    """The timetable of a schedule, Airflow 3 unless told."""
    return build_timetable(schedule, version=version, timezone=timezone, cfg=cfg)


def first(
    schedule: Any, *, version: int = 3, earliest: str | None = None, catchup: bool = False
) -> RunInfo | None:
    """The first run that is asked for at 10:20."""
    return timetable(schedule, version=version).next_run(
        None,
        now=NOW,
        earliest=None if earliest is None else parse_instant(earliest),
        latest=None,
        catchup=catchup,
    )


@pytest.mark.parametrize(
    ("schedule", "version", "cfg", "kind"),
    [
        ("0 3 * * *", 2, None, DataIntervalTimetable),
        ("0 3 * * *", 3, None, TriggerTimetable),
        ("@daily", 2, TRIGGERS, TriggerTimetable),
        ("@daily", 3, INTERVALS, DataIntervalTimetable),
        ("1d", 2, TRIGGERS, DataIntervalTimetable),  # 2.x never asks for spans
        ("1d", 3, None, TriggerTimetable),
        ("1d", 3, INTERVALS, DataIntervalTimetable),
        ("@once", 3, None, OnceTimetable),
        ("@continuous", 2, None, ContinuousTimetable),
        (None, 3, None, NullTimetable),
        ("@quarterly", 2, None, DataIntervalTimetable),
        ({"timetable": "EventsTimetable", "event_dates": ["2024-03-14"]}, 3, None, EventsTimetable),
        ({"timetable": "DeltaTriggerTimetable", "delta": "6h"}, 2, None, TriggerTimetable),
    ],
)
def test_which_timetable_a_schedule_is(
    schedule: Any, version: int, cfg: Any, kind: type[object]
) -> None:
    """By version and by `[scheduler] create_cron_data_intervals`."""
    assert kind is type(timetable(schedule, version=version, cfg=cfg))


@pytest.mark.parametrize(
    ("schedule", "version", "message"),
    [
        ("0 25 * * *", 3, "25 is out of range for the hour"),
        ("every day", 3, "a schedule has five fields, not 2"),
        ("0 0 30 2 *", 3, '"0 0 30 2 *" never comes: no such day exists'),
        ("0s", 3, "'0s' is no step forward"),
        ({"timetable": "CronTriggerTimetable"}, 3, "CronTriggerTimetable needs one cron"),
        (
            {"timetable": "DeltaDataIntervalTimetable"},
            2,
            "DeltaDataIntervalTimetable needs a delta",
        ),
        (
            {"timetable": "MultipleCronTriggerTimetable", "cron": ["@daily"]},
            2,
            "MultipleCronTriggerTimetable came with Airflow 3",
        ),
        (
            {"timetable": "MultipleCronTriggerTimetable"},
            3,
            "MultipleCronTriggerTimetable needs at least one cron",
        ),
        ({"timetable": "LunarTimetable"}, 3, "there is no timetable 'LunarTimetable'"),
        (
            {"timetable": "CronTriggerTimetable", "cron": "@daily", "timezone": "Mars/Base"},
            3,
            "unknown time zone 'Mars/Base'",
        ),
        (
            {"timetable": "CronTriggerTimetable", "cron": "@daily", "interval": "soon"},
            3,
            "'soon' is no span of time such as 45m, 1h30m or 20s",
        ),
        (
            {"timetable": "EventsTimetable", "event_dates": ["someday"]},
            3,
            "Invalid isoformat string: 'someday'",
        ),
    ],
)
def test_a_schedule_that_airflow_would_refuse(schedule: Any, version: int, message: str) -> None:
    """The reason is one sentence, and there is a hint."""
    with pytest.raises(ScheduleError) as raised:
        timetable(schedule, version=version)

    assert message == str(raised.value)
    assert raised.value.hint


def test_switched_on_between_ticks() -> None:
    """3.x without catchup runs the tick just passed at once; 2.x the last whole interval."""
    newer = first("0 * * * *", earliest="2024-01-01")
    older = first("0 * * * *", version=2, earliest="2024-01-01")
    ten = parse_instant("2024-03-14T10:00Z")

    assert newer == RunInfo(ten, ten, ten, ten)
    assert older == RunInfo(ten - HOUR, ten - HOUR, ten, ten)


def test_without_a_start_date_the_first_tick_depends_on_the_version() -> None:
    """3.x with catchup: the next tick unless the last is within 10 %; 2.x: no run at all."""
    trigger = {"timetable": "CronTriggerTimetable", "cron": "0 * * * *"}
    recent = {"timetable": "CronTriggerTimetable", "cron": "18 * * * *"}
    eager = {**trigger, "run_immediately": True}
    buffered = {**trigger, "run_immediately": "30m"}
    found = [first(one, catchup=True) for one in (trigger, recent, eager, buffered)]

    assert ["11:00", "10:18", "10:00", "10:00"] == [
        f"{info.run_after // HOUR % 24:02}:{info.run_after // MINUTE % 60:02}"
        for info in found
        if info is not None
    ]
    assert first(trigger, version=2, catchup=True) is None


def test_a_delta_without_catchup_is_on_the_grid_of_the_epoch() -> None:
    """Not on that of the start_date (data intervals)."""
    info = first(
        {"timetable": "DeltaDataIntervalTimetable", "delta": "6h"}, earliest="2024-03-01T01:30Z"
    )

    assert info is not None
    assert [(0, NOW - NOW % (6 * HOUR))] == [(info.start % (6 * HOUR), info.run_after)]


def test_events_run_each_listed_instant_once() -> None:
    """Sorted; without catchup those that are past are left out; a manual run is where it is."""
    days = ["2024-03-15T09:00Z", "2024-03-13T09:00Z", "2024-03-20T09:00Z"]
    events = timetable({"timetable": "EventsTimetable", "event_dates": days})
    seen, last = [], None
    while True:
        info = events.next_run(
            last, now=NOW, earliest=None, latest=parse_instant("2024-03-18"), catchup=True
        )
        if info is None:
            break
        seen.append(info.run_after)
        last = DataInterval(info.start, info.end)
    current = first({"timetable": "EventsTimetable", "event_dates": days})

    assert [parse_instant(days[1]), parse_instant(days[0])] == seen
    assert current is not None
    assert current.run_after == seen[1]
    assert DataInterval(NOW, NOW) == events.manual_interval(NOW)


def test_null_never_runs() -> None:
    """schedule: null is for manual runs, which are points."""
    assert first(None) is None
    assert DataInterval(NOW, NOW) == timetable(None).manual_interval(NOW)


def test_a_zone_of_its_own() -> None:
    """The mapping's zone wins over the DAG's."""
    schedule = {"timetable": "CronTriggerTimetable", "cron": "@daily", "timezone": "Asia/Tokyo"}
    info = timetable(schedule, timezone="Europe/Madrid").next_run(
        None, now=NOW, earliest=None, latest=None, catchup=False
    )

    assert info is not None
    assert 15 * HOUR == info.run_after % DAY
