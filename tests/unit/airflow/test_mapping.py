"""Mapped tasks: how many indices there are, what becomes of them, and who waits for them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.kernel.calendar import parse_instant
from sim.model.facts import Fact
from sim.model.interventions import Clear
from sim.model.states import RunState, TaskState
from sim.model.work import Outcome, Result, Returned
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.validate import validate
from tests.unit.airflow.builder import Flight, dag, fly

FAILED = Outcome(Result.FAILED, "boom")
MAPPED = {"list": {}, "crunch": {"expand": {"entry": "list"}}, "join": {"upstream": ["crunch"]}}


def returning(length: int | None) -> Outcome:
    """A success that returns a list."""
    return Outcome(Result.SUCCESS, returned=Returned(100, length))


def mapped(*, tasks: dict[str, Any] | None = None, version: int = 3, **settings: Any) -> Flight:
    """A night of `list -> crunch (mapped) -> join`, but for what is given."""
    outcomes = {("list", 1): returning(3), **settings.pop("outcomes", {})}
    dags = {"d": dag(MAPPED if tasks is None else tasks)}
    return fly(dags=dags, version=version, outcomes=outcomes, **settings)


def ends(flight: Flight) -> list[str]:
    """The last state of every task instance: `crunch[0] success`."""
    journal = flight.kernel.journal
    last: dict[str, str] = {}
    for row in journal.rows(Fact.TASK_STATE):
        who = journal.who(row.entity)
        name = who.name if who.number < 0 else f"{who.name}[{who.number}]"
        last[name] = f"{TaskState(row.value % 256).word}"
    return [f"{name} {state}" for name, state in last.items()]


def run_ends(flight: Flight) -> list[str]:
    """How the runs ended."""
    rows = flight.kernel.journal.rows(Fact.RUN_STATE)
    states = [RunState(row.value) for row in rows]
    return [state.word for state in states if state in {RunState.SUCCESS, RunState.FAILED}]


@pytest.mark.parametrize("version", [2, 3])
def test_one_task_instance_for_each_entry(version: int) -> None:
    """The list that a task returns is as long as the mapped task is wide; join waits for all."""
    flight = mapped(version=version)

    assert ends(flight) == [
        "list success",
        "crunch[0] success",
        "crunch[1] success",
        "crunch[2] success",
        "join success",
    ]
    assert flight.illegal() == []
    assert run_ends(flight) == ["success"]


def test_an_empty_list_skips() -> None:
    """Nothing to expand over: the one row is skipped, and what is below with it."""
    flight = mapped(outcomes={("list", 1): returning(0)})

    assert ends(flight) == ["list success", "crunch skipped", "join skipped"]


def test_a_task_that_returns_no_list_fails() -> None:
    """Others are expanded over what it returns: returning nothing is a failure, with retries."""
    tasks = {**MAPPED, "list": {"retries": 1, "retry_delay": "1m"}}
    flight = mapped(
        tasks=tasks,
        outcomes={("list", 1): Outcome(Result.SUCCESS), ("list", 2): returning(1)},
    )

    assert ends(flight) == ["list success", "crunch[0] success", "join success"]
    assert [one for one in flight.tasks("list") if "retry" in one] == [
        "03-10 03:01:00 list#1 up_for_retry"
    ]


def test_a_list_longer_than_max_map_length_fails_its_task() -> None:
    """The task that returns it fails, and the mapped one never comes to be."""
    flight = mapped(cfg={"core": {"max_map_length": 2}})

    assert ends(flight) == ["list failed", "crunch upstream_failed", "join upstream_failed"]


def test_lists_in_the_dag_file_multiply_and_are_not_bounded() -> None:
    """expand() with several arguments is their product; all indices exist from the start."""
    tasks = {"crunch": {"expand": {"x": [1, 2], "y": 3}}}
    flight = mapped(tasks=tasks, cfg={"core": {"max_map_length": 1}})

    assert ends(flight) == [f"crunch[{index}] success" for index in range(6)]


def test_an_index_is_retried_alone() -> None:
    """A failing index takes the task below with it, however many others succeed."""
    tasks = {**MAPPED, "crunch": {"expand": {"entry": "list"}, "max_active_tis_per_dagrun": 1}}
    flight = mapped(tasks=tasks, outcomes={("crunch", 1): FAILED})

    assert ends(flight)[1:] == [
        "crunch[0] failed",
        "crunch[1] failed",
        "crunch[2] failed",
        "join upstream_failed",
    ]


def test_a_mapped_task_over_a_mapped_task_counts_what_was_returned() -> None:
    """Every index that returned something is an entry."""
    tasks = {"list": {}, "crunch": {"expand": {"e": "list"}}, "post": {"expand": {"e": "crunch"}}}
    flight = mapped(
        tasks=tasks, outcomes={("crunch", 1): Outcome(returned=Returned(8), result=Result.SUCCESS)}
    )

    assert ends(flight)[4:] == [f"post[{index}] success" for index in range(3)]


def test_a_shorter_list_removes_indices_and_a_longer_one_adds_them() -> None:
    """After a clear the new list counts; what is removed is no obstacle to what is below."""
    clear = Clear(at=parse_instant("2024-03-10T06:00Z"), pipeline="d", data_date="2024-03-10")
    again = Clear(at=parse_instant("2024-03-10T09:00Z"), pipeline="d", data_date="2024-03-10")
    flight = mapped(
        outcomes={("list", 2): returning(1), ("list", 3): returning(4)}, actions=(clear, again)
    )
    journal = flight.kernel.journal
    states = [
        f"{journal.who(row.entity).number} {TaskState(row.value % 256).word}"
        for row in journal.rows(Fact.TASK_STATE)
        if journal.name(row.entity) == "crunch" and row.value % 256 in {4, 12}
    ]

    assert states == [
        *("0 success", "1 success", "2 success"),
        *("1 removed", "2 removed", "0 success"),
        *("0 success", "1 success", "2 success", "3 success"),
    ]
    assert run_ends(flight) == ["success"] * 3


def test_a_new_try_clears_what_the_last_one_returned() -> None:
    """An XCom is stored with its size and length, and gone when the next try starts."""
    clear = Clear(at=parse_instant("2024-03-10T06:00Z"), pipeline="d", data_date="2024-03-10")
    flight = mapped(outcomes={("list", 2): returning(1)}, actions=(clear,))
    facts = flight.kernel.journal.rows(Fact.XCOM)

    assert [(row.value, dict(row.detail)) for row in facts] == [
        (100, {"key": "return_value", "length": 3}),
        (0, {"key": "return_value"}),
        (100, {"key": "return_value", "length": 1}),
    ]


@pytest.mark.parametrize(
    ("over", "width"),
    [
        ({"entry": {"zip": ["list", "other"]}}, 2),
        ({"entry": {"zip": ["list", "other"], "fillvalue": None}}, 3),
        ({"entry": {"concat": ["list", "other", [7]]}}, 6),
        ({"entry": {"map": "list"}}, 3),
        ({"entry": {"concat": [{"zip": ["list", "other"]}, {"map": "other"}]}}, 4),
        ({"x": "list", "y": "list"}, 9),
        ({"x": {"concat": [[1], 2]}}, 3),
    ],
)
@pytest.mark.parametrize("version", [2, 3])
def test_lists_are_combined(version: int, over: dict[str, Any], width: int) -> None:
    """Of lists of three and two: the shortest, the longest, all, its own length, the product."""
    tasks = {"list": {}, "other": {}, "crunch": {"expand": over}}
    flight = mapped(tasks=tasks, version=version, outcomes={("other", 1): returning(2)})

    assert [line for line in ends(flight) if line.startswith("crunch")] == [
        f"crunch[{index}] success" for index in range(width)
    ]


def test_a_combination_waits_for_all_of_its_lists() -> None:
    """One of the two tasks fails: what is mapped over both never runs."""
    tasks = {"list": {}, "other": {}, "crunch": {"expand": {"e": {"concat": ["list", "other"]}}}}
    flight = mapped(tasks=tasks, outcomes={("other", 1): FAILED})

    assert "crunch upstream_failed" in ends(flight)


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"zip": ["list"], "concat": ["list"]}, "E-EXPAND"),
        ({"concat": "list"}, "E-EXPAND"),
        ({"chain": ["list"]}, "E-EXPAND"),
        ({"concat": ["list"], "fillvalue": 0}, "E-EXPAND"),
        ({"zip": ["list", "lisst"]}, "E-TASK-UNKNOWN"),
        ({"concat": [-1]}, "E-EXPAND"),
    ],
)
def test_what_is_no_combination_is_said(over: dict[str, Any], code: str) -> None:
    """One problem at its place."""
    tasks = {"list": {}, "crunch": {"expand": {"entry": over}}}
    config = msgspec.convert({"dags": {"d": dag(tasks)}}, AirflowConfig)

    problems = list(validate(config, tasks=["list", "crunch"]))
    assert [(one.code, one.path[-2:]) for one in problems] == [(code, ("expand", "entry"))]
