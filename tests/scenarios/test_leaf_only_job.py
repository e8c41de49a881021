"""leaf-only-job: one figure for a week, as its texts tell it."""

from __future__ import annotations

from functools import cache

import pytest

from sim.engine.replay import replay
from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.objectives.published import standing
from sim.scenario.load import load_config_file, load_scenario
from sim.views.nights import nights_of
from sim.views.replay import Replay

TABLE = "dw.metricas"


@cache
def played(config: str) -> Replay:
    """March under one of the configs."""
    scenario = load_scenario("leaf-only-job")
    return replay(scenario, load_config_file(scenario.folder / config, scenario=scenario))


def test_the_figure_of_the_fourth_on_every_day_after_it() -> None:
    """Whoever tested on the 5th made the input of all the nights that followed."""
    one = played("config.yaml")
    last = standing(nights_of(one), TABLE, until=one.end)
    days = [f"2024-03-{day:02}" for day in range(4, 13)]

    assert {last[day].sums["ingresos"] for day in days} == {"14793.63"}


def test_the_nightly_run_has_one_step() -> None:
    """Roots are made once, by hand."""
    one = played("config.yaml")
    journal = one.journal
    done = [
        journal.name(row.entity)
        for row in journal.rows(Fact.TASK_STATE)
        if row.value % 256 == TaskState.SUCCESS and row.time < one.end
    ]

    assert (done.count("ventas_raw"), done.count("clientes_dim")) == (1, 1)
    assert done.count("metricas_diarias") >= 9


@pytest.mark.parametrize("name", ["select-upstream", "select-groups"])
def test_a_day_without_its_input_is_missing(name: str) -> None:
    """On the 12th the shop did not answer: nothing was made, and nothing is wrong."""
    one = played(f"solutions/{name}.yaml")
    last = standing(nights_of(one), TABLE, until=one.end)

    assert "2024-03-11" not in last
    assert all(last[day].sums == one.truth[TABLE][day].sums for day in ("2024-03-10", "2024-03-12"))
