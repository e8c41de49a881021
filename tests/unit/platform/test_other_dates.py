"""Tries that end up on another date than theirs: by a fallback, or by asking the clock."""

from __future__ import annotations

from typing import Any

import pytest

from sim.model.facts import Fact
from tests.unit.platform.stage import DAY_ONE, Stage, stage
from tests.unit.session.shop import SQL, TABLE, outage, world

SUNDAY = "2024-03-10"


def loaded(day: str, *, closed: str = SUNDAY, outages: Any = (), **task: Any) -> Stage:
    """One task that appends a day of a shop that was closed on one day."""
    sources = world()["sources"]
    sources["shop.orders"]["days"] = {closed: {"rows": 0}}
    wiring = {"load": {"work": "copy", "sql": SQL, "table": TABLE, "write_mode": "append", **task}}
    shop = stage(tasks=wiring, sources=sources, outages=list(outages))
    shop.begin("load", "03:00", day=day)
    return shop.run()


@pytest.mark.parametrize(
    ("when_empty", "dates"), [("keep", [SUNDAY]), ("last_date", [SUNDAY, "2024-03-09"])]
)
def test_a_fallback_to_the_last_date_that_had_data(when_empty: str, dates: list[str]) -> None:
    """Saturday is read in place of Sunday, keeps its date, and is there twice: all green."""
    shop = loaded(SUNDAY, when_empty=when_empty)
    saturday = shop.true_orders("2024-03-09")
    twice = 2 if when_empty == "last_date" else 1

    assert [row[2] for row in shop.told(Fact.SOURCE_READ, "data_date")] == dates
    assert shop.orders("2024-03-09") == twice * saturday
    assert shop.results() == [("03:10:00", "SUCCESS", "")]


def test_a_source_that_answers_with_nothing_has_no_other_date_either() -> None:
    """A lagging replica is empty for yesterday, too: the fallback finds nothing."""
    lag = outage("2024-03-12T02:30Z", "2024-03-12T03:05Z")
    shop = loaded(DAY_ONE, outages=[lag], when_empty="last_date")

    assert [row[1] for row in shop.told(Fact.SOURCE_READ)] == [0]


@pytest.mark.parametrize(("time", "day"), [("23:50", "2024-03-11"), ("03:00", "2024-03-11")])
def test_a_date_from_the_clock_is_that_of_the_try(time: str, day: str) -> None:
    """Whatever date the run has, the try works on the day before it starts."""
    wiring = {
        "load": {
            "work": "copy",
            "sql": SQL,
            "table": TABLE,
            "write_mode": "append",
            "fecha": "{{ (now - macros.timedelta(days=1)) | ds }}",
        }
    }
    shop = stage(tasks=wiring)
    shop.begin("load", time, day="2024-03-05")
    shop.run()

    assert [row[2] for row in shop.told(Fact.SOURCE_READ, "data_date")] == [day]
