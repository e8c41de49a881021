"""Backfills in a running deployment: when they iterate, what they submit, how they end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec

from sim.model.facts import Fact
from sim.model.interventions import Backfill, Pause
from sim.orchestrators.dagster.backfills import BACKFILL
from sim.orchestrators.dagster.config import DagsterConfig
from sim.views.ledger.dagster import DagsterLedger
from sim.views.metadata.dagster import books
from tests.unit.dagster.builder import FAILS, Flight, at, clock, fly

ONE_RUN = {"runs": {"max_concurrent_runs": 1}}
DAILY = {"days": {"dimension": {"type": "daily", "start_date": "2024-03-01"}}}
WEEKLY = {"weeks": {"dimension": {"type": "weekly", "start_date": "2024-02-11"}}}


def backfill(first: str = "2024-03-02", last: str = "2024-03-04", **rest: Any) -> Backfill:
    """Ask for some days of the job at one o'clock."""
    return Backfill(at=at("01:00:10"), pipeline="j", first=first, last=last, **rest)


def filled(*actions: Any, **section: Any) -> Flight:
    """Daily assets `a -> b` without a schedule, and somebody who acts."""
    section.setdefault(
        "assets", {"a": {"partitions_def": "days"}, "b": {"partitions_def": "days", "ins": ["a"]}}
    )
    section.setdefault("partitions_defs", DAILY)
    return fly(actions=actions or (backfill(),), schedules={}, **section)


def told(flight: Flight) -> list[str]:
    """What the daemon wrote down of backfills: `01:00:30 REQUESTED 3`."""
    return [
        f"{clock(row.time)} {row.detail['state']} {row.detail['requested']}"
        for row in flight.kernel.journal.rows(Fact.TICK)
        if row.detail["kind"] == "BACKFILL"
    ]


def made(flight: Flight, asset: str) -> list[str]:
    """What was materialized of an asset, in order."""
    journal = flight.kernel.journal
    return [
        row.detail["partition"]
        for row in journal.rows(Fact.ASSET_EVENT)
        if journal.name(row.entity) == asset
    ]


def two_cadences(**asset: Any) -> dict[str, Any]:
    """A weekly asset `w` made from a daily one: an asset backfill."""
    return {
        "assets": {
            "d": {"partitions_def": "days"},
            "w": {"partitions_def": "weeks", "deps": ["d"], **asset},
        },
        "partitions_defs": {**DAILY, **WEEKLY},
        "jobs": {},
    }


def test_a_job_backfill_runs_each_partition_in_the_order_asked_for() -> None:
    """All are submitted by the next iteration, and the queue has them all."""
    flight = filled(backfill(reverse=True))
    tags = [run.tags[BACKFILL] for run in flight.dagster.instance.runs]

    assert ["01:00:30 REQUESTED 3", "01:03:00 COMPLETED_SUCCESS 0"] == told(flight)
    assert ["2024-03-04", "2024-03-03", "2024-03-02"] == [
        run.partition_keys[0] for run in flight.dagster.instance.runs
    ]
    assert 1 == len(set(tags))


def test_a_policy_puts_ranges_into_one_run() -> None:
    """The smallest policy of the assets counts."""
    many = {"partitions_def": "days", "backfill_policy": {"max_partitions_per_run": None}}
    two = {"partitions_def": "days", "ins": ["a"], "backfill_policy": {"max_partitions_per_run": 2}}
    flight = filled(assets={"a": many, "b": two})

    assert [("2024-03-02", "2024-03-03"), ("2024-03-04",)] == [
        run.partition_keys for run in flight.dagster.instance.runs
    ]
    assert "2024-03-03" == flight.dagster.instance.runs[0].tags["dagster/asset_partition_range_end"]


def test_runs_are_submitted_in_chunks_of_25_a_second_apart() -> None:
    """Thirty days: 25, and five a second later."""
    days = {"days": {"dimension": {"type": "daily", "start_date": "2024-02-01"}}}
    flight = filled(backfill("2024-02-01", "2024-03-01"), partitions_defs=days)

    assert ["01:00:30 REQUESTED 25", "01:00:31 REQUESTED 5"] == told(flight)[:2]
    assert 30 == len(flight.dagster.instance.runs)


def test_an_asset_backfill_waits_for_what_is_above() -> None:
    """Every day of the week first; the week in an iteration after the last of them."""
    action = Backfill(
        at=at("01:00:10"), pipeline="__ASSET_JOB", first="2024-03-03", last="2024-03-09"
    )
    flight = filled(action, **two_cadences())
    week = [run for run in flight.dagster.instance.runs if run.partition_keys == ("2024-03-03",)]

    assert 7 == len(made(flight, "d"))
    assert ["2024-03-03"] == made(flight, "w")
    assert {"d", "w"} == {step.key for run in week for step in run.plan.steps}
    assert ["REQUESTED 7", "REQUESTED 1", "COMPLETED_SUCCESS 0"] == [
        line.split(maxsplit=1)[1] for line in told(flight)
    ]


def test_what_is_below_a_failure_is_given_up() -> None:
    """The week is never requested, and the backfill has failed."""
    action = Backfill(
        at=at("01:00:10"), pipeline="__ASSET_JOB", first="2024-03-03", last="2024-03-09"
    )
    flight = filled(action, outcomes={("d", 1): FAILS}, **two_cadences())
    (stored,) = flight.dagster.instance.backfills.rows.values()

    assert [] == made(flight, "w")
    assert told(flight)[-1].endswith("COMPLETED_FAILED 0")
    assert stored.data is not None
    assert 8 == len(stored.data.failed_and_downstream)


def test_a_partition_that_needs_one_that_never_was_ends_the_backfill() -> None:
    """The week before the first day: an error of Dagster's own, which is not tried again."""
    action = Backfill(
        at=at("01:00:10"), pipeline="__ASSET_JOB", first="2024-03-01", last="2024-03-02"
    )
    flight = filled(action, **two_cadences())

    assert ["01:00:30 FAILING 0", "01:01:00 FAILED 0"] == told(flight)
    assert [] == flight.dagster.instance.runs


def test_a_retry_of_a_run_belongs_to_its_backfill() -> None:
    """It has the tag of the run that it executes again; the failed one stays a failure."""
    flight = filled(
        backfill("2024-03-02", "2024-03-02"),
        outcomes={("a", 1): FAILS},
        instance={"run_retries": {"enabled": True, "max_retries": 1}},
    )
    (stored,) = flight.dagster.instance.backfills.rows.values()

    assert ["backfill", "retry"] == [run.run_type for run in stored.runs.values()]
    assert "COMPLETED_FAILED" == stored.status


def test_an_asset_backfill_waits_for_retries() -> None:
    """A run that will be executed again is not the end of its partitions."""
    action = Backfill(
        at=at("01:00:10"), pipeline="__ASSET_JOB", first="2024-03-03", last="2024-03-09"
    )
    flight = filled(
        action,
        outcomes={("w", 1): FAILS},
        instance={"run_retries": {"enabled": True, "max_retries": 1}},
        **two_cadences(),
    )
    (stored,) = flight.dagster.instance.backfills.rows.values()
    again = list(stored.runs.values())[-1]
    *_, last = flight.kernel.journal.rows(Fact.TICK)

    assert ("retry", "SUCCESS") == (again.run_type, again.status)
    assert ("COMPLETED_SUCCESS", 8) == (last.detail["state"], last.detail["materialized"])
    assert again.ended_at is not None
    assert last.time >= again.ended_at


def test_backfills_are_a_table() -> None:
    """`bulk_actions`, and no ticks of schedules among them."""
    flight = filled()
    settings = msgspec.convert({}, DagsterConfig)
    tables = {
        table.name: table.rows() for table in books(flight.kernel.journal, settings, start=0, now=0)
    }
    (row,) = tables["bulk_actions"]

    assert ("j", "COMPLETED_SUCCESS", 3) == (row["job_name"], row["status"], row["runs"])
    assert [] == tables["job_ticks"]


def test_a_canceled_backfill_takes_its_runs_with_it() -> None:
    """Queued and started ones; nothing more is submitted."""
    action = backfill()
    known = filled(action)
    (backfill_id,) = known.dagster.instance.backfills.rows
    stop = Pause(at=at("01:00:50"), pipeline=backfill_id, paused=True)
    flight = filled(action, stop)

    assert ["01:00:30 REQUESTED 3", "01:01:30 CANCELED 0"] == told(flight)
    assert {"CANCELED"} == set(flight.statuses())


def test_a_daemon_that_was_down_goes_on_where_it_was() -> None:
    """The second chunk comes with the first iteration after the outage."""
    days = {"days": {"dimension": {"type": "daily", "start_date": "2024-02-01"}}}
    flight = filled(
        backfill("2024-02-01", "2024-03-01"),
        partitions_defs=days,
        database_outages=((at("01:00:30") + 500_000, at("01:10:00")),),
    )

    assert "REQUESTED 5" == told(flight)[1].split(maxsplit=1)[1]
    assert told(flight)[1] > "01:10:00"
    assert 30 == len({run.partition_keys for run in flight.dagster.instance.runs})


def test_a_backfill_explains_all_of_its_time() -> None:
    """The ledger of its steps has no gap and no overlap, retries and chunks included."""
    flight = filled(outcomes={("a", 1): FAILS}, instance={"concurrency": ONE_RUN})
    settings = flight.dagster.instance.definitions.config
    ledger = DagsterLedger(flight.kernel.journal, settings, now=flight.kernel.now)

    assert ledger.story.tasks
    for entity, story in ledger.story.tasks.items():
        waits = ledger.waits(entity)
        assert (story.run.due, ledger.end(story)) == (waits[0].start, waits[-1].end)
        assert all(one.end == other.start for one, other in pairwise(waits))


def test_a_job_without_partitions_has_nothing_to_backfill() -> None:
    """Refused, and said so."""
    flight = filled(backfill(), assets={"a": {}}, partitions_defs={})
    (row,) = flight.kernel.journal.rows(Fact.INTERVENTION)

    assert "the job has no partitions to backfill" == row.detail["refused"]
    assert [] == told(flight)
