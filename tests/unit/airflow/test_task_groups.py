"""Mapped task groups: index by index inside, all indices outside."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.kernel.calendar import parse_instant
from sim.model.interventions import Clear
from sim.model.work import Outcome, Result
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.validate import validate
from tests.unit.airflow.builder import Flight, dag, fly
from tests.unit.airflow.test_mapping import FAILED, ends, returning, run_ends

GROUP = {"work": {"expand": {"entry": "list"}}}


def tasks(**more: dict[str, Any]) -> dict[str, Any]:
    """`list -> [load -> check] (mapped) -> join`, with arguments of tasks by their names."""
    made: dict[str, Any] = {
        "list": {},
        "load": {"task_group": "work"},
        "check": {"task_group": "work", "upstream": ["load"]},
        "join": {"upstream": ["check"]},
    }
    return {name: {**task, **more.get(name, {})} for name, task in made.items()}


def grouped(*, version: int = 3, **settings: Any) -> Flight:
    """A night of this DAG over a list of three."""
    given = settings.pop("tasks", tasks())
    groups = settings.pop("task_groups", GROUP)
    outcomes = {("list", 1): returning(3), **settings.pop("outcomes", {})}
    dags = {"d": dag(given, task_groups=groups)}
    return fly(dags=dags, version=version, outcomes=outcomes, **settings)


def instances(flight: Flight, state: str) -> list[str]:
    """The task instances that came into a state, with the minute: `03:02 load[0]`."""
    journal = flight.kernel.journal
    found = []
    for line, row in zip(flight.tasks(), _rows(flight), strict=True):
        if line.endswith(f" {state}"):
            who = journal.who(row)
            name = who.name if who.number < 0 else f"{who.name}[{who.number}]"
            found.append(f"{line[6:11]} {name}")
    return found


def _rows(flight: Flight) -> list[int]:
    from sim.model.facts import Fact  # noqa: PLC0415 - one use

    return [row.entity for row in flight.kernel.journal.rows(Fact.TASK_STATE)]


@pytest.mark.parametrize("version", [2, 3])
def test_each_index_follows_its_own(version: int) -> None:
    """check[1] follows load[1] although load[0] waits for its retry; join waits for all checks."""
    once = iter([Outcome(Result.FAILED, "boom")])
    flight = grouped(
        version=version,
        tasks=tasks(load={"retries": 1, "retry_delay": "5m"}),
        outcomes={("load", 1): lambda _: next(once, Outcome(Result.SUCCESS))},
    )

    assert instances(flight, "success") == [
        "03:01 list",
        "03:02 load[1]",
        "03:02 load[2]",
        "03:03 check[1]",
        "03:03 check[2]",
        "03:08 load[0]",
        "03:09 check[0]",
        "03:10 join",
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_a_failure_stays_within_its_index(version: int) -> None:
    """check[0] is upstream_failed, its sisters succeed, and join fails for want of one."""
    once = iter([FAILED])
    flight = grouped(
        version=version, outcomes={("load", 1): lambda _: next(once, Outcome(Result.SUCCESS))}
    )

    assert sorted(ends(flight)) == [
        "check[0] upstream_failed",
        "check[1] success",
        "check[2] success",
        "join upstream_failed",
        "list success",
        "load[0] failed",
        "load[1] success",
        "load[2] success",
    ]
    assert run_ends(flight) == ["failed"]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(returning(0), "skipped"), (FAILED, "upstream_failed"), (Outcome(Result.SKIPPED), "skipped")],
)
def test_a_group_without_entries(outcome: Outcome, state: str) -> None:
    """Nothing is expanded: the rows without an index end as the list's task or its length says."""
    flight = grouped(outcomes={("list", 1): outcome})

    assert ends(flight)[1:] == [f"{name} {state}" for name in ("load", "check", "join")]


def test_a_list_in_the_file_is_there_from_the_start() -> None:
    """Every index of every task of the group, and none of them without."""
    given = tasks()
    del given["list"]
    groups = {"work": {"expand": {"entry": [1, 2]}}}
    flight = grouped(tasks=given, task_groups=groups)

    assert instances(flight, "running") == [
        "03:00 load[0]",
        "03:00 load[1]",
        "03:01 check[0]",
        "03:01 check[1]",
        "03:02 join",
    ]


@pytest.mark.parametrize(("rule", "at"), [("one_success", "03:02"), ("one_failed", "03:07")])
def test_fast_rules_look_at_every_index(rule: str, at: str) -> None:
    """With one_success or one_failed a check asks for any load, not for its own.

    load[0] fails twice, at 03:02 and 03:07; the others succeed at 03:02.
    """
    tries = iter([FAILED])
    flight = grouped(
        tasks=tasks(
            load={"retries": 1, "retry_delay": "4m"}, check={"trigger_rule": rule}, join={}
        ),
        outcomes={
            ("load", 1): lambda _: next(tries, Outcome(Result.SUCCESS)),
            ("load", 2): FAILED,
        },
    )

    assert [line[:5] for line in instances(flight, "scheduled") if "check" in line] == [at] * 3


def test_a_cleared_group_keeps_its_indices() -> None:
    """The whole run once more: each index again after its own, and two entries less are removed."""
    lengths = {("list", 1): returning(3), ("list", 2): returning(1)}
    at = parse_instant("2024-03-10T06:00Z")
    flight = grouped(
        outcomes=lengths, actions=(Clear(at=at, pipeline="d", data_date="2024-03-10"),)
    )

    assert ends(flight) == [
        "list success",
        "load[0] success",
        "load[1] removed",
        "load[2] removed",
        "check[0] success",
        "check[1] removed",
        "check[2] removed",
        "join success",
    ]
    assert flight.illegal() == []


@pytest.mark.parametrize(
    ("groups", "more", "code"),
    [
        ({}, {}, "E-GROUP-UNKNOWN"),
        ({"work": {}}, {}, "E-EXPAND"),
        ({"work": {"expand": {"entry": "lost"}}}, {}, "E-TASK-UNKNOWN"),
        (GROUP, {"check": {"expand": {"more": 2}}}, "E-EXPAND"),
        (GROUP, {"check": {"trigger_rule": "always"}}, "E-EXPAND"),
        (GROUP, {"load": {"type": "latest_only"}}, "E-EXPAND"),
        ({"work": {"expand": {"entry": "check"}}}, {}, "E-CYCLE"),
    ],
)
def test_what_is_no_group_is_said(groups: dict[str, Any], more: dict[str, Any], code: str) -> None:
    """One problem at its place."""
    section = {"dags": {"d": dag(tasks(**more), task_groups=groups)}, "version": 3}
    found = validate(msgspec.convert(section, AirflowConfig), tasks=list(tasks()), alerts=())

    assert code in {problem.code for problem in found}
