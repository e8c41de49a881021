"""What the freshness daemon writes, and when."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.model.facts import Entity, Fact
from sim.orchestrators.dagster.config import DagsterConfig
from sim.orchestrators.dagster.validate import validate
from sim.views.metadata.dagster import books
from tests.unit.dagster.builder import FAILS, Flight, at, clock, fly


def states(flight: Flight) -> list[str]:
    """Every change that was written: `03:01:30 PASS`."""
    journal = flight.kernel.journal
    return [
        f"{clock(row.time)} {row.detail['state']}"
        for row in journal.rows(Fact.NATIVE_STATE)
        if journal.who(row.entity).type is Entity.ASSET
    ]


def fresh(**policy: Any) -> Flight:
    """An asset with a policy, materialized at 03:01:10."""
    return fly(assets={"a": {"freshness_policy": policy}})


def test_a_materialization_passes_and_then_ages() -> None:
    """At the first of the daemon's looks after each change."""
    flight = fresh(fail_window="2h", warn_window="1h")

    assert ["03:01:30 PASS", "04:01:30 WARN", "05:01:30 FAIL"] == states(flight)


def test_a_deadline_is_judged_until_the_next_one() -> None:
    """03:01:10 is within two hours of 05:00 and not of 06:00."""
    flight = fresh(deadline_cron="0 5,6 * * *", lower_bound_delta="2h")

    assert ["03:01:30 PASS", "06:00:00 FAIL"] == states(flight)


def test_what_was_never_materialized_is_unknown() -> None:
    """And nothing is written of it."""
    flight = fly(
        assets={"a": {"freshness_policy": {"fail_window": "1h"}}}, outcomes={("a", 1): FAILS}
    )

    assert [] == states(flight)


def test_a_dead_daemon_writes_what_it_finds_when_it_is_back() -> None:
    """The warning fell into its absence."""
    flight = fly(
        assets={"a": {"freshness_policy": {"fail_window": "2h", "warn_window": "1h"}}},
        host_outages=((at("03:30:00"), at("04:30:10")),),
    )

    assert ["03:01:30 PASS", "04:30:10 WARN", "05:01:10 FAIL"] == states(flight)


def test_states_of_assets_are_events_and_no_runs() -> None:
    """FRESHNESS_STATE_CHANGE, beside the runs' own events."""
    flight = fresh(fail_window="2h")
    config = msgspec.convert({"assets": {"a": {}}}, DagsterConfig)
    tables = {
        table.name: table.rows() for table in books(flight.kernel.journal, config, start=0, now=0)
    }
    changes = [
        row["asset_key"]
        for row in tables["event_logs"]
        if row["dagster_event_type"] == "FRESHNESS_STATE_CHANGE"
    ]

    assert (["a", "a"], 1) == (changes, len(tables["runs"]))


@pytest.mark.parametrize(
    ("policy", "code", "field"),
    [
        ({}, "E-FRESHNESS", ""),
        ({"fail_window": "soon"}, "E-SPAN", "fail_window"),
        ({"fail_window": "1s"}, "E-RANGE", "fail_window"),
        ({"fail_window": "1h", "warn_window": "2h"}, "E-FRESHNESS", "warn_window"),
        ({"deadline_cron": "0 5 * * *"}, "E-FRESHNESS", "lower_bound_delta"),
        ({"deadline_cron": "5", "lower_bound_delta": "1h"}, "E-CRON", "deadline_cron"),
        (
            {"deadline_cron": "0 5 * * *", "lower_bound_delta": "1h", "timezone": "Mars"},
            "E-TIMEZONE",
            "timezone",
        ),
    ],
)
def test_what_is_wrong_with_a_policy(policy: dict[str, Any], code: str, field: str) -> None:
    """Each with its place."""
    assets = {"a": {"freshness_policy": policy}}
    config = msgspec.convert({"assets": assets}, DagsterConfig)
    place = ("assets", "a", "freshness_policy", *([field] if field else []))

    assert (code, place) in [(one[1], one[0]) for one in validate(config, tasks={"a"})]
