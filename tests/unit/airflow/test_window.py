"""The order in which running runs are examined when there are more than a loop looks at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from sim.orchestrators.airflow.rows import Run
from sim.orchestrators.airflow.window import Window


def filled(count: int, limit: int) -> Window:
    """A window of `limit` runs a loop over `count` runs, numbered in order of date."""
    window = Window(limit, by_logical_date=False)
    for number in range(count):
        run: Any = SimpleNamespace(
            entity=number, run_after=number, logical_date=None, last_decision=None, ordinal=0
        )
        window.add(cast("Run", run))
    return window


def names(runs: list[Run]) -> list[int]:
    """Their numbers."""
    return [run.entity for run in runs]


def test_least_recently_looked_at_comes_first() -> None:
    """Five runs, two a loop: each is looked at every third loop at the latest."""
    window = filled(5, 2)

    assert [names(window.take(loop)) for loop in range(4)] == [[0, 1], [2, 3], [4, 0], [1, 2]]


def test_a_new_run_comes_before_all_others() -> None:
    """A run never looked at is the first of the next loop."""
    window = filled(4, 2)
    window.take(0)
    window.take(1)
    new: Any = SimpleNamespace(
        entity=9, run_after=9, logical_date=None, last_decision=None, ordinal=0
    )
    window.add(cast("Run", new))

    assert names(window.take(2)) == [9, 0]


@given(count=st.integers(1, 30), limit=st.integers(1, 8), skipped=st.integers(0, 400))
def test_skipped_loops_turn_the_order(count: int, limit: int, skipped: int) -> None:
    """`turn(n)` leaves the order that n stepped loops would leave."""
    stepped, turned = filled(count, limit), filled(count, limit)
    settle = -(-count // limit)
    for loop in range(settle):
        stepped.take(loop)
        turned.take(loop)
    for loop in range(skipped):
        stepped.take(settle + loop)
    turned.turn(skipped)

    assert names(stepped.take(1000)) == names(turned.take(1000))
