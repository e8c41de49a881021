"""Marks by hand on runs and task instances; hand-computed nights."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import SECOND, parse_instant
from sim.model.facts import Fact
from sim.model.interventions import Mark
from sim.model.work import Outcome, Result
from tests.unit.airflow.builder import Flight, dag, fly

FAILED = Outcome(Result.FAILED, "boom")


def mark(clock: str, state: str, *tasks: str, version: int = 3) -> Mark:
    """A mark at a time of the night."""
    day = "2024-03-10" if version == 3 else "2024-03-09"
    at = parse_instant(f"2024-03-10T{clock}")
    return Mark(at=at, pipeline="d", data_date=day, state=state, tasks=tasks)


def final(flight: Flight) -> dict[str, str]:
    """The last state of each task."""
    return {line.split()[2].split("#")[0]: line.split()[3] for line in flight.tasks()}


def test_a_task_marked_success_lets_the_rest_go_on() -> None:
    """Task b was upstream_failed: it is cleared, the run is queued again and succeeds."""
    flight = fly(
        version=3, outcomes={("a", 1): FAILED}, actions=(mark("04:00:30", "success", "a"),)
    )

    assert flight.runs()[2:] == [
        "03-10 03:01:01 scheduled__2024-03-10T03:00:00Z failed",
        "03-10 04:00:30 scheduled__2024-03-10T03:00:00Z queued",
        "03-10 04:00:30 scheduled__2024-03-10T03:00:00Z running",
        "03-10 04:01:30 scheduled__2024-03-10T03:00:00Z success",
    ]
    assert final(flight) == {"a": "success", "b": "success"}
    assert flight.illegal() == []


@pytest.mark.parametrize(
    ("version", "state", "b"),
    [
        (2, "success", "success"),
        (2, "failed", "skipped"),
        (3, "success", "skipped"),
        (3, "failed", "skipped"),
    ],
)
def test_a_run_marked_by_hand(version: int, state: str, b: str) -> None:
    """What runs gets the state, what waits is skipped; 2.x makes everything success."""
    flight = fly(version=version, actions=(mark("03:00:30", state, version=version),))

    assert flight.runs()[2].endswith(f"03:00:00Z {state}")
    assert len(flight.runs()) == 3
    assert final(flight) == {"a": state, "b": b}


@pytest.mark.parametrize(("version", "killed_at"), [(2, "03:00:40"), (3, "03:00:35")])
def test_the_process_of_a_marked_task_is_killed(version: int, killed_at: str) -> None:
    """By its next heartbeat, every 5 s; in 2.x by the one after."""
    flight = fly(version=version, actions=(mark("03:00:31", "failed", "a", version=version),))

    gone = [flight.clock(row.time) for row in flight.kernel.journal.rows(Fact.PROCESS)]
    assert flight.work.killed == ["a: state_changed"]
    assert gone == [killed_at]


def test_a_deferred_task_of_a_marked_run_gets_the_state() -> None:
    """Its trigger is cancelled with it."""
    flight = fly(
        dags={"d": dag({"a": {"deferrable": True}})},
        version=3,
        actions=(mark("03:00:30", "failed"),),
    )

    assert final(flight) == {"a": "failed"}
    assert flight.work.killed == ["a: trigger_cancelled"]


def test_room_by_hand_is_seen_at_the_next_parse() -> None:
    """A run every minute, one at a time: ended at 00:02:10, parses happen every 30 s."""
    every = {"timetable": "CronTriggerTimetable", "cron": "* * * * *"}
    one = dag(
        {"a": {}}, schedule=every, max_active_runs=1, end_date="2024-03-10T00:02", catchup=True
    )
    flight = fly(
        dags={"d": one}, version=3, span_us=3_600 * SECOND, actions=(mark("00:02:10", "failed"),)
    )

    queued = [line[6:14] for line in flight.runs() if line.endswith("queued")]
    assert queued[:2] == ["00:00:00", "00:02:30"]


@pytest.mark.parametrize(
    ("action", "refused"),
    [
        (mark("04:00:00", "skipped"), "no_such_state"),
        (mark("04:00:00", "success", "z"), "no_such_task"),
        (
            Mark(at=mark("04:00:00", "x").at, pipeline="e", data_date="2024-03-10", state="failed"),
            "no_such_run",
        ),
    ],
)
def test_what_cannot_be_marked_is_refused(action: Mark, refused: str) -> None:
    """The intervention is written down, with why nothing was done."""
    flight = fly(version=3, actions=(action,))

    rows = list(flight.kernel.journal.rows(Fact.INTERVENTION))
    assert [row.detail["refused"] for row in rows] == [refused]
