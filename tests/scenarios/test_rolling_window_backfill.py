"""rolling-window-backfill: which days are right, config by config, as its texts tell it."""

from __future__ import annotations

from functools import cache

import pytest

from sim.engine.replay import replay
from sim.model.facts import Fact
from sim.model.states import RunState
from sim.objectives.published import standing
from sim.scenario.load import load_config_file, load_scenario
from sim.views.nights import nights_of
from sim.views.replay import Replay

TABLE = "dw.media_movil"
MARCH = [f"2024-03-{day:02}" for day in range(1, 32)]


@cache
def played(config: str) -> Replay:
    """The first of April under one of the configs."""
    scenario = load_scenario("rolling-window-backfill")
    return replay(scenario, load_config_file(scenario.folder / config, scenario=scenario))


def wrong(config: str) -> list[int]:
    """The days of March whose average is not the true one at the end."""
    one = played(config)
    last = standing(nights_of(one), TABLE, until=one.end, replay=one)
    return [
        int(day[-2:])
        for day in MARCH
        if day not in last or last[day].sums != one.truth[TABLE][day].sums
    ]


def runs(config: str) -> int:
    """How many runs of the backfills ended, well or not."""
    journal = played(config).journal
    ended = (RunState.SUCCESS, RunState.FAILED)
    return sum(RunState(row.value) in ended for row in journal.rows(Fact.RUN_STATE))


def test_ten_runs_against_six_connections() -> None:
    """Days without a connection stay empty, and what stands beside them is no average of three."""
    assert len(wrong("config.yaml")) > 15


@pytest.mark.parametrize(
    ("config", "days"),
    [
        ("traps/fewer-runs.yaml", [15, 16]),
        ("traps/nothing-is-missing.yaml", [14, 15, 16]),
        ("solutions/mapping-and-pool.yaml", []),
        ("solutions/a-week-a-run.yaml", []),
    ],
)
def test_which_days_are_wrong(config: str, days: list[int]) -> None:
    """Those that need the corrupt one, where nobody makes them again."""
    assert days == wrong(config)


def test_a_week_a_run_takes_fewer_runs() -> None:
    """Sixty-two partitions of two assets in a run each, or in chunks of seven."""
    assert runs("solutions/a-week-a-run.yaml") < runs("solutions/mapping-and-pool.yaml") / 3
