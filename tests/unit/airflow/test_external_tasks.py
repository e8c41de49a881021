"""ExternalTaskSensor: one DAG waits for another one's run or task."""

from __future__ import annotations

from typing import Any

import pytest

from sim.model.work import Outcome, Result, Returned
from tests.unit.airflow.builder import Flight, dag, fly

FAILED = Outcome(Result.FAILED, "boom")
SKIPPED = Outcome(Result.SKIPPED)


def pair(cron: str = "0 3 * * *", **sensor: Any) -> dict[str, Any]:
    """A DAG `d` at 03:00 and another one whose only task waits for it."""
    waits = {"external_dag_id": "d", "poke_interval": "5m", **sensor}
    return {
        "d": dag(),
        "after": dag({"wait": {"type": "sensor", "sensor": waits}}, schedule=cron),
    }


def ends(flight: Flight) -> list[str]:
    """What became of the sensor's tries."""
    return [line for line in flight.tasks("wait") if "queued" not in line and "sched" not in line]


def test_it_waits_for_the_whole_run() -> None:
    """The run ends at 03:02; the second look, five minutes after the first, sees it."""
    assert ends(fly(dags=pair())) == [
        "03-10 03:00:00 wait#1 running",
        "03-10 03:05:02 wait#1 success",
    ]


def test_one_task_is_enough_when_named() -> None:
    """Looks at 03:00:01 and 03:01:01: a has ended at 03:01."""
    flight = fly(dags=pair(external_task_id="a", poke_interval="59s"))

    assert ends(flight)[-1] == "03-10 03:01:01 wait#1 success"


@pytest.mark.parametrize(
    ("outcome", "sensor", "expected"),
    [
        (FAILED, {}, "03:20:05 wait#1 failed"),
        (FAILED, {"failed_states": ["failed"]}, "03:05:02 wait#1 failed"),
        (FAILED, {"failed_states": ["failed"], "soft_fail": True}, "03:05:02 wait#1 skipped"),
        (SKIPPED, {"skipped_states": ["skipped"]}, "03:05:02 wait#1 skipped"),
        (FAILED, {"allowed_states": ["success", "failed"]}, "03:05:02 wait#1 success"),
    ],
)
def test_states(outcome: Outcome, sensor: dict[str, Any], expected: str) -> None:
    """By default a failure upstream only means waiting until the timeout."""
    dags = pair(external_task_ids=["a"], timeout="18m", **sensor)
    flight = fly(dags=dags, outcomes={("a", 1): outcome})

    assert ends(flight)[-1] == f"03-10 {expected}"


def test_another_schedule_never_matches() -> None:
    """The logical date is compared exactly: half an hour later there is no such run."""
    flight = fly(dags=pair("30 3 * * *", timeout="8m"))

    assert ends(flight)[-1] == "03-10 03:40:03 wait#1 failed"


def test_execution_delta_bridges_the_schedules() -> None:
    """Half an hour earlier there is one, and it is over."""
    flight = fly(dags=pair("30 3 * * *", execution_delta="30m"))

    assert ends(flight)[-1] == "03-10 03:30:01 wait#1 success"


def test_runs_before_the_clock_count_as_done() -> None:
    """The run of a day earlier was due before the simulation began."""
    flight = fly(dags=pair(execution_delta="1d"))

    assert ends(flight)[-1] == "03-10 03:00:01 wait#1 success"


def test_check_existence() -> None:
    """A DAG that does not exist fails the sensor only when it is asked to look."""
    waiting = fly(dags=pair(external_dag_id="nobody", timeout="8m"))
    asked = fly(dags=pair(external_dag_id="nobody", check_existence=True))

    assert ends(waiting)[-1] == "03-10 03:10:03 wait#1 failed"
    assert ends(asked)[-1] == "03-10 03:00:01 wait#1 failed"


@pytest.mark.parametrize(
    ("poke", "expected"),
    [("70s", "03-10 03:02:23 wait#1 success"), ("6m", "03-10 03:30:06 wait#1 failed")],
)
def test_each_index_of_a_mapped_task_counts(poke: str, expected: str) -> None:
    """The real query counts rows: one index done is as many as asked for, three never are.

    crunch[0] to crunch[2] take a minute each, one after another, from 03:01.
    """
    mapped = {"list": {}, "crunch": {"expand": {"entry": "list"}, "pool": "one"}}
    dags = pair(external_task_id="crunch", poke_interval=poke, timeout="28m") | {"d": dag(mapped)}
    listed = Outcome(Result.SUCCESS, returned=Returned(100, 3))
    flight = fly(dags=dags, pools={"one": {"slots": 1}}, outcomes={("list", 1): listed})

    assert ends(flight)[-1] == expected
