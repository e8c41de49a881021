"""poisoned-backfill: how often each day stands there, config by config, as its texts tell it."""

from __future__ import annotations

from functools import cache

import pytest

from sim.engine.replay import replay
from sim.objectives.published import standing
from sim.scenario.load import load_config_file, load_scenario
from sim.views.nights import nights_of

TABLE = "dw.entradas"
CLOSED = "2024-01-13"
"""The Saturday before the museum closed for works."""


@cache
def copies(config: str) -> dict[str, float]:
    """Data date -> rows at the end as a multiple of the true ones, where it is not one."""
    scenario = load_scenario("poisoned-backfill")
    found = load_config_file(scenario.folder / config, scenario=scenario)
    played = replay(scenario, found)
    last = standing(nights_of(played), TABLE, until=played.end, replay=played)
    return {
        day: (last[day].rows if day in last else 0) / true.rows
        for day, true in played.truth[TABLE].items()
        if true.rows and (day not in last or last[day].rows != true.rows)
    }


@pytest.mark.parametrize("config", ["config.yaml", "traps/one-at-a-time.yaml"])
def test_the_same_saturday_47_times(config: str) -> None:
    """Its own run, and 46 that found the museum closed, in whatever order."""
    assert copies(config)[CLOSED] == 47


def test_every_sunday_makes_a_second_saturday() -> None:
    """And each try that died after its insert a second copy of its day."""
    found = copies("config.yaml")

    assert {found[day] for day in ("2024-01-06", "2024-03-02", "2024-03-09", "2024-03-16")} == {2}
    assert {found[day] for day in ("2024-01-10", "2024-03-05")} == {2}


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ("solutions/stage-and-swap.yaml", {}),
        ("solutions/judge-then-replace.yaml", {}),
        ("traps/only-what-is-missing.yaml", {"2024-03-23": 2, "2024-03-30": 2}),
        ("traps/merge-by-ticket.yaml", {"2024-03-23": 2, "2024-03-30": 2}),
        ("traps/empty-is-fine.yaml", {"2024-04-09": 0}),
    ],
)
def test_what_is_left(config: str, wrong: dict[str, float]) -> None:
    """The two Saturdays from before, a Wednesday without an answer, or nothing."""
    assert wrong == copies(config)


def test_a_clean_up_without_a_key_loses_tickets() -> None:
    """No day has a ticket too many, and most have too few."""
    found = copies("traps/nightly-dedup.yaml")

    assert max(found.values()) < 1
    assert len(found) > 40
