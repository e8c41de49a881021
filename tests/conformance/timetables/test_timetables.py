"""Airflow's timetables against sequences recorded from Airflow 2.11.2 and 3.3.2."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sim.kernel.calendar import SECOND, format_instant, parse_instant
from sim.orchestrators.airflow.intervals import DataInterval
from sim.orchestrators.airflow.timetables import Timetable
from sim.orchestrators.airflow.timetables_build import build_timetable

NAMES = {
    "cron_interval": "CronDataIntervalTimetable",
    "cron_trigger": "CronTriggerTimetable",
    "delta_interval": "DeltaDataIntervalTimetable",
    "delta_trigger": "DeltaTriggerTimetable",
    "multi_cron_trigger": "MultipleCronTriggerTimetable",
    "once": "OnceTimetable",
    "continuous": "ContinuousTimetable",
}


def cases(version: int) -> list[dict[str, Any]]:
    """The recorded cases of one version."""
    path = Path(__file__).parent / f"timetables_v{version}.json.gz"
    found: list[dict[str, Any]] = json.loads(gzip.decompress(path.read_bytes()))["cases"]
    return found


def timetable_of(case: dict[str, Any], version: int) -> Timetable:
    """The timetable that a case describes, named explicitly."""
    schedule = {
        "timetable": NAMES[case["kind"]],
        "cron": case.get("expr") or case.get("exprs"),
        "delta": case.get("delta_s"),
        "interval": case.get("interval_s", 0),
    }
    return build_timetable(schedule, version=version, timezone=case["tz"], cfg=None)


def replayed(case: dict[str, Any], version: int) -> dict[str, Any]:
    """What the recorder wrote down, from our timetable."""
    timetable = timetable_of(case, version)
    now = parse_instant(case["now"])
    earliest = parse_instant(case["start"]) if case["start"] else None
    latest = parse_instant(case["end"]) if "end" in case else None
    manual = timetable.manual_interval(now)
    told: list[dict[str, str] | None] = []
    last = None
    for _ in range(case["n"]):
        info = timetable.next_run(
            last, now=now, earliest=earliest, latest=latest, catchup=case["catchup"]
        )
        if info is None:
            told.append(None)
            break
        now = max(now, info.run_after)
        told.append(
            {
                "created_at": format_instant(now),
                "end": format_instant(info.end),
                "logical_date": format_instant(info.logical_date),
                "run_after": format_instant(info.run_after),
                "start": format_instant(info.start),
            }
        )
        now += case.get("lag_s", 0) * SECOND
        last = DataInterval(info.start, info.end)
    interval = {"start": format_instant(manual.start), "end": format_instant(manual.end)}
    return {"case": case, "manual_interval_at_now": interval, "runs": told}


@pytest.mark.parametrize("version", [2, 3])
def test_every_recorded_sequence_is_reproduced(version: int) -> None:
    """All recorded run sequences and manual intervals, without exception."""
    differing = [case for case in cases(version) if replayed(case["case"], version) != case]

    assert [] == differing
    assert len(cases(version)) == {2: 876, 3: 877}[version]
