"""cron-cascade: three mornings, wrong in three ways, as its texts tell them."""

from __future__ import annotations

from functools import cache

import pytest

from sim.engine.replay import replay
from sim.objectives.published import standing
from sim.scenario.load import load_config_file, load_scenario
from sim.views.nights import nights_of

TABLE = "dw.metricas_diarias"
PROMO, FULL_DISK, ROTATED = "2024-03-12", "2024-03-13", "2024-03-14"


@cache
def shown(config: str) -> dict[str, float]:
    """Data date -> orders at the end of the week as a share of the true ones."""
    scenario = load_scenario("cron-cascade")
    played = replay(scenario, load_config_file(scenario.folder / config, scenario=scenario))
    last = standing(nights_of(played), TABLE, until=played.end, replay=played)
    return {
        day: float(last[day].sums["pedidos"]) / float(true.sums["pedidos"])
        for day, true in played.truth[TABLE].items()
        if day in last and day >= "2024-03-11"
    }


def test_less_than_half_of_the_promo() -> None:
    """The part of the file that was there at four, of an extract of 2 h 10: 60 of 130 minutes."""
    assert shown("config.yaml")[PROMO] == pytest.approx(60 / 130, abs=0.01)


def test_one_region_of_three() -> None:
    """What a full disk left of the metrics of Wednesday."""
    assert 0.3 < shown("config.yaml")[FULL_DISK] < 0.45


def test_yesterdays_figures_under_a_new_date() -> None:
    """Thursday holds what Wednesday's extract had: its file was still there."""
    scenario = load_scenario("cron-cascade")
    config = load_config_file(scenario.folder / "config.yaml", scenario=scenario)
    played = replay(scenario, config)
    last = standing(nights_of(played), TABLE, until=played.end, replay=played)

    assert last[ROTATED].sums == played.truth[TABLE][FULL_DISK].sums


@pytest.mark.parametrize("name", ["airflow-chain", "cron-wrapper", "systemd-units"])
def test_every_repair_brings_every_day(name: str) -> None:
    """Whatever conducts it."""
    found = shown(f"solutions/{name}.yaml")

    assert set(found.values()) == {1.0}
    assert len(found) >= 6
