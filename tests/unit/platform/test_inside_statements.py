"""Tries that die half-way through a statement: what the database makes of what it was asked."""

from __future__ import annotations

import pytest

from sim.faults.plan import AttemptCrash, LateReport
from sim.model.facts import Fact
from tests.unit.platform.stage import DAY_ONE, Stage, stage
from tests.unit.session.shop import SQL, TABLE

MAIL = {"mail": {"takes": "10s"}}


def struck(mode: str, statement: int, inside: str, *, effect: bool = False) -> Stage:
    """One try of ten minutes that dies inside of a statement, over rows that are there already."""
    crash = AttemptCrash(
        task="load",
        data_date=DAY_ONE,
        before_statement=statement,
        inside=inside,  # type: ignore[arg-type]
    )
    task = {"work": "copy", "sql": SQL, "table": TABLE, "write_mode": mode}
    if effect:
        task["effect"] = {"service": "mail", "receipt": "after"}  # type: ignore[assignment]
    first = {"work": "copy", "sql": SQL, "table": TABLE, "write_mode": "append"}
    shop = stage(tasks={"load": task, "first": first}, services=MAIL, faults=[crash])
    shop.begin("first", "01:00")
    shop.begin("load", "03:00")
    return shop.run()


@pytest.mark.parametrize(
    ("mode", "statement", "undone", "completes"),
    [
        ("append", 1, 1, 2),
        ("replace_partition", 1, 1, 1),
        ("delete_insert", 1, 1, 0),
        ("delete_insert", 2, 0, 1),
        ("delete_insert_transaction", 2, 1, 1),
        ("delete_insert_transaction", 3, 1, 1),
    ],
)
def test_what_is_left(mode: str, statement: int, undone: int, completes: int) -> None:
    """How often the day's rows stand there; a transaction that is open rolls back either way."""
    left = {}
    for inside in ("undone", "completes"):
        shop = struck(mode, statement, inside)
        left[inside] = (shop.orders() or 0) / shop.true_orders()

    assert left == {"undone": undone, "completes": completes}


def test_it_dies_before_the_statement_is_over() -> None:
    """The process is gone after half of its time; the database ends at the usual instant."""
    shop = struck("append", 1, "completes")

    assert shop.results()[-1] == ("03:05:00", "FAILED", "crashed")
    assert shop.told(Fact.FAULT, "before_statement", "inside") == [("03:05:00", 0, 1, "completes")]
    assert shop.told(Fact.STATEMENT, "op")[-1][0] == "03:10:00"


def test_a_commit_that_nobody_waited_for() -> None:
    """Whether a commit took effect is what a client that died in it cannot know."""
    written = {}
    for inside in ("undone", "completes"):
        shop = struck("delete_insert_transaction", 4, inside)
        written[inside] = [row[2] for row in shop.told(Fact.STATEMENT, "op")][1:]

    assert written == {
        "undone": ["begin", "delete", "insert"],
        "completes": ["begin", "delete", "insert", "commit"],
    }


@pytest.mark.parametrize(("inside", "calls"), [("undone", 0), ("completes", 1)])
def test_a_call_that_was_on_its_way(inside: str, calls: int) -> None:
    """The request got through, or it did not; no receipt tells."""
    shop = struck("replace_partition", 2, inside, effect=True)

    assert sum(row.value for row in shop.facts(Fact.EFFECT)) == calls
    assert "receipt" not in [row[2] for row in shop.told(Fact.STATEMENT, "op")]


def test_a_file_is_left_half_written() -> None:
    """Nobody else writes it to its end."""
    crash = AttemptCrash(task="copy", data_date=DAY_ONE, inside="completes")
    shop = stage(faults=[crash])
    shop.begin("copy", "03:00")
    shop.run()

    assert shop.told(Fact.FILE_WRITE, "phase")[-1] == (
        "03:05:00",
        shop.true_orders() // 2,
        "abandoned",
    )


def test_a_report_that_is_late() -> None:
    """Everything is done by 03:10; the word of it comes twenty minutes later."""
    late = LateReport(task="load", data_date=DAY_ONE, late="20m")
    task = {"work": "copy", "sql": SQL, "table": TABLE, "write_mode": "append"}
    shop = stage(tasks={"load": task}, faults=[late])
    shop.begin("load", "03:00")
    shop.run()

    assert shop.told(Fact.STATEMENT, "op")[-1][0] == "03:10:00"
    assert shop.results() == [("03:30:00", "SUCCESS", "")]
