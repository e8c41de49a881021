"""The croniter dialect: fire minutes as Airflow and croniter had them in a recorded comparison."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from sim.kernel.calendar import MINUTE, format_instant, parse_instant
from sim.orchestrators.airflow.timetables_build import ScheduleError, build_timetable
from sim.orchestrators.airflow.timetables_grid import CronGrid

RECORDED_MAX = 400
"""The recorder wrote at most so many minutes of a case."""
DATA = Path(__file__).parent / "cron_compare.json.gz"
CASES: list[dict[str, Any]] = json.loads(gzip.decompress(DATA.read_bytes()))["cases"]


def airflow_minutes(case: dict[str, Any]) -> list[str] | str:
    """Every tick of the schedule in the case's span, as the recording writes them."""
    try:
        schedule = {"timetable": "CronTriggerTimetable", "cron": case["cron"]}
        timetable = build_timetable(schedule, version=3, timezone=case["tz"], cfg=None)
    except ScheduleError:
        return "error"
    grid = timetable.grid  # type: ignore[attr-defined]
    assert isinstance(grid, CronGrid)
    at, end = grid.next_after(parse_instant(case["start"]) - 1), parse_instant(case["end"])
    minutes = []
    while at < end and len(minutes) < RECORDED_MAX:
        minutes.append(f"{format_instant(at - at % MINUTE)[:16]}Z")
        at = grid.next_after(at)
    return minutes


def test_airflow_fires_in_the_recorded_minutes() -> None:
    """All 226 comparisons: expressions, zones and clock changes, errors included."""
    differing = [
        (case["cron"], case["tz"], case["start"])
        for case in CASES
        if airflow_minutes(case) != case["sequences"][case["by"]["airflow"]]
    ]

    assert [] == differing
    assert len(CASES) == 226
