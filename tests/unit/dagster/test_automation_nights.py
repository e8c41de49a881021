"""Nights under conditions of one's own, as people write them to change what is ready-made."""

from __future__ import annotations

from typing import Any

from sim.model.interventions import Trigger
from tests.unit.dagster.builder import CHECK_FAILS, FAILS, Flight, at, fly, nightly
from tests.unit.dagster.test_automation_sensor import DAILY, ON, made, requests

A = "AutomationCondition"


def when(text: str) -> dict[str, str]:
    """An asset's condition; A stands for the class."""
    return {"automation_condition": text.replace("A.", f"{A}.")}


def night(assets: dict[str, Any], *hours: str, **rest: Any) -> Flight:
    """The first asset is made by hand at some times; the sensor does the rest."""
    first = next(iter(assets))
    rest.setdefault("actions", tuple(Trigger(at=at(hour), pipeline="roots") for hour in hours))
    rest.setdefault("jobs", {"roots": {"selection": f'key:"{first}"'}})
    return fly(assets=assets, schedules={}, automation_condition_sensors=ON, **rest)


def test_eager_without_its_window_follows_old_partitions() -> None:
    """A day of last week is made again: its leaf follows, which plain eager leaves alone."""
    again = Trigger(at=at("12:00:00"), pipeline="roots", conf={"partition": "2024-03-04"})
    told: list[list[str]] = []
    for text in ("A.eager()", "A.eager().without(A.in_latest_time_window())"):
        assets = {
            "a": {"partitions_def": "days"},
            "b": {"partitions_def": "days", "deps": ["a"], **when(text)},
        }
        flight = night(assets, partitions_defs=DAILY, actions=(again,))
        told.append([line[6:] for line in made(flight)])

    assert [["a"], ["a", "b"]] == told


def test_a_cron_may_leave_an_upstream_out() -> None:
    """Nobody makes x: with it nothing would come; without it b comes once a is there after nine."""
    text = 'A.on_cron("0 9 * * *")'
    assets = {"a": {}, "x": {}, "b": {"deps": ["a", "x"], **when(text)}}
    ignored = when(f'{text}.ignore(AssetSelection.assets("x"))')

    assert ["a", "a"] == [line[6:] for line in made(night(assets, "08:00:00", "10:00:00"))]
    flight = night({**assets, "b": {"deps": ["a", "x"], **ignored}}, "08:00:00", "10:00:00")
    assert ["08:01 a", "10:01 a", "10:02 b"] == made(flight)


def test_a_cron_may_wait_for_fresh_upstreams() -> None:
    """The upstream of eight is too old at ten; the latch keeps the tick until it is made again."""
    text = "A.cron_tick_passed('0 10 * * *').since_last_handled() & A.all_deps_match("
    assets = {
        "a": {"freshness_policy": {"fail_window": "90m"}},
        "b": {"deps": ["a"], **when(f"{text}A.freshness_passed())")},
    }

    assert ["08:01 a", "11:01 a", "11:02 b"] == made(night(assets, "08:00:00", "11:00:00"))
    assert ["09:01 a", "10:01 b"] == made(night(assets, "09:00:00"))


def test_a_failure_may_be_a_reason_to_try_again() -> None:
    """Once for each failure: the latch is reset by the request."""
    text = "A.eager() | A.execution_failed().newly_true().since_last_handled()"
    assets = {"a": {}, "b": {"deps": ["a"], **when(text)}}
    flight = night(assets, "08:00:00", outcomes={("b", 1): FAILS})

    assert [1, 1] == requests(flight)[:2]
    assert ["FAILURE", "FAILURE"] == flight.statuses()[1:3]


def test_a_blocking_check_holds_back_another_run_only_when_it_is_asked() -> None:
    """Blocking is a matter of one run; a condition makes it one of two."""
    told: list[list[str]] = []
    for text in ("A.eager()", "A.eager() & A.all_deps_blocking_checks_passed()"):
        assets = {"a": {"checks": {"fine": {"blocking": True}}}, "b": {"deps": ["a"], **when(text)}}
        flight = night(assets, "08:00:00", "12:00:00", outcomes={("a_fine", 1): CHECK_FAILS})
        told.append([line[6:] for line in made(flight)])

    assert [["a", "b", "a", "b"], ["a", "a"]] == told


def test_a_check_that_passed_lets_the_reader_go() -> None:
    """It was asked about the materialization that is there now."""
    assets = {
        "a": {"checks": {"fine": {"blocking": True}}},
        "b": {"deps": ["a"], **when("A.eager() & A.all_deps_blocking_checks_passed()")},
    }

    assert ["a", "b"] == [line[6:] for line in made(night(assets, "08:00:00"))]


def test_a_failed_check_may_ask_for_its_asset_again() -> None:
    """`any_checks_match` looks at the checks of the asset itself."""
    text = "A.any_checks_match(A.check_failed()).newly_true() & ~A.in_progress()"
    assets = {"a": {"checks": {"fine": {}}, **when(text)}}
    flight = night(assets, "08:00:00", outcomes={("a_fine", 1): CHECK_FAILS}, until=at("08:05:00"))

    assert [1] == requests(flight)[:1]


def test_a_condition_without_a_latch_asks_at_every_tick() -> None:
    """What is missing is missing until it was made: three ticks, three runs, as in Dagster."""
    flight = fly(
        assets={"a": when("A.missing()")},
        jobs={},
        schedules={},
        automation_condition_sensors=ON,
        until=at("00:01:00"),
    )

    assert [1, 1, 1] == requests(flight)


def test_an_asset_is_in_progress_until_it_was_made_and_not_until_its_run_is_over() -> None:
    """The leaf follows half a minute after its root, while the job goes on for an hour."""
    flight = night(
        {"a": {}, "slow": {"deps": ["a"]}, "b": {"deps": ["a"], **when("A.eager()")}},
        "08:00:00",
        jobs={"roots": {"selection": 'key:"a"+ and not key:"b"'}},
        spans={"slow": 3600},
    )

    assert ["08:01 a", "08:02 b", "09:01 slow"] == made(flight)


def test_a_job_that_was_to_make_both_is_no_reason_to_ignore_its_updates() -> None:
    """Its run does not say which assets it is of, so a leaf that failed in it is asked for."""
    told: list[list[str]] = []
    for selected in (False, True):
        job = {} if selected else {"both": {"selection": "*"}}
        flight = fly(
            assets={"a": when('A.on_cron("0 4 * * *")'), "b": {"deps": ["a"], **when("A.eager()")}},
            jobs=job,
            schedules={} if selected else {"nightly": nightly("both")},
            automation_condition_sensors=ON,
            outcomes={("b", 1): FAILS},
            until=at("03:50:00") if not selected else at("04:50:00"),
        )
        told.append(flight.statuses())

    assert [["FAILURE", "FAILURE"], ["FAILURE"]] == told


def test_whoever_reads_an_asset_may_ask_for_it() -> None:
    """`any_downstream_conditions`: the root is made because the leaf's cron asks about it."""
    leaf = "A.cron_tick_passed('0 9 * * *')"
    assets = {"a": when("A.any_downstream_conditions()"), "b": {"deps": ["a"], **when(leaf)}}

    assert ["a", "b"] == [line[6:] for line in made(night(assets))]


def test_runs_may_be_told_apart_by_their_tags() -> None:
    """What a condition made is no reason here; what a person made is."""
    tags = '{"dagster/from_automation_condition"}'
    text = f"A.any_deps_match(A.newly_updated() & ~A.executed_with_tags(tag_keys={tags}))"
    assets = {
        "a": when('A.cron_tick_passed("0 9 * * *")'),
        "b": {"deps": ["a"], **when(f"{text}.since_last_handled()")},
    }

    assert ["08:01 a", "08:02 b", "09:01 a"] == made(night(assets, "08:00:00"))
