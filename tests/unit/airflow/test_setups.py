"""Setups, teardowns, fail_fast, LatestOnly: what becomes of the rest of a run."""

from __future__ import annotations

from typing import Any

import pytest

from sim.kernel.calendar import parse_instant
from sim.model.interventions import Clear
from sim.model.work import Outcome, Result
from sim.orchestrators.airflow.config import Task
from sim.orchestrators.airflow.graph import Graph, subset
from tests.unit.airflow.builder import Flight, dag, fly
from tests.unit.airflow.test_mapping import ends, run_ends

FAILED = Outcome(Result.FAILED, "boom")
SKIPPED = Outcome(Result.SKIPPED)
CLUSTER = {
    "up": {"setup": True},
    "work": {"upstream": ["up"]},
    "more": {"upstream": ["work"]},
    "down": {"upstream": ["more"], "teardown": True, "setups": ["up"]},
}


def night(
    outcomes: dict[tuple[str, int], Outcome],
    tasks: dict[str, Any] | None = None,
    *,
    version: int = 3,
    **settings: Any,
) -> Flight:
    """A night of `up -> work -> more -> down`."""
    given = dag(CLUSTER if tasks is None else tasks, **settings)
    return fly(dags={"d": given}, version=version, outcomes=outcomes)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("outcomes", "expected", "run"),
    [
        ({}, ["success", "success", "success", "success"], "success"),
        (
            {("work", 1): FAILED},
            ["success", "failed", "upstream_failed", "success"],
            "failed",
        ),
        (
            {("up", 1): FAILED},
            ["failed", "upstream_failed", "upstream_failed", "upstream_failed"],
            "failed",
        ),
        ({("up", 1): SKIPPED}, ["skipped", "skipped", "skipped", "skipped"], "success"),
        ({("down", 1): FAILED}, ["success", "success", "success", "failed"], "success"),
    ],
)
def test_a_teardown_follows_its_setup_and_the_run_follows_the_work(
    outcomes: dict[tuple[str, int], Outcome], expected: list[str], run: str, version: int
) -> None:
    """It runs whatever became of the work, if the setup succeeded; its own failure is no leaf's."""
    flight = night(outcomes, version=version)
    found = dict(one.split() for one in ends(flight))

    assert expected == [found[name] for name in CLUSTER]
    assert run_ends(flight) == [run]


def test_a_teardown_may_fail_the_run() -> None:
    """on_failure_fail_dagrun makes a leaf of it."""
    tasks = {**CLUSTER, "down": {**CLUSTER["down"], "on_failure_fail_dagrun": True}}

    assert run_ends(night({("down", 1): FAILED}, tasks)) == ["failed"]


def test_fail_fast_skips_the_rest_but_teardowns() -> None:
    """The failed task is no leaf and every leaf is skipped, so the run is a success."""
    flight = night({("work", 1): FAILED}, fail_fast=True)

    assert ends(flight) == ["up success", "work failed", "more skipped", "down success"]
    assert run_ends(flight) == ["success"]


@pytest.mark.parametrize(
    ("chosen", "downstream", "expected"),
    [
        ("work", False, {"up", "work", "down"}),
        ("down", False, {"down"}),
        ("up", False, {"up", "down"}),
        ("more", True, {"up", "more", "down"}),
    ],
)
def test_a_clear_takes_setups_and_teardowns_along(
    *, chosen: str, downstream: bool, expected: set[str]
) -> None:
    """Work that is cleared needs its setup again, and its teardown after it."""
    numbers = {name: number for number, name in enumerate(CLUSTER)}
    graph = Graph.of({name: Task(**given) for name, given in CLUSTER.items()}, numbers)
    found = subset(graph, {numbers[chosen]}, downstream=downstream)

    assert expected == {name for name, number in numbers.items() if number in found}


@pytest.mark.parametrize(
    ("schedule", "version", "expected"),
    [
        ("@daily", 3, ["newest skipped", "newest success"]),
        ({"timetable": "CronDataIntervalTimetable", "cron": "@daily"}, 2, ["newest success"]),
        ({"timetable": "CronTriggerTimetable", "cron": "@daily"}, 2, ["newest skipped"]),
    ],
)
def test_latest_only(schedule: Any, version: int, expected: list[str]) -> None:
    """A run of an interval that is not the newest skips; 2.x takes no trigger's run for newest."""
    tasks = {"newest": {"type": "latest_only"}, "after": {"upstream": ["newest"]}}
    clear = Clear(at=parse_instant("2024-03-12T06:00Z"), pipeline="d", data_date="2024-03-10")
    actions = (clear,) if version == 3 else ()
    given = dag(tasks, schedule=schedule)
    flight = fly(dags={"d": given}, version=version, actions=actions, days=3)
    rows = [one for one in flight.tasks("after") if one.endswith(("skipped", "success"))]

    assert set(expected) == {f"newest {one.split()[-1]}" for one in rows}


def test_a_branch_spares_nobody_further_down() -> None:
    """Direct downstream tasks are skipped at once, the rest by their trigger rules."""
    tasks = {
        "fork": {"type": "branch"},
        "left": {"upstream": ["fork"]},
        "right": {"upstream": ["fork"], "expand": {"x": 2}},
    }
    follow = Outcome(Result.SUCCESS, follow=("left",))

    for version in (2, 3):
        found = ends(night({("fork", 1): follow}, tasks, version=version))
        skipped = [one for one in found if one.startswith("right")]
        # 2.x asks an unmapped branch for a decision of the same index, and finds none
        state = "success" if version == 2 else "skipped"
        assert skipped == [f"right[{index}] {state}" for index in range(2)]
