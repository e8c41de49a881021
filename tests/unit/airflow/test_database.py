"""The metadata database: slow queries and connections that run out; hand-computed nights."""

from __future__ import annotations

import pytest

from sim.model.facts import Fact
from tests.unit.airflow.builder import dag, fly


def test_slow_queries_delay_the_next_loop() -> None:
    """One run examined; a is scheduled, queued and running: 12 + 6 + 3 = 21 queries.

    At half a second each the loop of 03:00:00 is over long before a ends at 03:01:00; at 4 s it
    lasts until 03:01:24, and b has to wait for the next one.
    """
    tasks = {"a": {}, "b": {"upstream": ["a"]}}
    starts = {}
    for latency in (0.5, 4):
        flight = fly(dags={"d": dag(tasks)}, version=3, database={"latency": latency})
        starts[latency] = [line[6:14] for line in flight.tasks() if line.endswith("running")]

    assert starts == {0.5: ["03:00:00", "03:01:00"], 4: ["03:00:00", "03:01:24"]}


def test_a_fast_database_changes_nothing() -> None:
    """With a millisecond a query every loop is over before the next one."""
    fast = fly(database={"latency": 0.001})

    assert fast.tasks() == fly().tasks()


@pytest.mark.parametrize(
    ("version", "end_of_b"), [(2, "03:00:01 b#1 failed"), (3, "03:01:00 b#1 success")]
)
def test_connections_run_out_in_2(version: int, end_of_b: str) -> None:
    """One connection is left: the process of b gets none, and the next loop's sync says so."""
    tasks = {"a": {"priority_weight": 2}, "b": {}}
    flight = fly(dags={"d": dag(tasks)}, version=version, database={"max_connections": 21})

    assert flight.tasks("b")[-1] == f"03-10 {end_of_b}"
    assert flight.illegal() == []


def test_a_refused_process_is_a_fact() -> None:
    """So is the database that had no connection left, once, and then had one again."""
    tasks = {"a": {"priority_weight": 2}, "b": {"retries": 1}}
    flight = fly(dags={"d": dag(tasks)}, version=2, database={"max_connections": 21})

    journal = flight.kernel.journal
    assert [row.detail for row in journal.rows(Fact.PROCESS)] == [
        {"end": "died", "reason": "database_connections"}
    ]
    assert [(flight.clock(row.time), row.value) for row in journal.rows(Fact.DATABASE)] == [
        ("03:00:00", 0),
        ("03:05:02", 1),
    ]
    assert flight.tasks("b")[-1] == "03-10 03:06:02 b#2 success"
