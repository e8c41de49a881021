"""Which tasks a table comes from, read from the wiring."""

from __future__ import annotations

from sim.platform.config import TaskWiring
from sim.platform.lineage import tasks_behind


def test_files_staging_and_sql_lead_to_a_table() -> None:
    """What leaves a file that another reads is behind what that one writes; SQL names tables."""
    tasks = {
        "extract": TaskWiring(work="w", output="/data/{{ ds }}.csv"),
        "load": TaskWiring(work="w", input="/data/{{ ds }}.csv", table="dw.raw"),
        "sum": TaskWiring(work="w", sql="SELECT * FROM dw.raw JOIN other.dw.names", table="dw.sum"),
        "names": TaskWiring(work="w", table="dw.names"),
        "look": TaskWiring(work="w", input="/data/{{ ds }}.csv"),
    }

    assert {
        "dw.raw": {"extract", "load"},
        "dw.sum": {"extract", "load", "sum"},
        "dw.names": {"names"},
    } == tasks_behind(tasks)


def test_tasks_that_feed_each_other_are_walked_once() -> None:
    """A table read by the task that writes it is no endless walk."""
    tasks = {"merge": TaskWiring(work="w", sql="SELECT * FROM dw.t", table="dw.t")}

    assert {"dw.t": {"merge"}} == tasks_behind(tasks)
