"""Checks: bounds absolute and relative, the median of the same weekday, holidays, no history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sim.model.facts import Fact
from tests.unit.platform.stage import DAY_ONE, copy_and_publish, stage

BASELINE = {"table": "dw.daily", "column": "orders", "same_weekdays": 4}
HISTORY = {"2024-03-04": 80, "2024-02-26": 120, "2024-02-19": 100, "2024-02-12": 10}
"""Orders of the four Mondays before DAY_ONE: a median of 90, a mean of 77.5."""


def shop(days: dict[str, int], *, holiday: bool = False) -> dict[str, Any]:
    """Sections of a world whose source has exactly these rows on these days."""
    return {
        "sources": {
            "shop.orders": {
                "system": "db",
                "rows_per_day": 500,
                "mean_amount": 20.0,
                "regions": {"north": 0.6, "south": 0.4},
                "days": {day: {"rows": rows} for day, rows in days.items()},
            }
        },
        "calendar": {"holidays": {DAY_ONE: "a holiday"} if holiday else {}},
    }


def judged(
    check: dict[str, Any],
    rows: int,
    *,
    history: dict[str, int] | None = None,
    holiday: bool = False,
    **changes: Any,
) -> tuple[bool, dict[str, Any]]:
    """Whether a copy of so many rows on DAY_ONE passes, and the figures of the check."""
    days = {**(HISTORY if history is None else history), DAY_ONE: rows}
    tasks = copy_and_publish()
    tasks["copy"]["checks"] = ["volume"]
    stood = stage(tasks=tasks, checks={"volume": check}, **shop(days, holiday=holiday), **changes)
    stood.begin("copy", "03:00")
    (row,) = stood.run().facts(Fact.CHECK)
    return bool(row.value), dict(row.detail)


@pytest.mark.parametrize(
    ("check", "passes"),
    [
        ({"min": 50}, [False, True, True, True]),
        ({"max": 50}, [True, True, False, False]),
        ({"min": 50, "max": 60}, [False, True, False, False]),
        ({}, [True, True, True, True]),
    ],
)
def test_absolute_bounds_are_included(check: dict[str, Any], passes: list[bool]) -> None:
    """A figure on the bound passes; an open bound lets everything pass."""
    assert passes == [judged(check, rows)[0] for rows in (49, 50, 61, 5_000)]


def test_a_ratio_is_of_the_median_and_not_of_the_mean() -> None:
    """One odd Monday among four moves the mean to 77.5; the bound is half of the median of 90."""
    check = {"min_ratio": 0.5, "max_ratio": 2.0, "baseline": BASELINE}
    below, figures = judged(check, 44)

    assert (below, judged(check, 45)[0], judged(check, 180)[0]) == (False, True, True)
    assert judged(check, 181)[0] is False
    assert (figures["baseline"], figures["low"], figures["high"]) == (90, 45, 180)
    assert figures["history"] == [80, 120, 100, 10]


def test_only_the_weekdays_asked_for_are_compared_with() -> None:
    """Two weeks back are two values."""
    check = {"min_ratio": 0.5, "baseline": {**BASELINE, "same_weekdays": 2}}

    assert judged(check, 49)[1]["history"] == [80, 120]
    assert judged(check, 49)[1]["low"] == 50


def test_the_tighter_of_two_bounds_counts() -> None:
    """The higher of two lower bounds and the lower of two upper ones."""
    check = {"min": 60, "min_ratio": 0.5, "max": 100, "max_ratio": 2.0, "baseline": BASELINE}
    figures = judged(check, 70)[1]

    assert (figures["low"], figures["high"]) == (60, 100)


def test_a_holiday_has_its_own_ratio_when_the_check_says_so() -> None:
    """The calendar is consulted only where `holiday_min_ratio` is given."""
    plain = {"min_ratio": 0.5, "baseline": BASELINE}
    aware = {**plain, "holiday_min_ratio": 0.05}

    assert judged(plain, 9, holiday=True)[0] is False
    assert judged(aware, 9, holiday=True)[0] is True
    assert judged(aware, 4, holiday=True)[0] is False
    assert judged(aware, 9, holiday=False)[0] is False
    assert judged(aware, 9, holiday=True)[1]["holiday"] is True


def test_without_history_a_ratio_expects_nothing() -> None:
    """In the first week there is no median: that bound is open, the absolute one stays."""
    tables = stage().site._world.tables["dw.daily"]
    first_day = {
        "dw.daily": {
            "partition": "fecha",
            "columns": dict(tables.columns),
            "key": ["fecha", "region"],
            "truth": tables.truth,
        },
        "dw.regions": {"columns": {"region": "VARCHAR"}},
    }
    check = {"min_ratio": 0.5, "min": 3, "baseline": BASELINE}
    passed, figures = judged(check, 3, tables=first_day)

    assert passed is True
    assert (figures["baseline"], figures["history"], figures["low"]) == (None, [], 3)
    assert judged(check, 2, tables=first_day)[0] is False


def test_a_sum_is_a_metric_too() -> None:
    """`sum:COLUMN` adds up what the task hands on, exactly."""
    passed, figures = judged({"metric": "sum:amount", "min": 1}, 50)
    nothing, none = judged({"metric": "sum:amount", "min": 1}, 0)

    assert (passed, nothing, none["observed"]) == (True, False, 0)
    assert Decimal(str(figures["observed"])) > 0


def test_a_sum_of_a_column_that_is_not_there_is_a_fact() -> None:
    """The player's wrong column fails the try as the database would."""
    tasks = copy_and_publish()
    tasks["copy"]["checks"] = ["volume"]
    stood = stage(tasks=tasks, checks={"volume": {"metric": "sum:nothing", "min": 1}})
    stood.begin("copy", "03:00")
    stood.run()

    assert stood.results() == [("03:10:10", "FAILED", "sql_error")]
