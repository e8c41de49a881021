"""The nights of zombie-twins and who-dies, as their texts tell them."""

from __future__ import annotations

import pytest

from sim.engine.replay import replay
from sim.engine.simulate import simulate
from sim.kernel.calendar import format_instant
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.scenario.load import load_config_file, load_scenario
from sim.session.figures import figures_over
from sim.views.markers import markers


def told(scenario: str, night: str, config: str, task: str) -> list[tuple[str, str]]:
    """(time of day, what) of everything that the texts tell of one task's night."""
    loaded = load_scenario(scenario)
    found = load_config_file(loaded.folder / config, scenario=loaded)
    journal = simulate(loaded, found, window=night)
    return [
        (format_instant(row.time)[11:19], words)
        for row in journal.rows(Fact.TASK_STATE, Fact.PROCESS, Fact.FAULT, Fact.PUBLISHED)
        if task in {journal.name(row.entity), _writer(journal, row.detail)}
        for words in [_words(row.fact, row.value, row.detail)]
        if words not in {"scheduled 1", "queued 1", "scheduled 2", "queued 2"}
    ]


def _writer(journal: Journal, detail: object) -> str:
    writer = detail.get("task_instance") if isinstance(detail, dict) else None
    return "" if writer is None else journal.name(writer)


def _words(fact: Fact, value: int, detail: dict[str, object]) -> str:
    match fact:
        case Fact.TASK_STATE:
            return f"{TaskState(value % 256).word} {value // 256}"
        case Fact.PROCESS:
            return str(detail["end"])
        case Fact.FAULT:
            return str(detail["fault"])
        case _:
            return f"version {value}"


def test_the_dead_worker_writes_beside_its_replacement() -> None:
    """Cut off at 03:12, given up at 03:17:10, two versions of one day: 03:26 and 03:38:12."""
    assert told("zombie-twins", "2024-03-14", "config.yaml", "load") == [
        ("03:05:00", "running 1"),
        ("03:12:00", "network_split"),
        ("03:17:10", "silent"),
        ("03:17:11", "up_for_retry 1"),
        ("03:17:12", "running 2"),
        ("03:26:00", "version 74"),
        ("03:26:00", "refused"),
        ("03:38:12", "version 75"),
        ("03:38:12", "success 2"),
    ]


def test_the_night_tells_of_the_twin() -> None:
    """Besides the wrong version: the cut, the worker given up, the result refused."""
    scenario = load_scenario("zombie-twins")
    found = load_config_file(scenario.config_path, scenario=scenario)
    one = replay(scenario, found, window="2024-03-14")
    codes = [note.code for note in markers(one, start=one.start, end=one.end)]

    assert codes == ["fault", "process.silent", "process.refused", "published.wrong", "read.wrong"]


def test_a_worker_of_airflow_2_ends_itself_five_seconds_before() -> None:
    """At 03:17:05; the scheduler gives it up at 03:17:10, and one version is published."""
    night = told("zombie-twins", "2024-03-14", "traps/older-airflow.yaml", "load")

    assert night[2:4] == [("03:17:05", "killed"), ("03:17:10", "silent")]
    assert [what for _, what in night if what.startswith("version")] == ["version 74"]


def test_delete_and_insert_leave_a_hole_between_the_twins() -> None:
    """The day is there at 03:26, gone at 03:27:42, there again at 03:38:12."""
    night = told("zombie-twins", "2024-03-14", "traps/delete-then-insert.yaml", "load")

    assert [time for time, what in night if what.startswith("version")] == [
        "03:26:00",
        "03:27:42",
        "03:38:12",
    ]


def test_work_goes_on_without_a_scheduler() -> None:
    """Monday: `extract` ends at 03:45 by itself; what follows waits for the day shift."""
    extract = told("who-dies", "2024-03-04", "config.yaml", "extract")
    transform = told("who-dies", "2024-03-04", "config.yaml", "transform")

    assert extract == [("03:00:00", "running 1"), ("03:45:00", "success 1")]
    assert transform[0][0] >= "07:00:00"


@pytest.mark.parametrize(
    ("night", "lost"),
    [
        ("2024-03-04", 0),
        ("2024-03-05", 3),
        ("2024-03-06", 1),
        ("2024-03-07", 3),
        ("2024-03-08", 0),
        ("2024-03-09", 3),
        ("2024-03-10", 0),
    ],
)
def test_what_each_plug_costs(night: str, lost: int) -> None:
    """Task instances lost by the config as found, and none by the first solution."""
    scenario = load_scenario("who-dies")
    found = load_config_file(scenario.config_path, scenario=scenario)
    mended = load_config_file(scenario.solutions["two-and-retries"], scenario=scenario)
    counts = [
        figures_over(scenario, config, window=night)["lost_tasks"] for config in (found, mended)
    ]

    assert counts == [lost, 0]
