"""Write modes that look alike until something runs twice, dies, or is read at the wrong moment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from sim.world.warehouse import SqlError, Warehouse
from sim.world.warehouse.writes import WritePlan
from tests.unit.world.worlds import MONDAY, warehouse

TUESDAY = MONDAY + timedelta(days=1)
TABLE: dict[str, Any] = {
    "partition": "fecha",
    "columns": {"fecha": "DATE", "order_id": "BIGINT", "amount": "DECIMAL(14,2)"},
    "key": ["fecha", "order_id"],
}


def house(**changes: Any) -> Warehouse:
    """A warehouse with one table of single rows."""
    return warehouse(tables={"dw.rows": TABLE | changes})


def planned(one: Warehouse, mode: str, day: date = MONDAY, *, rows: int = 10) -> WritePlan:
    """The write of a day's first rows."""
    inputs = {"input": one.snapshot("pg.sales", day, rows=rows)}
    data = one.query("SELECT fecha, order_id, amount FROM input", inputs=inputs)
    return one.plan_write("dw.rows", data, mode, day)


def load(one: Warehouse, mode: str, day: date = MONDAY, *, rows: int = 10) -> None:
    """The whole write."""
    plan = planned(one, mode, day, rows=rows)
    for index in range(len(plan.statements)):
        plan.execute(index)


def seen(one: Warehouse) -> dict[str, int]:
    """Rows by date that readers see."""
    one.publish("dw.rows")
    return {day: facts.rows for day, facts in one._known["dw.rows"].items()}


@pytest.mark.parametrize(
    ("mode", "monday", "tuesday"),
    [
        ("append", 14, 10),
        ("replace_partition", 4, 10),
        ("replace_partitions", 4, 10),
        ("overwrite_table", 4, None),
        ("merge", 10, 10),
        ("merge_delete", 4, 10),
        ("merge_delete_all", 4, None),
        ("shared_stage_and_swap", 4, 10),
        ("delete_partition", None, 10),
    ],
)
def test_a_date_written_again_with_fewer_rows(
    mode: str, monday: int | None, tuesday: int | None
) -> None:
    """What is left of it, and of the date beside it."""
    one = house()
    for day in (MONDAY, TUESDAY):
        load(one, "append", day)
    assert seen(one) == {MONDAY.isoformat(): 10, TUESDAY.isoformat(): 10}
    load(one, mode, rows=4)

    left = seen(one)
    assert (left.get(MONDAY.isoformat()), left.get(TUESDAY.isoformat())) == (monday, tuesday)


def test_a_shadow_table_replaces_every_date_that_it_has_at_once() -> None:
    """Readers see the old days, then the new ones, and no mixture."""
    one = house()
    for day in (MONDAY, TUESDAY):
        load(one, "append", day)
    both = {"a": one.snapshot("pg.sales", MONDAY, rows=3)}
    both["b"] = one.snapshot("pg.sales", TUESDAY, rows=5)
    sql = "SELECT fecha, order_id, amount FROM a UNION ALL SELECT fecha, order_id, amount FROM b"
    plan = one.plan_write("dw.rows", one.query(sql, inputs=both), "replace_partitions", TUESDAY)
    assert seen(one) == {MONDAY.isoformat(): 10, TUESDAY.isoformat(): 10}
    plan.execute(0)

    assert len(plan.statements) == 1
    assert seen(one) == {MONDAY.isoformat(): 3, TUESDAY.isoformat(): 5}


def test_two_jobs_in_place_of_one_step() -> None:
    """Between them the date is gone; and the second one alone, tried again, doubles it."""
    one = house()
    load(one, "append")
    load(one, "delete_partition")
    between = seen(one)
    load(one, "append")
    load(one, "append")

    assert (between, seen(one)) == ({}, {MONDAY.isoformat(): 20})


def test_two_runs_that_share_a_staging_table() -> None:
    """The one swaps in what the other has put there since, and its own rows are lost."""
    left = {}
    for mode in ("stage_and_swap", "shared_stage_and_swap"):
        one = house()
        first, second = planned(one, mode, MONDAY), planned(one, mode, TUESDAY)
        for plan, index in ((first, 0), (first, 1), (second, 0), (second, 1), (first, 2)):
            plan.execute(index)
        second.execute(2)
        left[mode] = seen(one)

    assert left == {
        "stage_and_swap": {MONDAY.isoformat(): 10, TUESDAY.isoformat(): 10},
        "shared_stage_and_swap": {TUESDAY.isoformat(): 10},
    }


def test_a_dead_run_leaves_its_rows_in_the_shared_staging_table() -> None:
    """The next one clears them first: only runs at the same time disturb each other."""
    one = house()
    dead = planned(one, "shared_stage_and_swap", rows=7)
    dead.execute(0)
    dead.execute(1)
    dead.abandon()
    load(one, "shared_stage_and_swap", rows=4)

    assert seen(one) == {MONDAY.isoformat(): 4}


def test_merging_with_deletion_needs_a_key() -> None:
    """Whatever it deletes, it tells rows apart by the key."""
    for mode in ("merge", "merge_delete", "merge_delete_all"):
        with pytest.raises(SqlError, match="merge needs a key"):
            planned(house(key=[]), mode)


def test_a_source_without_an_order_answers_limit_differently_each_time() -> None:
    """The same rows in all, other ones under LIMIT; the same reader gets the same ones again."""
    section = {"pg.sales": {"system": "pg", "rows_per_day": 100, "in_order": False}}
    one = warehouse(tables={"dw.rows": TABLE}, sources=section)

    def first_five(reader: str, sql: str = "SELECT order_id FROM input LIMIT 5") -> list[Any]:
        inputs = {"input": one.snapshot("pg.sales", MONDAY, reader=(reader,))}
        data = one.query(sql, inputs=inputs)
        return one._connection.execute(f"FROM {data.relation}").fetchall()

    whole = [first_five(reader, "SELECT sum(amount) FROM input") for reader in "ab"]

    assert whole[0] == whole[1]
    assert first_five("a") != first_five("b")
    assert first_five("a") == first_five("a")
    assert sorted(first_five("a", "SELECT order_id FROM input ORDER BY order_id LIMIT 5")) == (
        sorted(first_five("b", "SELECT order_id FROM input ORDER BY order_id LIMIT 5"))
    )
