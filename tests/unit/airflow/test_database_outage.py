"""Nights on which the metadata database is away for a while, computed by hand from the rules."""

from __future__ import annotations

from typing import Any

import pytest

from sim.kernel.calendar import parse_instant
from sim.model.facts import Fact
from sim.model.interventions import Pause
from sim.model.work import Outcome, Result, Returned
from tests.unit.airflow.builder import Flight, dag, fly

TWO_MINUTES = (("2024-03-10T03:00:30", "2024-03-10T03:02:00"),)
LONG = (("2024-03-10T03:00:40", "2024-03-10T03:05:00"),)
CELERY: dict[str, Any] = {"cfg": {"core": {"executor": "CeleryExecutor"}}}


def ends(flight: Flight) -> list[str]:
    """Ends of processes that wrote no state."""
    return [
        f"{flight.clock(row.time)} {row.detail['end']} {row.detail['reason']}"
        for row in flight.kernel.journal.rows(Fact.PROCESS)
        if row.detail["end"] != "silent"
    ]


def instants(flight: Flight, task: str) -> list[str]:
    """What became of a task from running on."""
    return [
        line[6:] for line in flight.tasks(task) if line.split()[3] not in {"scheduled", "queued"}
    ]


@pytest.mark.parametrize(
    ("version", "end"),
    [(2, "03:01:00 died database_off"), (3, "03:00:45 killed no_heartbeat")],
)
def test_what_ends_meanwhile_can_tell_nobody(version: int, end: str) -> None:
    """In 3.x the third heartbeat that fails ends the work, at 03:00:45; in 2.x it goes on in vain.

    The new scheduler of 03:02:00 finds the old one silent for over 30 s and takes the row back.
    """
    flight = fly(version=version, dags={"d": dag({"a": {}})}, database_outages=TWO_MINUTES)

    assert ends(flight) == [end]
    assert instants(flight, "a") == [
        "03:00:00 a#1 running",
        "03:02:00 a#1 none",
        "03:02:00 a#2 running",
        "03:03:00 a#2 success",
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_work_outlives_a_short_outage(version: int) -> None:
    """Back after 10 s: a ends as if nothing had been, and the new scheduler goes on with b."""
    flight = fly(
        version=version, database_outages=(("2024-03-10T03:00:30", "2024-03-10T03:00:40"),)
    )

    assert instants(flight, "a") == ["03:00:00 a#1 running", "03:01:00 a#1 success"]
    assert instants(flight, "b") == ["03:01:00 b#1 running", "03:02:00 b#1 success"]


@pytest.mark.parametrize(
    ("version", "found"), [(2, "03:05:50 a#1 failed"), (3, "03:05:51 a#1 failed")]
)
def test_what_died_elsewhere_is_adopted_and_found_silent(version: int, found: str) -> None:
    """Its last heartbeat was at 03:00:40: older than 5 min at the check of 03:05:50."""
    flight = fly(version=version, dags={"d": dag({"a": {}})}, database_outages=LONG, **CELERY)

    assert instants(flight, "a") == ["03:00:00 a#1 running", found]


def test_what_would_start_meanwhile_dies_before_its_task() -> None:
    """One process of Celery: b's starts when a's has ended, 03:00:55, and finds no database.

    It stays queued since 03:00:00; the scheduler of 03:05 looks every 2 min, so at 03:11:00.
    """
    tasks = {"a": {"priority_weight": 2}, "b": {}}
    flight = fly(
        version=3,
        dags={"d": dag(tasks)},
        database_outages=LONG,
        celery_workers={"w1": {"concurrency": 1}},
        **CELERY,
    )

    assert ends(flight) == ["03:00:55 killed no_heartbeat", "03:00:55 died database_off"]
    assert instants(flight, "b") == ["03:11:01 b#1 running", "03:12:01 b#1 success"]


def test_nobody_takes_an_action_meanwhile() -> None:
    """The API has no database either: refused, and said so."""
    action = Pause(at=parse_instant("2024-03-10T03:01"), pipeline="d", paused=True)
    flight = fly(database_outages=TWO_MINUTES, actions=(action,))

    refused = [row.detail["refused"] for row in flight.kernel.journal.rows(Fact.INTERVENTION)]
    assert refused == ["database_off"]


def test_an_outage_is_in_the_journal_with_its_cause_for_schedulers() -> None:
    """The database goes, the scheduler because of it; both come back."""
    journal = fly(database_outages=TWO_MINUTES).kernel.journal

    database = [(row.value, row.detail["reason"]) for row in journal.rows(Fact.DATABASE)]
    scheduler = [(row.value, row.detail["reason"]) for row in journal.rows(Fact.SCHEDULER)]
    assert database == [(0, "outage"), (1, "outage")]
    assert scheduler == [(0, "database_off"), (1, "database_on")]


# -- what tasks return --------------------------------------------------------------------------


def returning(size: int) -> Outcome:
    """A success with a value of so many bytes."""
    return Outcome(Result.SUCCESS, returned=Returned(size))


@pytest.mark.parametrize(("rate", "end"), [(None, "03:01:00"), (1_000_000, "03:02:00")])
def test_storing_a_large_value_takes_its_time(rate: int | None, end: str) -> None:
    """60 MB at a megabyte a second: the try is over a minute later, and b begins then."""
    flight = fly(
        outcomes={("a", 1): returning(60_000_000)}, database={"xcom_bytes_per_second": rate}
    )

    assert instants(flight, "a")[-1] == f"{end} a#1 success"
    assert instants(flight, "b")[0] == f"{end} b#1 running"


@pytest.mark.parametrize(
    ("engine", "end"), [("postgresql", "failed"), ("sqlite", "success"), ("mysql", "success")]
)
def test_a_column_bounds_a_value(engine: str, end: str) -> None:
    """A value of 1.5 GB: more than PostgreSQL's column takes, which fails the try."""
    flight = fly(outcomes={("a", 1): returning(3 * 2**29)}, database={"engine": engine})

    assert instants(flight, "a")[-1] == f"03:01:00 a#1 {end}"
