"""cache-is-not-idempotency: what was remembered and what was read, as its texts tell it."""

from __future__ import annotations

from functools import cache

import pytest

from sim.engine.replay import replay
from sim.model.facts import Fact
from sim.objectives.published import standing
from sim.scenario.load import load_config_file, load_scenario
from sim.views.nights import nights_of
from sim.views.replay import Replay

TABLE = "dw.ventas"
LATE, DIED, ONE_ROW = "2024-03-13", "2024-03-16", "2024-03-19"


@cache
def played(config: str) -> Replay:
    """March under one of the configs."""
    scenario = load_scenario("cache-is-not-idempotency")
    return replay(scenario, load_config_file(scenario.folder / config, scenario=scenario))


def cached(config: str, task: str) -> int:
    """How often a task ended as Cached."""
    journal = played(config).journal
    return sum(
        row.detail.get("state") == "Cached"
        for row in journal.rows(Fact.TASK_STATE)
        if journal.name(row.entity) == task
    )


def orders(config: str, day: str) -> float:
    """Orders of a day at the end of March, as a multiple of the true ones."""
    one = played(config)
    last = standing(nights_of(one), TABLE, until=one.end)
    return float(last[day].sums["pedidos"]) / float(one.truth[TABLE][day].sums["pedidos"])


def test_the_run_of_a_quarter_to_five_read_nothing() -> None:
    """Both corrections within the hour, and the retry after the load had died, were hits."""
    assert cached("config.yaml", "extraer") == 3


def test_a_retry_and_a_rerun_insert_again() -> None:
    """The day whose load died is there twice, the late one twice without its late orders."""
    assert orders("config.yaml", DIED) == 2
    assert 1.5 < orders("config.yaml", LATE) < 2


@pytest.mark.parametrize(
    ("config", "hits"),
    [("solutions/no-cache.yaml", 0), ("solutions/cache-of-one-run.yaml", 1)],
)
def test_what_a_repair_remembers(config: str, hits: int) -> None:
    """Nothing, or what the same run has read; every day is there once."""
    assert cached(config, "extraer") == hits
    assert {orders(config, day) for day in (LATE, DIED, ONE_ROW)} == {1}


def test_a_shorter_cache_is_a_hit_for_a_correction_that_comes_soon() -> None:
    """Twenty minutes are over at 04:45 of the one day, and not at 04:18 of the other."""
    assert orders("traps/twenty-minutes.yaml", LATE) == 1
    assert orders("traps/twenty-minutes.yaml", "2024-03-17") < 1
