"""Runs that updates of assets start."""

from __future__ import annotations

from typing import Any

import pytest

from sim.kernel.calendar import HOUR, MINUTE, parse_instant
from sim.model.facts import Fact
from sim.model.interventions import Pause
from sim.model.work import Outcome, Result
from sim.orchestrators.airflow.asset_expressions import parse_assets
from tests.unit.airflow.builder import START, Flight, dag, fly


def consumer(schedule: Any, **settings: Any) -> dict[str, Any]:
    """A DAG of one task that assets start."""
    return dag({"c": {}}, schedule=schedule, **settings)


def producers(**when: str) -> dict[str, Any]:
    """A DAG for each asset, at its hour: its task updates the asset a minute after."""
    return {
        asset: dag({f"make_{asset}": {"outlets": [asset]}}, schedule=cron)
        for asset, cron in when.items()
    }


def births(flight: Flight, dag_id: str) -> list[dict[str, Any]]:
    """What the first fact of each run of a DAG says."""
    journal = flight.kernel.journal
    return [
        row.detail
        for row in journal.rows(Fact.RUN_STATE)
        if "run_type" in row.detail
        and journal.name(journal.who(row.entity).parent) == dag_id
        and "reason" not in row.detail
    ]


@pytest.mark.parametrize(
    ("given", "updated", "expected"),
    [
        ("a", {"a"}, True),
        (["a", "b"], {"a"}, False),
        (["or", "a", "b"], {"b"}, True),
        (["and", "a", ["or", "b", "c"]], {"a", "c"}, True),
        (["and", "a", ["or", "b", "c"]], {"b", "c"}, False),
    ],
)
def test_expressions(given: Any, updated: set[str], *, expected: bool) -> None:
    """`and` wants all, `or` any, and lists nest."""
    assert parse_assets(given).holds(updated) is expected


def test_the_last_missing_asset_starts_the_run() -> None:
    """3.x: no logical date; due when the last missing asset was first updated."""
    dags = {**producers(a="0 3 * * *", b="0 5 * * *"), "c": consumer(["a", "b"])}
    (run,) = births(fly(dags=dags, version=3), "c")

    assert (run["run_type"], run["logical_date"], run["run_after"]) == (
        "asset_triggered",
        None,
        parse_instant(START) + 5 * HOUR + MINUTE,
    )


def test_a_dataset_run_has_a_date_and_the_producers_interval() -> None:
    """2.x: dated by the last missing dataset, about all that its producers were about."""
    dags = {**producers(a="0 3 * * *", b="0 5 * * *"), "c": consumer(["a", "b"])}
    (run,) = births(fly(dags=dags, version=2), "c")
    start = parse_instant(START)

    assert (
        run["run_type"],
        run["logical_date"],
        run["data_interval_start"],
        run["data_interval_end"],
    ) == (
        "dataset_triggered",
        start + 5 * HOUR + MINUTE,
        start - 21 * HOUR,
        start + 5 * HOUR,
    )


def test_updates_before_the_run_are_one_run() -> None:
    """Three updates of a before b comes: one run, which consumed those up to its date."""
    dags = {**producers(a="0 1-3 * * *", b="30 2 * * *"), "c": consumer(["a", "b"])}
    (run,) = births(fly(dags=dags, version=3), "c")

    assert run["consumed"] == {"a": [1, 2], "b": [1]}


def test_updates_wait_for_max_active_runs() -> None:
    """While a run is there the updates wait; what comes meanwhile joins them in one run."""
    dags = {
        **producers(a="*/10 3 * * *"),
        "c": consumer(["a"], max_active_runs=1, default_args={"pool": "narrow"}),
    }
    start = parse_instant(START)
    flight = fly(
        dags=dags,
        version=3,
        pools={"narrow": {"slots": 0}},
    )
    runs = births(flight, "c")

    assert [run["run_after"] for run in runs] == [start + 3 * HOUR + MINUTE]


def test_a_paused_consumer_hears_nothing() -> None:
    """Updates during a pause are lost to it: after the pause it waits for the next one."""
    start = parse_instant(START)
    dags = {**producers(a="0 3,6 * * *"), "c": consumer(["a"])}
    flight = fly(
        dags=dags,
        version=3,
        actions=(
            Pause(at=start + 2 * HOUR, pipeline="c"),
            Pause(at=start + 4 * HOUR, pipeline="c", paused=False),
        ),
    )
    journal = flight.kernel.journal
    runs = births(flight, "c")

    assert [run["consumed"] for run in runs] == [{"a": [1, 2]}]
    assert [row.detail["consumers"] for row in journal.rows(Fact.ASSET_EVENT)] == [[], ["c"]]


@pytest.mark.parametrize("result", [Result.SKIPPED, Result.FAILED])
def test_only_a_success_updates(result: Result) -> None:
    """A skipped or failed task says nothing about its outlets."""
    dags = {**producers(a="0 3 * * *"), "c": consumer(["a"])}
    flight = fly(dags=dags, version=3, outcomes={("make_a", 1): Outcome(result)})

    assert births(flight, "c") == []


def test_assets_or_time() -> None:
    """AssetOrTimeSchedule has both kinds of runs."""
    both = {"timetable": "CronTriggerTimetable", "cron": "0 7 * * *", "assets": ["a"]}
    dags = {**producers(a="0 3 * * *"), "c": consumer(both)}
    runs = births(fly(dags=dags, version=3), "c")

    assert [run["run_type"] for run in runs] == ["asset_triggered", "scheduled"]


def test_an_empty_task_with_outlets_runs_on_a_worker() -> None:
    """Its update comes in the middle of a loop, and the next loop creates the run."""
    dags = {
        "p": dag({"done": {"type": "empty", "outlets": ["a"]}}),
        "c": consumer(["a"]),
    }
    flight = fly(dags=dags, version=3)

    assert [line for line in flight.runs() if "asset_triggered" in line and "queued" in line] == [
        "03-10 03:00:01 asset_triggered__2024-03-10T03:00:00Z queued"
    ]
