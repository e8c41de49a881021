"""Tasks that read a span of a steady source: from an instant, or from a watermark in a table."""

from __future__ import annotations

from typing import Any

from sim.model.facts import Fact
from tests.unit.platform.stage import DAY_ONE, Stage, stage

FEED = {"shop.feed": {"system": "api", "rows_per_day": 1440, "steady": True}}
WORK = {"read": {"reads": "shop.feed", "duration": "1m"}, "publish": {"duration": "1m"}}
MARKS = {
    "dw.marks": {
        "columns": {"fecha": "DATE", "hasta": "TIMESTAMP", "n": "BIGINT"},
        "partition": "fecha",
    }
}
SQL = "SELECT max(fecha) AS fecha, max(created_at) AS hasta, count(*) AS n FROM input"


def read(time: str, *more: str, systems: Any = None, outages: Any = (), **wiring: Any) -> Stage:
    """One row a minute; `read` counts them into a table at these times of the first night."""
    task = {"work": "read", "sql": SQL, "table": "dw.marks", "write_mode": "append", **wiring}
    shop = stage(
        tasks={"read": task},
        sources=FEED,
        work=WORK,
        tables=MARKS,
        people={"on_call": {}},
        systems=systems or {},
        outages=list(outages),
    )
    for number, at in enumerate((time, *more), start=1):
        shop.begin("read", at, day="2024-03-12", try_number=number)
    return shop.run(days=1)


def reads(shop: Stage) -> list[tuple[int, int]]:
    """(rows, rows there should be) of each read."""
    return [(row.value, row.detail["rows_true"]) for row in shop.facts(Fact.SOURCE_READ)]


def test_a_span_has_the_rows_that_came_in_it() -> None:
    """From 02:00 to 02:30, one a minute, on whatever day the task thinks it works."""
    shop = read("04:00", since="{{ ds }}T02:00", until="{{ ds }}T02:30")

    assert [(30, 30)] == reads(shop)


def test_a_span_that_is_not_over_gives_what_has_come() -> None:
    """At 02:10 only ten of the thirty rows are there, and that is a bad read."""
    shop = read("02:10", since="{{ ds }}T02:00", until="{{ ds }}T02:30")

    assert [(11, 30)] == reads(shop)


def test_a_watermark_begins_where_the_table_ends() -> None:
    """First from midnight on; then from the newest row that is there, which a span has again."""
    shop = read("02:00", "03:00", watermark="SELECT max(hasta) FROM dw.marks")

    assert [(120, 120), (61, 61)] == reads(shop)


def test_an_instant_that_is_none_fails_the_try() -> None:
    """The config's mistake is the task's failure, as in any program."""
    shop = read("02:00", since="soon")

    assert ["sql_error"] == [outcome.reason for _, _, outcome in shop.outcomes]


def test_a_system_with_a_rate_turns_a_try_away() -> None:
    """The second read within a minute is answered 429."""
    rate = {"api": {"rate": {"requests": 1, "per": "1m"}}}
    shop = read("02:00", "02:00:30", "02:01:30", systems=rate, since=f"{DAY_ONE}T00:00")

    assert [("02:00:30", "rate_limited"), ("02:01:00", ""), ("02:02:30", "")] == [
        (time, outcome.reason) for time, _, outcome in shop.outcomes
    ]


def test_others_have_used_up_the_rate() -> None:
    """While that lasts everybody is answered 429, at once."""
    used_up = {"system": "api", "from": "2024-03-12T02:00Z", "to": "2024-03-12T02:05Z"}
    outages = [{**used_up, "mode": "rate_limited"}]
    shop = read("02:00", "02:04:59", "02:05", outages=outages, since=f"{DAY_ONE}T00:00")

    assert [("02:00:00", "rate_limited"), ("02:04:59", "rate_limited"), ("02:06:00", "")] == [
        (time, outcome.reason) for time, _, outcome in shop.outcomes
    ]
    assert {"rate_limited"} == {row.detail["mode"] for row in shop.facts(Fact.SOURCE_READ)[:2]}
