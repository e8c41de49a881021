"""Partitioned jobs: which partitions their schedules, sensors and operators ask for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.model.facts import Fact
from sim.model.interventions import Rerun, Trigger
from sim.orchestrators.dagster.config import DagsterConfig
from sim.orchestrators.dagster.validate import validate
from tests.unit.dagster.builder import FAILS, Flight, at, fly, nightly

DAILY = {"dimension": {"type": "daily", "start_date": "2024-03-01"}}
HOURLY = {"dimension": {"type": "hourly", "start_date": "2024-03-09-00:00"}}
REGIONS = {"dimension": {"type": "static", "partition_keys": ["north", "south"]}}
PAIRS = {"dimensions": {"day": DAILY["dimension"], "region": REGIONS["dimension"]}}
DATE = "2024-03-09"


def partitioned(definition: dict[str, Any], **section: Any) -> Flight:
    """Assets `a -> b` with partitions."""
    assets = {"a": {"partitions_def": "p"}, "b": {"partitions_def": "p", "ins": ["a"]}}
    section.setdefault("assets", assets)
    return fly(partitions_defs={"p": definition}, **section)


def keys(flight: Flight, asset: str = "b") -> list[str]:
    """What was materialized of an asset, in order."""
    journal = flight.kernel.journal
    return [
        row.detail.get("partition", "")
        for row in journal.rows(Fact.ASSET_EVENT)
        if journal.name(row.entity) == asset
    ]


def test_a_schedule_runs_the_latest_complete_partition() -> None:
    """At 03:00 that of yesterday; its interval is the window, and its date the work's."""
    flight = partitioned(DAILY)
    (first, *_) = flight.kernel.journal.rows(Fact.RUN_STATE)

    assert [DATE] == keys(flight)
    assert [("a", 1, DATE), ("b", 1, DATE)] == flight.work.begun
    assert (at("00:00:00") - 86_400_000_000, at("00:00:00")) == (
        first.detail["data_interval_start"],
        first.detail["data_interval_end"],
    )
    assert DATE == flight.work.macros[0]["partition_key"]


def test_missed_ticks_of_partitions_are_made_up_for() -> None:
    """The latest five, oldest first, each with its own partition."""
    flight = partitioned(
        HOURLY,
        schedules={"hourly": nightly("j", "0 * * * *")},
        host_outages=((at("00:30:00"), at("08:30:00")),),
        until=at("08:50:00"),
    )

    assert ["2024-03-09-23:00", *(f"2024-03-10-0{hour}:00" for hour in range(3, 8))] == keys(flight)


def test_a_static_definition_has_a_run_for_each_key() -> None:
    """In its own order; the date is that of the tick."""
    flight = partitioned(REGIONS)

    assert ["north", "south"] == keys(flight)
    assert {DATE} == {day for _, _, day in flight.work.begun}


def test_two_dimensions_have_a_run_for_each_key_of_the_latest_day() -> None:
    """Keys are joined by a bar, and their date is the day's."""
    flight = partitioned(PAIRS)

    assert [f"{DATE}|north", f"{DATE}|south"] == keys(flight)
    assert {DATE} == {day for _, _, day in flight.work.begun}


def test_before_the_first_window_is_over_there_is_nothing_to_run() -> None:
    """The tick is skipped."""
    flight = partitioned({"dimension": {"type": "daily", "start_date": "2024-03-10"}})

    assert (["03:00:00 nightly 0"], []) == (flight.ticks(), flight.runs())


def test_an_input_is_loaded_from_every_partition_that_is_needed() -> None:
    """A day of 24 hours, of which one was never materialized."""
    assets = {
        "a": {"partitions_def": "hours"},
        "b": {"partitions_def": "days", "ins": ["a"]},
    }
    jobs = {"hours": {"selection": "a"}, "days": {"selection": "b"}}
    schedules = {"days": nightly("days")}
    definitions = {"hours": HOURLY, "days": DAILY}
    bare = fly(partitions_defs=definitions, assets=assets, jobs=jobs, schedules=schedules)
    filled = fly(
        partitions_defs=definitions,
        assets=assets,
        jobs=jobs,
        schedules=schedules,
        instance={"concurrency": {"runs": {"max_concurrent_runs": 50}}},
        actions=(Rerun(at=at("01:00:00"), data_date=DATE),),
    )

    assert ["FAILURE"] == bare.statuses()
    assert 24 == len(keys(filled, "a"))
    assert ("b", 1, DATE) in filled.work.begun


def test_a_retry_of_a_run_keeps_its_partition() -> None:
    """And its interval."""
    flight = partitioned(
        DAILY,
        outcomes={("b", 1): FAILS},
        instance={"run_retries": {"enabled": True, "max_retries": 1}},
    )

    assert [("a", 1, DATE), ("b", 1, DATE), ("b", 2, DATE)] == flight.work.begun


def test_a_sensor_and_an_operator_ask_for_partitions_too() -> None:
    """The day that is ready; the latest, or the one that was asked for if it exists."""
    ready = {"job": "j", "system": "erp", "default_status": "RUNNING"}
    sensed = partitioned(DAILY, schedules={}, sensors={"s": ready}, ready_at={"s": at("02:00:00")})
    asked = partitioned(
        DAILY,
        schedules={},
        actions=(
            Trigger(at=at("01:00:00"), pipeline="j"),
            Trigger(at=at("02:00:00"), pipeline="j", conf={"partition": "2024-03-02"}),
            Trigger(at=at("03:00:00"), pipeline="j", conf={"partition": "2024-03-10"}),
        ),
    )

    assert [DATE] == keys(sensed)
    assert [DATE, "2024-03-02"] == keys(asked)


@pytest.mark.parametrize(
    ("section", "code", "place"),
    [
        ({"partitions_defs": {"p": {}}}, "E-PARTITIONS", "partitions_defs.p"),
        (
            {"partitions_defs": {"p": {"dimension": {"type": "daily"}}}},
            "E-PARTITIONS",
            "partitions_defs.p",
        ),
        (
            {"partitions_defs": {"p": {"dimension": {"type": "daily", "start_date": "someday"}}}},
            "E-PARTITIONS",
            "partitions_defs.p",
        ),
        ({"assets": {"a": {"partitions_def": "x"}}}, "E-PARTITIONS-UNKNOWN", "assets.a"),
        (
            {"assets": {"a": {"partition_mappings": {"x": {"type": "last"}}}}},
            "E-PARTITION-MAPPING",
            "assets.a.partition_mappings.x",
        ),
        (
            {
                "partitions_defs": {"p": DAILY, "q": REGIONS},
                "assets": {"a": {"partitions_def": "p"}, "b": {"partitions_def": "q"}},
            },
            "E-JOB-PARTITIONS",
            "jobs.j",
        ),
        (
            {
                "partitions_defs": {"p": DAILY, "q": REGIONS},
                "assets": {
                    "a": {"partitions_def": "p"},
                    "b": {
                        "partitions_def": "q",
                        "deps": ["a"],
                        "partition_mappings": {"a": {"type": "time_window"}},
                    },
                },
            },
            "E-PARTITION-MAPPING",
            "assets.b.partition_mappings.a",
        ),
    ],
)
def test_what_is_wrong_with_partitions(section: dict[str, Any], code: str, place: str) -> None:
    """Each with its place."""
    good = {"assets": {"a": {}}, "jobs": {"j": {"selection": "*"}}}
    config = msgspec.convert({**good, **section}, DagsterConfig)
    found = [(each[1], ".".join(map(str, each[0]))) for each in validate(config, tasks={"a", "b"})]

    assert any((one, where[: len(place)]) == (code, place) for one, where in found)
