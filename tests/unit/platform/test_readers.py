"""Readers: what a person is shown, whether she notices, whom she tells."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sim.model.facts import Fact
from tests.unit.platform.stage import DAY_ONE, Stage, clock, copy_and_publish, stage
from tests.unit.session.shop import TABLE, ZERO_SQL, at, outage, world

MONDAY = date.fromisoformat(DAY_ONE)


def looked(*, until: str = "23:59", days: float = 1, **settings: Any) -> Stage:
    """The shop with its readers; nothing publishes unless a test begins it."""
    return stage(readers_until=until, **settings).run(days=days)


def published(sql: str | None = None, *, times: int = 1, **settings: Any) -> Stage:
    """The first day published so many times before 09:00, by an appending load."""
    tasks = copy_and_publish(mode="append")
    if sql is not None:
        tasks["publish"]["sql"] = sql
    shop = stage(tasks=tasks, readers_until="23:59", **settings)
    shop.begin("copy", "03:00")
    for number in range(times):
        shop.begin("publish", f"0{4 + number}:00", try_number=number + 1)
    return shop.run()


def people(**analyst: Any) -> dict[str, Any]:
    """The shop's people with some of the analyst's habits changed."""
    section: dict[str, Any] = world()["people"]
    section["analyst"] = {**section["analyst"], **analyst}
    return section


def test_a_right_figure_is_read_and_nothing_is_noticed() -> None:
    """At 09:00 she sums yesterday's partition of the version that stands."""
    shop = published()
    (read,) = shop.facts(Fact.READ)

    assert clock(read.time) == "09:00:00"
    assert (read.detail["table"], read.detail["partition"]) == (TABLE, DAY_ONE)
    assert (read.value, read.detail["stale"]) == (71, False)
    assert float(read.detail["shown"]) > 1_000
    assert shop.facts(Fact.NOTICED) == []


def test_a_figure_far_below_the_weekdays_median_is_noticed_and_told() -> None:
    """A revenue of zero against what she remembers of four Mondays; ten minutes later, the boss."""
    shop = published(ZERO_SQL, outages=[outage("2024-03-12T02:30Z", "2024-03-12T04:00Z")])
    (noticed,) = shop.facts(Fact.NOTICED)
    (told,) = shop.facts(Fact.ESCALATED)

    assert (clock(noticed.time), noticed.detail["shown"]) == ("09:00:00", "0.00")
    assert 1_500 < float(noticed.detail["expected"]) < 2_600
    assert noticed.cause == shop.facts(Fact.READ)[0].index
    assert (clock(told.time), shop.kernel.journal.name(told.entity)) == ("09:10:00", "boss")
    assert (told.cause, told.detail["by"]) == (noticed.index, "analyst")


def test_a_figure_within_her_tolerance_is_not_noticed() -> None:
    """Twice the truth is above the bound: she looks for holes, not for peaks."""
    shop = published(times=2)

    assert len(shop.facts(Fact.PUBLISHED)) == 2
    assert shop.facts(Fact.NOTICED) == []


def test_no_figure_at_all_is_noticed() -> None:
    """A day that is not there looks wrong too."""
    shop = looked()
    (read,) = shop.facts(Fact.READ)

    assert (read.detail["shown"], shop.facts(Fact.NOTICED)[0].detail["shown"]) == (None, None)


def test_she_knows_the_holidays() -> None:
    """On a holiday a low figure is expected."""
    shop = looked(calendar={"holidays": {DAY_ONE: "a holiday"}})

    assert len(shop.facts(Fact.READ)) == 1
    assert shop.facts(Fact.NOTICED) == []


def test_a_day_marked_stale_shows_the_last_good_one() -> None:
    """She is shown Sunday and told that it is not Monday: nothing to notice."""
    shop = stage(readers_until="23:59")
    attempt = shop.attempt("publish")
    sunday = shop.warehouse.read(TABLE, "revenue", MONDAY - timedelta(days=1))
    shop.site.mark_stale(TABLE, MONDAY, attempt, -1)
    shop.site.mark_stale(TABLE, MONDAY, attempt, -1)
    shop.run()
    (read,) = shop.facts(Fact.READ)

    assert (read.detail["shown"], read.detail["stale"]) == (str(sunday.shown), True)
    assert shop.facts(Fact.NOTICED) == []
    assert len(shop.facts(Fact.STALE_MARKED)) == 1


def test_publishing_the_day_clears_its_mark() -> None:
    """The mark goes with the publication, before anyone looks."""
    shop = stage(readers_until="23:59")
    shop.site.mark_stale(TABLE, MONDAY, shop.attempt("publish"), -1)
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:11")
    shop.run()

    assert [row.value for row in shop.facts(Fact.STALE_MARKED)] == [1, 0]
    assert shop.facts(Fact.READ)[0].detail["stale"] is False


def test_reads_happen_every_day_until_the_end_and_not_after() -> None:
    """A window of two days has two reads; a read exactly at the end does not happen."""
    shop = looked(until="2024-03-14T00:00Z", days=3)
    edge = looked(until="09:00", days=1)

    assert [row.detail["partition"] for row in shop.facts(Fact.READ)] == [DAY_ONE, "2024-03-12"]
    assert edge.facts(Fact.READ) == []


def test_who_tells_nobody_escalates_nothing() -> None:
    """Without `escalates` the noticing is where it ends; without `notices` nothing is noticed."""
    silent, blind = looked(people=people(escalates=None)), looked(people=people(notices=None))

    assert (len(silent.facts(Fact.NOTICED)), silent.facts(Fact.ESCALATED)) == (1, [])
    assert (len(blind.facts(Fact.READ)), blind.facts(Fact.NOTICED)) == (1, [])


def test_a_table_without_a_past_leaves_nothing_to_compare_with() -> None:
    """In the first week she expects nothing, and only a missing figure looks wrong."""
    tables = world()["tables"]
    tables[TABLE].pop("history")
    shop = published(
        ZERO_SQL, tables=tables, outages=[outage("2024-03-12T02:30Z", "2024-03-12T04:00Z")]
    )

    assert shop.facts(Fact.READ)[0].detail["shown"] == "0.00"
    assert shop.facts(Fact.NOTICED) == []


def test_the_site_knows_whether_the_sources_are_well() -> None:
    """Only systems that a configured task reads count."""
    shop = stage(outages=[outage("2024-03-12T02:30Z", "2024-03-12T04:00Z")])
    others = stage(
        tasks={"publish": {"work": "publish"}},
        outages=[outage("2024-03-12T02:30Z", "2024-03-12T04:00Z")],
    )

    assert shop.site.sources_well(at("03:00")) is False
    assert shop.site.sources_well(at("04:00")) is True
    assert others.site.sources_well(at("03:00")) is True
