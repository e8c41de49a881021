"""Rows are made from a key: alone or among many, on any seed, the same day is the same rows."""

from __future__ import annotations

from datetime import date, timedelta

from sim.kernel.streams import Streams
from sim.world.warehouse import truth
from tests.unit.world.worlds import MONDAY, warehouse, world


def test_a_day_made_alone_is_the_day_among_many() -> None:
    """The facts of one day do not depend on which other days are asked for."""
    days = [MONDAY + timedelta(days=back) for back in range(5)]
    many = truth(world(), 7, "dw.ventas", days)
    alone = truth(world(prices={"page": 9.0}), 7, "dw.ventas", [days[3]])

    assert alone[days[3].isoformat()] == many[days[3].isoformat()]


def test_a_weekend_has_its_factor_and_a_named_day_its_rows() -> None:
    """Weekday factors and overrides count; jitter stays within its share."""
    source, streams = world().sources["pg.sales"], Streams(1)

    assert 188 <= source.rows(streams, MONDAY) <= 212
    assert 282 <= source.rows(streams, date(2024, 3, 16)) <= 318
    assert source.rows(streams, date(2024, 3, 29)) == 40


def test_the_first_rows_of_a_day_are_the_same_rows() -> None:
    """A partial answer is the beginning of the full one, in order."""
    house = warehouse()
    full = house.query(
        "SELECT order_id FROM input", inputs={"input": house.snapshot("pg.sales", MONDAY)}
    )
    part = house.query(
        "SELECT order_id FROM input", inputs={"input": house.snapshot("pg.sales", MONDAY, rows=17)}
    )
    same = house.query(
        "SELECT count(*) AS n FROM (SELECT order_id FROM a LIMIT 17) JOIN b USING (order_id)",
        inputs={"a": full, "b": part},
    )

    assert part.rows == 17
    assert house.total(same, "n") == 17


def test_amounts_have_the_mean_that_the_author_gave() -> None:
    """The skewed amounts average to `mean_amount` within sampling error."""
    house = warehouse(
        sources={"pg.sales": {"system": "pg", "rows_per_day": 50_000, "mean_amount": 42.5}}
    )
    day = house.snapshot("pg.sales", MONDAY)

    assert abs(float(house.total(day, "amount")) / day.rows - 42.5) < 0.4


def test_other_seeds_have_other_rows() -> None:
    """Two seeds do not share a day."""
    first, second = (truth(world(), seed, "dw.ventas", [MONDAY])["2024-03-11"] for seed in (1, 2))

    assert first.digest != second.digest


def test_a_day_that_is_not_over_has_what_has_come_so_far() -> None:
    """Nothing before it, a sixth by 08:00, all of it at midnight, and never less than before."""
    source, streams, hour = world().sources["pg.sales"], Streams(1), 3_600_000_000
    whole = source.rows(streams, MONDAY)
    arrived = [source.arrived(streams, MONDAY, number * hour) for number in range(-2, 27)]

    assert sorted(arrived) == arrived
    assert (arrived[0], arrived[2], arrived[-1]) == (0, 0, whole)
    assert arrived[10] == whole // 6
