"""Deadlines of runs (3.x) and SLAs of tasks (2.x): who hears of what, and when."""

from __future__ import annotations

from typing import Any

from sim.kernel.calendar import HOUR, MINUTE, SECOND, format_instant, parse_instant
from sim.model.facts import Fact
from sim.model.interventions import Clear
from sim.model.work import Outcome, Result
from tests.unit.airflow.builder import START, Flight, dag, fly

FAILED = Outcome(Result.FAILED, "boom")


def deadlines(flight: Flight) -> list[str]:
    """Every event of a deadline: `03:01:01 missed late`."""
    return [
        f"{format_instant(row.time)[11:-1]} {row.detail['event']} {row.detail['alert']}"
        for row in flight.kernel.journal.rows(Fact.DEADLINE)
    ]


def late(reference: str = "DAGRUN_QUEUED_AT", **settings: Any) -> dict[str, Any]:
    """A deadline a minute after its reference, which pages."""
    return {
        "name": "late",
        "reference": reference,
        "interval": "1m",
        "callback": "page",
        **settings,
    }


def test_a_run_in_time_owes_nothing() -> None:
    """A run that succeeds at the very instant of its deadline met it."""
    flight = fly(dags={"d": dag({"a": {}}, deadline=[late()])}, version=3)

    assert deadlines(flight) == ["03:00:00 created late", "03:01:00 pruned late"]
    assert flight.work.sent == []


def test_a_late_run_pages_once_and_goes_on() -> None:
    """The first loop after the deadline sends the alert; the run succeeds all the same."""
    flight = fly(dags={"d": dag(deadline=[late()])}, version=3)

    assert deadlines(flight) == ["03:00:00 created late", "03:01:01 missed late"]
    assert [(alert, task) for alert, task, _ in flight.work.sent] == [("page", "b")]
    assert flight.runs()[-1].endswith("success")


def test_a_failed_run_still_owes_its_deadline() -> None:
    """Only success prunes."""
    flight = fly(
        dags={"d": dag({"a": {}}, deadline=[late(interval="1h")])},
        version=3,
        outcomes={("a", 1): FAILED},
    )

    assert deadlines(flight) == ["03:00:00 created late", "04:00:01 missed late"]


def test_the_average_needs_enough_runs() -> None:
    """From the third run on two successes are there: two minutes on average, and one more."""
    deadline = late("AVERAGE_RUNTIME", max_runs=2)
    flight = fly(dags={"d": dag(deadline=[deadline])}, version=3, days=3)
    (created,) = [
        row for row in flight.kernel.journal.rows(Fact.DEADLINE) if row.detail["event"] == "created"
    ]

    assert created.value - created.time == 3 * MINUTE


def test_a_pending_queued_at_deadline_forbids_clearing() -> None:
    """3.3.2 fails while moving it, so the operator gets an error and nothing changes."""
    at = parse_instant(START) + 3 * HOUR + 5 * MINUTE
    flight = fly(
        dags={"d": dag({"a": {}}, deadline=[late(interval="1h")])},
        version=3,
        outcomes={("a", 1): FAILED},
        actions=(Clear(at=at, pipeline="d", data_date="2024-03-10"),),
    )
    (row,) = flight.kernel.journal.rows(Fact.INTERVENTION)

    assert row.detail["refused"] == "deadline_not_moved"
    assert flight.tasks()[-1] == "03-10 03:01:00 a#1 failed"


def slas(flight: Flight) -> list[str]:
    """Every miss: `03:10:01 a of 03-10 03:00`."""
    return [
        f"{format_instant(row.time)[11:-1]} {row.detail['task']}"
        f" of {format_instant(row.value)[5:16].replace('T', ' ')}"
        for row in flight.kernel.journal.rows(Fact.SLA_MISS)
    ]


def test_a_late_task_is_recorded_one_step_later() -> None:
    """The run about 03-09 starts at 03:00; its miss carries the date of that start."""
    tasks = {"a": {"sla": "10m"}}
    dags = {"d": dag(tasks, sla_miss_callback="page")}
    flight = fly(dags=dags, span_us=30 * MINUTE)

    assert slas(flight) == ["03:10:01 a of 03-10 03:00"]
    assert [alert for alert, _, _ in flight.work.sent] == ["page"]


def test_in_time_or_unchecked_or_in_airflow_3_nothing_is_recorded() -> None:
    """No miss for a task in time, none with check_slas off, none in 3.x."""
    tasks = {"a": {"sla": "10m"}}
    off = {"core": {"check_slas": False}}
    flights = [
        fly(dags={"d": dag(tasks)}),
        fly(dags={"d": dag(tasks)}, span_us=30 * MINUTE, cfg=off),
        fly(dags={"d": dag(tasks)}, span_us=30 * MINUTE, version=3),
    ]

    assert [slas(flight) for flight in flights] == [[], [], []]


def test_nobody_looks_while_no_run_is_running() -> None:
    """A run that failed early leaves its miss to the next run's start."""
    flight = fly(
        dags={"d": dag({"a": {"sla": "10m"}})},
        days=2,
        outcomes={("a", 1): FAILED},
        span_us=30 * SECOND,
    )

    assert slas(flight) == ["03:00:00 a of 03-10 03:00"]
