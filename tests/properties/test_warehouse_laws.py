"""Laws of the write modes: what a second run and a crash at each boundary leave behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.warehouse import Warehouse, truth
from tests.unit.world.worlds import MONDAY, warehouse

IDEMPOTENT = (
    "replace_partition",
    "delete_insert",
    "delete_insert_transaction",
    "merge",
    "stage_and_swap",
)
MODES = (*IDEMPOTENT, "append", "overwrite_table")


def load(
    house: Warehouse,
    mode: str,
    *,
    crash_before: int | None = None,
    rows: int | None = None,
    back: int = 0,
) -> None:
    """One load of a day; with `crash_before`, the process dies before that statement (from 0)."""
    day = MONDAY - timedelta(days=back)
    data = house.query(
        "SELECT fecha, order_id, amount FROM input",
        inputs={"input": house.snapshot("pg.sales", day, rows=rows)},
    )
    plan = house.plan_write("dw.ventas", data, mode, day)
    for index in range(len(plan.statements)):
        if index == crash_before:
            plan.abandon()
            return
        plan.execute(index)
    if crash_before is not None and crash_before >= len(plan.statements):
        plan.abandon()


def rows(house: Warehouse, back: int = 0) -> int:
    """Rows that a reader of that day sees."""
    house.publish("dw.ventas")
    known = house._known["dw.ventas"].get((MONDAY - timedelta(days=back)).isoformat())
    return 0 if known is None else known.rows


@given(
    mode=st.sampled_from(IDEMPOTENT),
    crash=st.one_of(st.none(), st.integers(0, 4)),
    times=st.integers(1, 3),
)
@settings(max_examples=12, deadline=None)
def test_an_idempotent_mode_ends_at_the_truth_however_often_it_ran(
    mode: str, crash: int | None, times: int
) -> None:
    """After any crash, one complete run leaves exactly the day's rows."""
    house = warehouse()
    true = truth(house._world, 1, "dw.ventas", [MONDAY])["2024-03-11"]
    load(house, mode, crash_before=crash)
    for _ in range(times):
        load(house, mode)
    house.publish("dw.ventas")

    assert house._known["dw.ventas"]["2024-03-11"] == true
    house.close()


def modelled(seen: int, mode: str, crash_before: int | None, day: int) -> int:
    """Rows that a reader should see after one load of `day` rows, where `seen` were."""
    done = 99 if crash_before is None else crash_before
    commits_at = {"delete_insert_transaction": 4, "stage_and_swap": 3}.get(mode, 1)
    if done < commits_at:
        return seen
    match mode:
        case "append":
            return seen + day
        case "delete_insert" if done == 1:
            return 0
        case "merge" if seen:
            return seen
    return day


@given(
    loads=st.lists(
        st.tuples(st.sampled_from(MODES), st.none() | st.integers(0, 4)), min_size=1, max_size=6
    )
)
@settings(max_examples=25)
def test_readers_see_what_the_modes_promise_whatever_crashed(
    loads: list[tuple[str, int | None]],
) -> None:
    """After any loads in any modes, each dying anywhere, the day holds what a model says."""
    house = warehouse()
    day, expected, seen = house.true_rows("pg.sales", MONDAY), [0], [0]
    for mode, crash_before in loads:
        load(house, mode, crash_before=crash_before)
        expected.append(modelled(expected[-1], mode, crash_before, day))
        seen.append(rows(house))
    house.close()

    assert expected == seen


@given(times=st.integers(1, 4))
@settings(max_examples=3, deadline=None)
def test_append_adds_every_time(times: int) -> None:
    """N runs of an appending load leave n times the rows."""
    house = warehouse()
    once = house.true_rows("pg.sales", MONDAY)
    for _ in range(times):
        load(house, "append")

    assert rows(house) == once * times


@pytest.mark.parametrize("mode", MODES)
def test_a_crash_after_the_last_effect_keeps_the_effect(mode: str) -> None:
    """Dying between the effect and the report undoes nothing."""
    house = warehouse()
    load(house, mode, crash_before=99)

    assert rows(house) == house.true_rows("pg.sales", MONDAY)


def test_delete_and_insert_without_a_transaction_leaves_a_gap() -> None:
    """Dying between the two leaves readers with no rows of the day; a transaction does not."""
    left = {}
    for mode, boundary in (
        ("delete_insert", 1),
        ("delete_insert_transaction", 2),
        ("delete_insert_transaction", 3),
    ):
        house = warehouse()
        load(house, mode)
        load(house, mode, crash_before=boundary)
        left[mode, boundary] = rows(house) > 0

    assert left == {
        ("delete_insert", 1): False,
        ("delete_insert_transaction", 2): True,
        ("delete_insert_transaction", 3): True,
    }


def test_overwriting_the_table_destroys_history() -> None:
    """A full overwrite repeats well and loses every other day."""
    house = warehouse()
    load(house, "append", back=1)
    load(house, "overwrite_table")

    assert (rows(house, back=1), rows(house) > 0) == (0, True)


def test_merge_keeps_rows_that_vanished_from_the_source() -> None:
    """An upsert by key does not delete what is no longer there."""
    house = warehouse()
    load(house, "merge")
    load(house, "merge", rows=10)

    assert rows(house) == house.true_rows("pg.sales", MONDAY)


def test_readers_see_nothing_of_a_stage_before_the_swap() -> None:
    """Staged rows are invisible until the last statement."""
    house = warehouse()
    load(house, "stage_and_swap", crash_before=2)

    assert rows(house) == 0
