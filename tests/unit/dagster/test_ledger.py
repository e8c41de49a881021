"""Why time passed under Dagster, and the storage's tables."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from sim.kernel.calendar import SECOND
from sim.model.interventions import Backfill
from sim.orchestrators.dagster.config import DagsterConfig
from sim.platform.contract import Fate
from sim.views.ledger.dagster import DagsterLedger
from sim.views.ledger.reasons import Reason
from sim.views.metadata.dagster import books
from tests.unit.dagster.builder import FAILS, SKIPS, Flight, at, chain, fly, nightly

POOL = {"concurrency": {"pools": {"limits": {"db": 1}}}}
ONE_RUN = {"concurrency": {"runs": {"max_concurrent_runs": 1}}}
TWICE = {"one": nightly("j"), "two": nightly("j")}
RETRIED = {"max_retries": 1, "delay": 45}
TAGGED = {"concurrency": {"runs": {"tag_concurrency_limits": [{"key": "team", "limit": 1}]}}}
WORLDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "retry": {"assets": chain("a", "b", retry_policy=RETRIED), "outcomes": {("a", 1): FAILS}},
    "failed": {"assets": chain("a", "b", "c"), "outcomes": {("a", 1): FAILS}},
    "skipped": {"assets": chain("a", "b", output_required=False), "outcomes": {("a", 1): SKIPS}},
    "pool": {"assets": {"a": {"pool": "db"}, "b": {"pool": "db"}}, "instance": POOL},
    "queue": {"schedules": TWICE, "instance": ONE_RUN},
    "tags": {
        "schedules": TWICE,
        "instance": TAGGED,
        "jobs": {"j": {"selection": "*", "tags": {"team": "x"}}},
    },
    "steps": {
        "assets": {"a": {}, "b": {}},
        "executor": {"multiprocess": {"max_concurrent": 1}},
    },
    "lost": {"fates": {("a", 1): Fate("worker_lost", 10 * SECOND)}},
    "host": {"host_outages": ((at("02:00:00"), at("04:00:30")),)},
}


def section_of(world: dict[str, Any]) -> DagsterConfig:
    """The section that `fly` makes of a world."""
    section = {
        "assets": chain("a", "b"),
        "jobs": {"j": {"selection": "*"}},
        "schedules": {"nightly": nightly("j")},
    }
    known = DagsterConfig.__struct_fields__
    section |= {key: value for key, value in world.items() if key in known}
    return msgspec.convert(section, DagsterConfig)


def ledger_of(world: dict[str, Any]) -> tuple[Flight, DagsterLedger]:
    """A finished night and its ledger."""
    flight = fly(**world)
    journal = flight.kernel.journal
    return flight, DagsterLedger(journal, section_of(world), now=flight.kernel.now)


@pytest.mark.parametrize("name", WORLDS)
def test_reasons_add_up(name: str) -> None:
    """From the due of a run to the end of a step, without a gap or an overlap."""
    _, ledger = ledger_of(WORLDS[name])

    assert ledger.story.tasks
    for entity, story in ledger.story.tasks.items():
        waits = ledger.waits(entity)
        assert (story.run.due, ledger.end(story)) == (waits[0].start, waits[-1].end)
        assert all(one.end == other.start for one, other in pairwise(waits))
        assert all(wait.span > 0 for wait in waits)


@pytest.mark.parametrize(
    ("name", "reason", "blocker"),
    [
        ("plain", Reason.SCHEDULER_LOOP, ""),
        ("plain", Reason.START_UP, "run"),
        ("plain", Reason.UPSTREAM, "a"),
        ("retry", Reason.RETRY_DELAY, ""),
        ("pool", Reason.POOL, "db"),
        ("queue", Reason.RUN_QUEUE, "1"),
        ("tags", Reason.TAG_LIMIT, "team"),
        ("steps", Reason.STEP_LIMIT, "1"),
        ("lost", Reason.WORKER, "lost"),
        ("host", Reason.SCHEDULER_DOWN, "dagster-01"),
    ],
)
def test_each_reason_is_told_apart(name: str, reason: Reason, blocker: str) -> None:
    """By the rule that really held the step back."""
    _, ledger = ledger_of(WORLDS[name])
    found = {
        (wait.reason, wait.blocker)
        for entity in ledger.story.tasks
        for wait in ledger.waits(entity)
    }

    assert (reason, blocker) in found


def test_a_partition_waits_for_the_person_who_asks_for_it() -> None:
    """Of a backfilled day no schedule was late: it was not wanted before."""
    day = {"dimension": {"type": "daily", "start_date": "2024-01-01"}}
    world: dict[str, Any] = {
        "partitions_defs": {"day": day},
        "assets": {"a": {"partitions_def": "day"}},
        "schedules": {},
        "actions": (
            Backfill(at=at("06:00:00"), pipeline="j", first="2024-01-05", last="2024-01-05"),
        ),
    }
    _, ledger = ledger_of(world)
    (entity,) = ledger.story.tasks

    assert (Reason.HUMAN, "backfill") == (
        ledger.waits(entity)[0].reason,
        ledger.waits(entity)[0].blocker,
    )


def test_the_storage_holds_what_the_journal_told() -> None:
    """Runs, events, assets, ticks and limits, by the schema's own names."""
    world = WORLDS["pool"]
    flight = fly(**world)
    tables = {
        table.name: table.rows()
        for table in books(flight.kernel.journal, section_of(world), start=0, now=0)
    }

    assert [("j", "SUCCESS")] == [(row["pipeline_name"], row["status"]) for row in tables["runs"]]
    assert ["STEP_SUCCESS", "STEP_SUCCESS"] == [
        row["dagster_event_type"]
        for row in tables["event_logs"]
        if row["dagster_event_type"] == "STEP_SUCCESS"
    ]
    assert [("a", 1), ("b", 1)] == [
        (row["asset_key"], row["materializations"]) for row in tables["asset_keys"]
    ]
    assert [("nightly", "SCHEDULE", "SUCCESS")] == [
        (row["job_name"], row["type"], row["status"]) for row in tables["job_ticks"]
    ]
    assert [("dagster/schedule_name", "nightly")] == [
        (row["key"], row["value"]) for row in tables["run_tags"]
    ]
    assert [("db", 1)] == [
        (row["concurrency_key"], row["limit"]) for row in tables["concurrency_limits"]
    ]
