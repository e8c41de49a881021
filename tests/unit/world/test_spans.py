"""Steady sources: rows come one after the other, and can be read from one instant to another."""

from __future__ import annotations

from datetime import date

import pytest

from sim.kernel.calendar import DAY, HOUR, MINUTE, parse_instant, start_of_day
from sim.kernel.streams import Streams
from sim.world.config import Source
from sim.world.sources import ResolvedSource
from sim.world.warehouse.dataset import Dataset
from tests.unit.world.worlds import MONDAY, warehouse

STREAMS = Streams(1)
MADRID = "Europe/Madrid"
SPRING, AUTUMN = date(2024, 3, 31), date(2024, 10, 27)


def steady(rows: int = 2400, timezone: str = "UTC") -> ResolvedSource:
    """A steady source of so many rows a day."""
    source = Source(system="api", rows_per_day=rows, steady=True)
    return ResolvedSource.of("api.calls", source, timezone)


def rows(source: ResolvedSource, since: int, until: int) -> int:
    """How many rows came in a span."""
    return sum(one.end - one.first for one in source.slices(STREAMS, since, until))


def test_spans_side_by_side_share_no_row_and_lose_none() -> None:
    """Every five minutes of two days, together, are the two days."""
    source = steady(2401)
    start = start_of_day(MONDAY)
    spans = [rows(source, at, at + 5 * MINUTE) for at in range(start, start + 2 * DAY, 5 * MINUTE)]

    assert 2 * 2401 == sum(spans)
    assert {8, 9} == set(spans)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (MONDAY, 24)])
def test_a_day_is_as_long_as_the_zone_says(day: date, hours: int) -> None:
    """The rows of a day of 23 or 25 hours come evenly in just these hours."""
    source = steady(hours * 100, MADRID)
    start = start_of_day(day, MADRID)

    assert [100] * hours == [
        rows(source, start + hour * HOUR, start + (hour + 1) * HOUR) for hour in range(hours)
    ]


def test_created_at_is_the_instant_at_which_a_row_is_counted() -> None:
    """The database says the same of each row as the arithmetic that chose it."""
    house = warehouse()
    source = steady(1000, MADRID)
    since = parse_instant("2024-10-26T23:17Z")
    until = since + 7 * HOUR
    slices = source.slices(STREAMS, since, until)
    given = Dataset(source.relation_of(STREAMS, slices), sum(s.end - s.first for s in slices))
    inside = house.query(
        "SELECT count(*) AS n FROM input WHERE created_at >= TIMESTAMP '2024-10-26 23:17' "
        "AND created_at < TIMESTAMP '2024-10-27 06:17'",
        inputs={"input": given},
    )

    assert given.rows == house.total(inside, "n")
    assert [date(2024, 10, 27)] == [one.day for one in slices]


def test_what_has_come_by_an_instant_agrees_with_spans() -> None:
    """`arrived` counts a row in the instant in which it comes, a span that ends there does not."""
    source = steady(10)
    start = start_of_day(MONDAY)
    tenth = DAY // 10

    assert 1 == source.arrived(STREAMS, MONDAY, 0)
    assert 0 == source.before(STREAMS, MONDAY, start)
    assert 2 == source.arrived(STREAMS, MONDAY, tenth)
    assert 1 == source.before(STREAMS, MONDAY, start + tenth)
    assert 10 == source.arrived(STREAMS, MONDAY, 3 * DAY)


def test_a_span_of_no_time_has_no_rows() -> None:
    """Nothing comes in no time, and nothing before the day has begun."""
    source = steady()

    assert [] == source.slices(STREAMS, 0, 0)
