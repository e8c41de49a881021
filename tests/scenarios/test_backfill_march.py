"""backfill-march: what the plans do to March, as its texts tell it."""

from __future__ import annotations

from functools import cache

import pytest

from sim.kernel.calendar import format_instant
from sim.scenario.load import load_config_file, load_scenario
from sim.session.preview import Preview, preview


@cache
def planned(config: str) -> Preview:
    """The preview of one of the scenario's configs."""
    scenario = load_scenario("backfill-march")
    return preview(scenario, load_config_file(scenario.folder / config, scenario=scenario))


@pytest.mark.parametrize(
    ("config", "gone", "wrong"),
    [
        ("config.yaml", 31, 24),
        ("solutions/one-transaction.yaml", 0, 0),
        ("solutions/stage-and-swap.yaml", 0, 0),
        ("solutions/merge-and-delete.yaml", 0, 0),
        ("solutions/clear-in-2.yaml", 0, 0),
        ("traps/plain-merge.yaml", 0, 14),
    ],
)
def test_what_becomes_of_the_days(config: str, gone: int, wrong: int) -> None:
    """All vanish for a while and most for good; since 18 March a merge leaves the old region."""
    parts = planned(config).rewritten

    assert len(parts) == 31
    assert (gone, wrong) == (
        sum(one.gone > 0 for one in parts),
        sum(not one.right for one in parts),
    )


def test_an_existing_run_is_taken_whatever_the_limit_says() -> None:
    """In 2.x all 31 run at once, although three may; in 3.x a backfill keeps to its own limit."""
    assert planned("traps/from-the-laptop.yaml").actions[0].at_once == 31
    assert planned("solutions/one-transaction.yaml").actions[0].at_once == 3


def test_the_default_does_nothing() -> None:
    """Every date of March has a run."""
    (action,) = planned("traps/default-behaviour.yaml").actions

    assert action.runs == ()
    assert len(action.left_alone) == 31


def test_the_newest_first() -> None:
    """run_backwards: 31 March is right by half past two."""
    first = planned("solutions/one-transaction.yaml").actions[0].runs[0]

    assert first.run_id == "scheduled__2024-03-31T03:00:00Z"
    assert format_instant(first.ended or 0)[:16] < "2024-04-02T14:31"


def test_a_laptop_that_sleeps_keeps_the_next_night_waiting() -> None:
    """Runs that nobody works on count among max_active_runs, and the night never starts."""
    one = planned("traps/from-the-laptop.yaml")

    assert one.ends is None
    assert [(run.run_id[:21], run.after) for run in one.moved] == [("scheduled__2024-04-02", None)]
