"""Multi-assets: one step that makes several assets, always all of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.model.facts import Fact
from sim.orchestrators.dagster.config import DagsterConfig
from sim.orchestrators.dagster.orchestrator import shape
from sim.orchestrators.dagster.validate import validate
from tests.unit.dagster.builder import FAILS, Flight, fly

ASSETS: dict[str, Any] = {
    "raw": {},
    "orders": {"op": "load", "ins": ["raw"]},
    "lines": {"op": "load", "deps": ["orders"]},
    "report": {"ins": ["lines"]},
}
SECTION: dict[str, Any] = {"assets": ASSETS, "multi_assets": {"load": {}}}
DAILY = {"days": {"dimension": {"type": "daily", "start_date": "2024-03-08"}}}
SENSOR = {"default_automation_condition_sensor": {"default_status": "RUNNING"}}
EAGER = {"automation_condition": {"type": "eager"}}


def made(flight: Flight) -> list[str]:
    """What was materialized, in order."""
    journal = flight.kernel.journal
    return [journal.name(row.entity) for row in journal.rows(Fact.ASSET_EVENT)]


def test_one_step_makes_several_assets() -> None:
    """Upstream first; what reads one of them waits for the step."""
    flight = fly(**SECTION)

    assert ["raw", "orders", "lines", "report"] == made(flight)
    assert ["raw", "load", "report"] == [task for task, *_ in flight.work.begun]


def test_the_shape_has_the_op_once() -> None:
    """Its edges are those of its assets, without the ones inside."""
    config = msgspec.convert({**SECTION, "jobs": {"j": {"selection": "*"}}}, DagsterConfig)

    assert {
        "tasks": ["raw", "load", "report"],
        "edges": [["raw", "load"], ["load", "report"]],
    } == shape(config, tasks=[])["j"]


def test_a_sibling_counts_with_the_version_that_this_step_made() -> None:
    """Not with the one that was there before the step began."""
    flight = fly(**SECTION, days=2)
    events = [
        (flight.kernel.journal.name(row.entity), row.detail)
        for row in flight.kernel.journal.rows(Fact.ASSET_EVENT)
    ]
    orders = [detail["data_version"] for name, detail in events if name == "orders"]
    read = [detail["inputs"]["orders"][0] for name, detail in events if name == "lines"]

    assert orders == read
    assert 2 == len(set(orders))


def test_when_the_op_fails_none_of_its_assets_is_made() -> None:
    """And all its policy's tries are of the one step."""
    section = {**SECTION, "multi_assets": {"load": {"retry_policy": {"max_retries": 1}}}}
    flight = fly(**section, outcomes={("load", 1): FAILS, ("load", 2): FAILS})

    assert ["raw"] == made(flight)
    assert [1, 2] == [number for task, number, _ in flight.work.begun if task == "load"]


def test_a_blocking_check_of_one_asset_holds_back_its_own_readers() -> None:
    """That of `orders` stands before `copy`, and not before `report`, which reads `lines`."""
    assets = {
        **ASSETS,
        "orders": {**ASSETS["orders"], "checks": {"some": {"compute": "c", "blocking": True}}},
        "copy": {"ins": ["orders"]},
    }
    flight = fly(assets=assets, multi_assets={"load": {}}, outcomes={("c", 1): FAILS})

    assert ["raw", "orders", "lines", "report"] == made(flight)
    assert ["copy#1 upstream_failed"] == [one[9:] for one in flight.steps("copy")]


def test_an_automation_of_one_asset_makes_its_siblings_too() -> None:
    """Only `orders` is asked for, and the op cannot make a part."""
    assets = {
        "raw": {"automation_condition": {"type": "on_cron", "cron_schedule": "0 3 * * *"}},
        "orders": {"op": "load", "deps": ["raw"], **EAGER},
        "lines": {"op": "load"},
    }
    flight = fly(
        assets=assets,
        multi_assets={"load": {}},
        jobs={},
        schedules={},
        automation_condition_sensors=SENSOR,
    )

    assert ["raw", "lines", "orders"] == made(flight)


def test_the_op_loops_over_the_partitions_of_its_run() -> None:
    """Both assets have the keys of the run."""
    assets = {
        "orders": {"op": "load", "partitions_def": "days"},
        "lines": {"op": "load", "partitions_def": "days"},
    }
    flight = fly(assets=assets, multi_assets={"load": {}}, partitions_defs=DAILY)

    rows = flight.kernel.journal.rows(Fact.ASSET_EVENT)
    assert ["2024-03-09", "2024-03-09"] == [row.detail["partition"] for row in rows]


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({"assets": {"a": {"op": "lode"}}}, ("assets.a.op", "E-MULTI-ASSET-UNKNOWN")),
        ({"assets": {"a": {"op": "load", "pool": "p"}}}, ("assets.a.pool", "E-MULTI-ASSET")),
        ({"assets": {"a": {}}}, ("multi_assets.load", "E-MULTI-ASSET")),
        (
            {"assets": {"a": {"op": "load"}, "b": {"op": "load", "partitions_def": "days"}}},
            ("multi_assets.load", "E-MULTI-ASSET"),
        ),
        (
            {"assets": {"a": {"op": "load"}, "load": {}}},
            ("multi_assets.load", "E-STEP-TWICE"),
        ),
        (
            {
                "assets": {
                    "a": {"op": "load"},
                    "b": {"deps": ["a"]},
                    "c": {"op": "load", "deps": ["b"]},
                }
            },
            ("multi_assets.load", "E-CIRCLE"),
        ),
        (
            {
                "assets": {"a": {"op": "load"}, "b": {"op": "load"}},
                "jobs": {"j": {"selection": "a"}},
            },
            ("jobs.j.selection", "E-SELECTION"),
        ),
    ],
)
def test_what_cannot_be_is_refused(section: dict[str, Any], problem: tuple[str, str]) -> None:
    """Each with its place and code."""
    whole = {"multi_assets": {"load": {}}, "partitions_defs": DAILY, **section}
    found = validate(msgspec.convert(whole, DagsterConfig), tasks=["a", "b", "load"])

    assert problem in [(".".join(map(str, path)), code) for path, code, *_ in found]
