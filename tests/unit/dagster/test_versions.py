"""Data versions of assets in a running deployment, observed sources, and what is stale of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.model.facts import Fact
from sim.model.interventions import Trigger
from sim.model.work import Returned
from sim.orchestrators.dagster.config import DagsterConfig
from sim.orchestrators.dagster.validate import validate
from sim.views.metadata.dagster import books
from tests.unit.dagster.builder import Flight, at, chain, clock, fly, nightly

SENSOR = {"default_automation_condition_sensor": {"default_status": "RUNNING"}}
DAILY = {"days": {"dimension": {"type": "daily", "start_date": "2024-03-08"}}}
JOBS = {"j": {"selection": "*"}, "top": {"selection": "a"}, "leaf": {"selection": "b"}}
SECTION: dict[str, Any] = {"assets": chain("a", "b"), "jobs": JOBS}


def run(job: str, clock: str) -> Trigger:
    """Somebody launches a job."""
    return Trigger(at=at(clock), pipeline=job)


def table(flight: Flight, name: str, section: dict[str, Any]) -> list[dict[str, Any]]:
    """A table as it is at the end."""
    config = msgspec.convert(section, DagsterConfig)
    kernel = flight.kernel
    tables = books(kernel.journal, config, start=0, now=kernel.now)
    return [dict(row) for row in next(one.rows for one in tables if one.name == name)()]


def statuses(flight: Flight, section: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    """Status and causes of each asset, or of each partition."""
    return {
        row["asset_key"] + ("" if row["partition"] is None else f" {row['partition']}"): (
            row["status"],
            row["causes"],
        )
        for row in table(flight, "asset_status", section)
    }


def events(flight: Flight) -> list[str]:
    """What was made or seen: `03:01 a`."""
    journal = flight.kernel.journal
    rows = journal.rows(Fact.ASSET_EVENT)
    return [f"{clock(row.time)[:5]} {journal.name(row.entity)}" for row in rows]


def versions(flight: Flight, asset: str) -> list[str]:
    """The data versions of an asset, in order."""
    journal = flight.kernel.journal
    rows = journal.rows(Fact.ASSET_EVENT)
    return [row.detail["data_version"] for row in rows if journal.name(row.entity) == asset]


def test_what_was_made_together_is_fresh() -> None:
    """The run takes its root's new version along."""
    flight = fly(**SECTION)

    assert {"a": ("FRESH", None), "b": ("FRESH", None)} == statuses(flight, SECTION)


def test_a_root_that_is_made_again_makes_what_reads_it_stale() -> None:
    """Without a code version each run makes another version."""
    flight = fly(**SECTION, actions=(run("top", "05:00:00"),))

    assert {"a": ("FRESH", None), "b": ("STALE", "DATA")} == statuses(flight, SECTION)
    assert 2 == len(set(versions(flight, "a")))


def test_a_versioned_root_that_is_made_again_changes_nothing() -> None:
    """The same code over the same inputs is the same data."""
    section = {**SECTION, "assets": chain("a", "b", code_version="1")}
    flight = fly(**section, actions=(run("top", "05:00:00"),))

    assert ("FRESH", None) == statuses(flight, section)["b"]
    assert 1 == len(set(versions(flight, "a")))


def test_what_was_never_made_is_missing_and_says_so_of_its_inputs() -> None:
    """A leaf made before its root remembers INITIAL, and is stale once there is a root."""
    flight = fly(**SECTION, schedules={}, actions=(run("leaf", "04:00:00"),))
    later = fly(**SECTION, schedules={}, actions=(run("leaf", "04:00:00"), run("top", "05:00:00")))

    assert {"a": ("MISSING", None), "b": ("FRESH", None)} == statuses(flight, SECTION)
    assert ("STALE", "DATA") == statuses(later, SECTION)["b"]
    tags = {row["key"]: row["value"] for row in table(flight, "asset_event_tags", SECTION)}
    assert "INITIAL" == tags["dagster/input_data_version/a"]
    assert "NULL" == tags["dagster/input_event_pointer/a"]


def test_staleness_is_of_each_partition() -> None:
    """Only the partition whose own input was made again is stale."""
    section = {
        "assets": chain("a", "b", partitions_def="days"),
        "jobs": JOBS,
        "partitions_defs": DAILY,
    }
    again = Trigger(at=at("05:00:00"), pipeline="top", conf={"data_date": "2024-03-09"})
    flight = fly(**section, actions=(again,))

    assert {
        "a 2024-03-08": ("MISSING", None),
        "a 2024-03-09": ("FRESH", None),
        "a 2024-03-10": ("MISSING", None),
        "b 2024-03-08": ("MISSING", None),
        "b 2024-03-09": ("STALE", "DATA"),
        "b 2024-03-10": ("MISSING", None),
    } == statuses(flight, section)


def test_a_schedule_of_stale_assets_runs_what_is_stale() -> None:
    """First everything, for it is missing; then the leaf whose root was made; then nothing."""
    schedules = {"hourly": {**nightly("j", "0 3-6 * * *"), "stale_assets_only": True}}
    section = {**SECTION, "assets": chain("a", "b", code_version="1"), "schedules": schedules}
    loose = {**SECTION, "schedules": schedules}
    flight = fly(**section)
    touched = fly(**loose, actions=(run("top", "04:30:00"),))

    assert ["a", "b"] == [one[6:] for one in events(flight)]
    assert ["a", "b", "a", "b"] == [one[6:] for one in events(touched)]
    assert "05:0" == events(touched)[-1][:4]


OBSERVED: dict[str, Any] = {
    "assets": {
        "source": {
            "observable": True,
            "automation_condition": {"type": "on_cron", "cron_schedule": "0 * * * *"},
        },
        "a": {"ins": ["source"], "automation_condition": {"type": "eager"}},
    },
    "jobs": {"look": {"selection": "source"}},
    "schedules": {},
    "automation_condition_sensors": SENSOR,
}


def test_an_observation_is_an_update_when_it_found_something_else() -> None:
    """Looked at each hour, the source has new rows once: the eager asset follows twice."""
    ten, twenty = Returned(80, 10), Returned(160, 20)
    flight = fly(**OBSERVED, returns={"source": [ten, ten, twenty, twenty]}, until=at("04:50:00"))

    names = [one[6:] for one in events(flight)]
    assert ["source", "a", "source", "source", "a", "source"] == names
    kinds = [row["dagster_event_type"] for row in table(flight, "event_logs", OBSERVED)]
    assert 4 == kinds.count("ASSET_OBSERVATION")
    assert 2 == kinds.count("ASSET_MATERIALIZATION")


def test_an_observation_that_says_nothing_is_another_version_each_time() -> None:
    """Its task returns nothing to tell two looks apart."""
    flight = fly(**OBSERVED, until=at("02:50:00"))

    assert ["source", "a", "source", "a"] == [one[6:] for one in events(flight)]


def test_a_source_that_was_never_observed_can_be_loaded_all_the_same() -> None:
    """Others make it: the IO manager finds it, and its version is INITIAL."""
    section = {**OBSERVED, "jobs": {"j": {"selection": "a"}}, "automation_condition_sensors": {}}
    flight = fly(**{**section, "schedules": {"nightly": nightly("j")}})

    assert ["a"] == [one[6:] for one in events(flight)]
    assert {"source": ("FRESH", None), "a": ("FRESH", None)} == statuses(flight, section)


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        (
            {"assets": {"a": {}, "b": {"observable": True, "deps": ["a"]}}},
            ("assets.b.deps", "E-OBSERVABLE"),
        ),
        (
            {"assets": {"b": {"observable": True, "code_version": "1"}}},
            ("assets.b.code_version", "E-OBSERVABLE"),
        ),
        (
            {
                "assets": {"a": {}, "b": {"observable": True}},
                "jobs": {"j": {"selection": "a or b"}},
            },
            ("jobs.j.selection", "E-SELECTION"),
        ),
        (
            {
                "assets": {"a": {"partitions_def": "days"}},
                "partitions_defs": DAILY,
                "jobs": {"j": {"selection": "*"}},
                "schedules": {"s": {**nightly("j"), "stale_assets_only": True}},
            },
            ("schedules.s.stale_assets_only", "W-STALE-ASSETS"),
        ),
        (
            {
                "jobs": {"j": {"ops": {"a": {}}}},
                "schedules": {"s": {**nightly("j"), "stale_assets_only": True}},
            },
            ("schedules.s.stale_assets_only", "E-STALE-ASSETS"),
        ),
    ],
)
def test_what_cannot_be_is_refused(section: dict[str, Any], problem: tuple[str, str]) -> None:
    """Each with its place and code."""
    found = validate(msgspec.convert(section, DagsterConfig), tasks=["a", "b"])

    assert problem in [(".".join(map(str, path)), code) for path, code, *_ in found]


def test_everything_selects_what_is_made_and_not_what_is_seen() -> None:
    """`*` and `+x` leave observed sources out; the whole key selects one."""
    jobs = {"all": {"selection": "*"}, "up": {"selection": "+a"}, "one": {"selection": "source"}}
    flight = fly(**{**OBSERVED, "jobs": jobs})

    plans = flight.dagster.instance.definitions.jobs
    assert [("a",), ("a",), ("source",)] == [plans[name].assets for name in jobs]
