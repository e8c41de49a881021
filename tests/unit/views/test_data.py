"""The data at an instant: handed on, standing in tables, shown to readers, beside the truth."""

from __future__ import annotations

from sim.engine.simulate import EPILOGUE
from sim.faults.plan import AttemptCrash
from sim.views.data import DataNow, data_at
from sim.views.replay import Replay
from tests.unit.session.shop import TABLE, ZERO_SQL, at, outage, played, scenario, tasks

DAY = "2024-03-11"


def zero() -> Replay:
    """A night on which an empty answer is published as a revenue of zero."""
    shop = scenario(outages=[outage("2024-03-12T02:30Z", "2024-03-12T03:30Z")])
    return played(shop=shop, wiring=tasks(sql=ZERO_SQL))


def now(replay: Replay, time: str) -> DataNow:
    """What stands at a time of the first night."""
    return data_at(replay, at(time), since=replay.start)


def test_nothing_stands_before_anything_happened() -> None:
    """At 02:00 there is neither a read, nor a file, nor a version."""
    assert now(zero(), "02:00") == DataNow((), (), ())


def test_a_file_is_open_until_it_is_closed() -> None:
    """The read comes before the file it feeds, with the true rows beside."""
    replay = played()
    early, late = now(replay, "03:05").handed_on, now(replay, "03:10").handed_on

    assert [(one.what, one.name) for one in early] == [
        ("read", "shop.orders"),
        ("file_open", f"/data/orders_{DAY}.csv"),
    ]
    assert [one.what for one in late] == ["read", "file"]
    assert (early[0].rows, early[0].rows_true, early[1].rows_true) == (102, 102, None)


def test_a_wrong_partition_stands_beside_its_truth() -> None:
    """Two regions of nothing are not the truth, and the figures say so."""
    (table,) = now(zero(), "04:00").tables
    (right,) = now(played(), "04:00").tables

    assert (table.table, table.partition, table.right) == (TABLE, DAY, False)
    assert (table.rows, table.rows_true) == (2, 2)
    assert (table.sums["revenue"], table.sums["orders"]) == ("0.00", "0")
    assert table.sums_true["orders"] == "102"
    assert (right.right, right.sums) == (True, right.sums_true)


def test_a_partition_that_was_removed_does_not_stand() -> None:
    """A crash between DELETE and INSERT leaves no partition to show."""
    crash = AttemptCrash(task="publish", data_date=DAY, try_number=2, before_statement=2)
    wiring = tasks(mode="delete_insert")
    replay = played(shop=scenario(nights=1), wiring=wiring, faults=(crash,), reruns=True)
    there = data_at(replay, replay.end, since=replay.start).tables
    gone = data_at(replay, replay.end + EPILOGUE, since=replay.start).tables

    assert [one.partition for one in there] == [DAY]
    assert [one for one in gone if one.partition == DAY] == []


def test_the_dashboard_is_what_the_reader_was_shown() -> None:
    """Nothing before 09:00; then the figure she saw, beside the one she should have seen."""
    replay = zero()
    (seen,) = now(replay, "09:00").dashboards

    assert now(replay, "08:59:59").dashboards == ()
    assert (seen.person, seen.figure) == ("analyst", "revenue")
    assert (seen.shown, seen.stale) == ("0.00", False)
    assert float(seen.truth) > 1_000
