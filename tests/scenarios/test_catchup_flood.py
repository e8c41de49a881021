"""The weekend of catchup-flood, as its texts tell it."""

from __future__ import annotations

import pytest

from sim.engine.simulate import simulate
from sim.kernel.calendar import format_instant
from sim.kernel.journal import Journal
from sim.model.facts import Entity, Fact
from sim.model.states import RunState
from sim.scenario.load import load_config_file, load_scenario


def played(config: str) -> Journal:
    """The weekend under one of the scenario's configs."""
    scenario = load_scenario("catchup-flood")
    found = load_config_file(scenario.folder / config, scenario=scenario)
    return simulate(scenario, found)


def first_published(journal: Journal) -> dict[str, str]:
    """Data date -> when the metrics first had rows of it."""
    table = journal.find(Entity.TABLE, "dw.daily_metrics")
    found: dict[str, str] = {}
    for row in journal.rows(Fact.PUBLISHED):
        for day, what in row.detail["partitions"].items():
            if row.entity == table and what["rows"]:
                found.setdefault(day, format_instant(row.time)[:16])
    return found


def test_the_switch_asks_for_seventy_four_days() -> None:
    """Ten runs a loop from 10:00 on, one for each date since 1 January; sixteen work at once."""
    journal = played("config.yaml")
    due = [
        (row, RunState(row.value))
        for row in journal.rows(Fact.RUN_STATE)
        if journal.name(journal.who(row.entity).parent) == "ecommerce_daily_metrics"
    ]
    created = [
        row
        for row, _ in due
        if "logical_date" in row.detail and format_instant(row.time)[:10] == "2024-03-15"
    ]
    working, most = 0, 0
    for _, state in due:
        working += (state is RunState.RUNNING) - (state in {RunState.SUCCESS, RunState.FAILED})
        most = max(most, working)

    assert (len(created), most) == (74, 16)
    assert format_instant(created[0].time)[11:16] == "10:00"


def test_green_and_empty() -> None:
    """Nobody loads: not one date ever gets a row."""
    assert not first_published(played("config.yaml"))


@pytest.mark.parametrize(
    ("config", "thursday"),
    [
        ("solutions/live-and-history.yaml", "2024-03-15T10"),
        ("traps/two-runs-at-a-time.yaml", "2024-03-16T07"),
        ("traps/one-run-at-a-time.yaml", "2024-03-17T04"),
    ],
)
def test_when_thursday_is_there(config: str, thursday: str) -> None:
    """In the hour of the switch, or after all of history: on Saturday, early on Sunday."""
    published = first_published(played(config))

    assert published["2024-03-14"][:13] == thursday
    assert len(published) >= 74
