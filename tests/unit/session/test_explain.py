"""Explanations of a night: sums, the critical path, names, and counterfactuals that are true."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.engine.simulate import simulate
from sim.errors import UsageError
from sim.faults.plan import WorkerLost
from sim.kernel.calendar import DAY
from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.session.explain import Explanation, started
from tests.unit.session.shop import airflow, at, config, scenario, tasks

NIGHT = at("2024-03-12T00:00Z")


def section(version: int, **changes: Any) -> dict[str, Any]:
    """A night of the shop with two DAGs, of which `late` waits for what `early` holds."""
    made = airflow()
    made |= {
        "version": version,
        "pools": {"one": {"slots": 1}},
        "dags": {
            "early": dag({"copy": {"pool": "one", "priority_weight": 9}}),
            "late": dag({"publish": {"pool": "one"}, "idle": {"upstream": ["publish"]}}),
        },
    }
    return {**made, **changes}


def dag(tasks_: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A daily DAG at three."""
    every = {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"}
    return {"schedule": every, "start_date": "2024-01-01", "tasks": tasks_, **settings}


def made(settings: dict[str, Any]) -> Any:
    """The config with the shop's work."""
    wiring = {**tasks(), "idle": {"work": "publish", "sql": "SELECT 1 AS n"}}
    return config(section=settings, wiring=wiring)


def explained(settings: dict[str, Any]) -> Explanation:
    """The first night, to the end of its day."""
    return Explanation(scenario(nights=1), made(settings), since=NIGHT, at=NIGHT + DAY)


def start_of(settings: dict[str, Any], task: str) -> int:
    """When a task really starts under a config."""
    journal = simulate(scenario(nights=1), made(settings), until=NIGHT + DAY)
    return next(
        row.time
        for row in journal.rows(Fact.TASK_STATE)
        if journal.name(row.entity) == task and row.value % 256 == TaskState.RUNNING
    )


@pytest.mark.parametrize("version", [2, 3])
def test_the_critical_path_goes_through_the_upstream_to_the_pool(version: int) -> None:
    """Task idle waits for publish, which waits for the pool that copy holds."""
    told = explained(section(version))
    story = told.find("idle")
    path = [
        (told.ledger.story.tasks[wait.task_instance].name, str(wait.reason), wait.blocker)
        for wait in told.path(story)
        if wait.reason != "scheduler_loop"
    ]

    assert path == [("publish", "pool", "one"), ("publish", "running", ""), ("idle", "running", "")]
    waits = told.path(story)
    assert (waits[0].start, waits[-1].end) == (story.run.due, told.ledger.end(story))


@pytest.mark.parametrize(
    ("changes", "lifted"),
    [
        ({}, {"pools": {"one": {"slots": 2}}}),
        (
            {"pools": {"one": {"slots": 9}}, "cfg": {"core": {"parallelism": 1}}},
            {"pools": {"one": {"slots": 9}}, "cfg": {"core": {"parallelism": 3}}},
        ),
    ],
    ids=["pool", "parallelism"],
)
def test_a_counterfactual_is_true_when_tried(
    changes: dict[str, Any], lifted: dict[str, Any]
) -> None:
    """What it says of `publish` is what the same edit of the config gives."""
    told = explained(section(3, **changes))
    story = told.find("publish")
    found = told.what_if(story, told.path(story))

    assert found is not None
    assert found.before == start_of(section(3, **changes), "publish") == started(story)
    assert found.after == start_of(section(3, **lifted), "publish")
    assert found.after is not None
    assert found.after < found.before


def test_who_held_it() -> None:
    """The pool's only slot: copy of the other DAG."""
    told = explained(section(3))
    blocked = told.ledger.waits(told.find("publish").entity)[0]

    assert [(one.run.dag_id, one.name) for one in told.holders(blocked)] == [("early", "copy")]


def test_sums_are_the_waits_of_the_night() -> None:
    """Nothing is lost between single waits and their sum by reason."""
    told = explained(section(2))
    whole = sum(wait.span for story in told.stories for wait in told.ledger.waits(story.entity))

    assert sum(share.span for share in told.shares()) == whole
    assert "running" in {share.reason for share in told.shares()}


def test_names() -> None:
    """A task, its DAG before it, a run or a date behind it; what is not there is said."""
    told = explained(section(3))

    assert told.find("late.publish") is told.find("publish") is told.find("publish@2024-03-11")
    for wrong in ("nobody", "publish@2020-01-01", "early.publish"):
        with pytest.raises(UsageError):
            told.find(wrong)


def test_nothing_to_take_away() -> None:
    """A task that waited for nothing has no counterfactual."""
    alone = section(3, dags={"early": dag({"copy": {}})})
    told = explained(alone)
    story = told.find("copy")

    assert told.what_if(story, told.path(story)) is None


def test_no_setting_brings_a_worker_back() -> None:
    """A wait for a worker that was gone is no wait that a config could take away."""
    lost = WorkerLost(task="copy", data_date="2024-03-11", after="2m")
    shop = msgspec.structs.replace(scenario(nights=1), faults=[lost])
    told = Explanation(shop, made(section(3)), since=NIGHT, at=NIGHT + DAY)
    story = told.find("copy")

    assert "gone" in {wait.word for wait in told.ledger.waits(story.entity)}
    assert told.what_if(story, told.path(story)) is None
