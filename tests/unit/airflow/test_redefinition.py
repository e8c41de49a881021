"""A DAG is deployed anew while its runs exist: who goes, who comes, and what they wait for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.kernel.calendar import parse_instant
from sim.model.interventions import Clear
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.validate import validate
from tests.unit.airflow.builder import Flight, dag, fly
from tests.unit.airflow.test_mapping import ends, run_ends

FILE = "dags/d.py"
CHAIN: dict[str, Any] = {"a": {}, "b": {"upstream": ["a"]}, "c": {"upstream": ["b"]}}


def deployed(
    tasks: dict[str, Any],
    *more: tuple[str, dict[str, Any]],
    at: str = "03:00:40",
    version: int = 3,
    **settings: Any,
) -> Flight:
    """`a -> b -> c`, of which a deploy makes something else; parses are at 00, 30 s past."""
    first = settings.pop("first", CHAIN)
    schedule = settings.pop("schedule", "0 3 * * *")
    given = [(at, tasks), *more]
    section = {
        "dags": {"d": dag(first)},
        "dag_files": {FILE: {"dags": ["d"], "parse": "0s"}},
        "deploys": [
            {
                "at": f"2024-03-10T{time}",
                "path": FILE,
                "change": "changed",
                "dags": {"d": dag(new, schedule=schedule)},
            }
            for time, new in given
        ],
    }
    return fly(version=version, **section, **settings)


@pytest.mark.parametrize("version", [2, 3])
def test_a_task_that_is_new_joins_the_running_run(version: int) -> None:
    """The parse of 03:01:00 brings `x` between a and b: both wait as the new graph says."""
    new = {"a": {}, "x": {"upstream": ["a"]}, "b": {"upstream": ["x"]}, "c": {"upstream": ["b"]}}
    flight = deployed(new, version=version, span_us=90_000_000)

    assert [line for line in flight.tasks() if "running" in line] == [
        "03-10 03:00:00 a#1 running",
        "03-10 03:01:30 x#1 running",
        "03-10 03:03:00 b#1 running",
        "03-10 03:04:30 c#1 running",
    ]
    assert run_ends(flight) == ["success"]
    assert flight.illegal() == []


def test_a_task_that_is_gone_is_removed() -> None:
    """B is no task any more: its row is removed, and c follows a."""
    flight = deployed({"a": {}, "c": {"upstream": ["a"]}}, span_us=90_000_000)

    assert ends(flight) == ["a success", "b removed", "c success"]
    assert flight.tasks("b") == ["03-10 03:01:00 b#0 removed"]
    assert run_ends(flight) == ["success"]


def test_a_task_that_is_gone_while_it_runs() -> None:
    """Its row is removed under its process, which is ended at its next heartbeat."""
    flight = deployed({"b": {}, "c": {"upstream": ["b"]}}, at="03:00:10", span_us=300_000_000)

    assert flight.tasks("a")[-1] == "03-10 03:00:30 a#1 removed"
    assert [line[:1] for line in flight.work.killed] == ["a"]
    assert flight.illegal() == []


def test_a_task_that_comes_back() -> None:
    """Removed, and with the next deploy there again, without a state."""
    flight = deployed(
        {"a": {}, "c": {"upstream": ["a"]}},
        ("03:01:40", CHAIN),
        span_us=90_000_000,
    )

    assert [line[6:] for line in flight.tasks("b")][:3] == [
        "03:01:00 b#0 removed",
        "03:02:00 b#0 none",
        "03:02:00 b#1 scheduled",
    ]


def test_a_run_that_is_over_stays_as_it_is_until_it_is_cleared() -> None:
    """A deploy after its end touches nothing; cleared, it has the new task and not the old one."""
    new = {"a": {}, "x": {"upstream": ["a"]}}
    at = parse_instant("2024-03-10T06:00Z")
    clear = Clear(at=at, pipeline="d", data_date="2024-03-10")
    left = deployed(new, at="05:00:00")
    cleared = deployed(new, at="05:00:00", actions=(clear,))

    assert ends(left) == ["a success", "b success", "c success"]
    assert sorted(ends(cleared)) == ["a success", "b removed", "c removed", "x success"]
    assert run_ends(cleared) == ["success", "success"]
    assert cleared.illegal() == []


def test_another_schedule_moves_the_next_run() -> None:
    """Deployed at noon with a run every evening: that evening already has one."""
    flight = deployed(CHAIN, at="12:00:00", schedule="0 20 * * *")

    assert [line[6:14] for line in flight.runs() if line.endswith("running")] == [
        "03:00:00",
        "20:00:00",
    ]


def test_a_waiting_task_goes_to_its_new_pool() -> None:
    """B and c wait in a full pool; in the new definition they wait in none."""
    wide = {name: {"pool": "one"} for name in ("a", "b", "c")}
    free = {name: {} for name in ("a", "b", "c")}
    flight = deployed(free, first=wide, pools={"one": {"slots": 1}})
    used = {name: pool.used for name, pool in flight.airflow.metadata.pools.items()}

    assert [line[6:] for line in flight.tasks() if "running" in line] == [
        "03:00:00 a#1 running",
        "03:01:00 b#1 running",
        "03:01:00 c#1 running",
    ]
    assert used == {"one": 0, "default_pool": 0}


@pytest.mark.parametrize(("version", "state"), [(2, "failed"), (3, "up_for_reschedule")])
def test_a_worker_finds_the_task_gone_before_the_scheduler_does(version: int, state: str) -> None:
    """B starts at 03:00:55 and is not in the file any more, which is parsed at 03:01:00."""
    new = {"a": {}, "c": {}}
    flight = deployed(new, at="03:00:50", version=version, span_us=55_000_000)

    removed = ["03-10 03:01:00 b#1 removed"] if version == 3 else []
    assert flight.tasks("b")[3:] == [f"03-10 03:00:55 b#1 {state}", *removed]


@pytest.mark.parametrize(
    ("deploy", "code"),
    [
        ({"change": "removed"}, "E-DEPLOY"),
        ({"path": "lib/common.py"}, "E-DAG-UNKNOWN"),
        ({"dags": {"e": dag()}}, "E-DAG-UNKNOWN"),
        ({"dags": {"d": dag({"a": {"upstream": ["lost"]}})}}, "E-TASK-UNKNOWN"),
    ],
)
def test_what_is_no_new_definition_is_said(deploy: dict[str, Any], code: str) -> None:
    """The definition is judged as the first one is, at its own place."""
    whole = {"at": "2024-03-10T03:00", "path": FILE, "change": "changed", "dags": {"d": dag()}}
    section = {
        "dags": {"d": dag()},
        "dag_files": {FILE: {"dags": ["d"], "imports": ["lib/common.py"]}},
        "deploys": [{**whole, **deploy}],
    }
    found = list(validate(msgspec.convert(section, AirflowConfig), tasks=["a", "b"]))

    assert code in {problem.code for problem in found}
    assert {problem.path[0] for problem in found} == {"deploys"}
