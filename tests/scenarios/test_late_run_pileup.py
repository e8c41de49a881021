"""late-run-pileup: who is Late when the pool is resumed, and until when, as its texts tell it."""

from __future__ import annotations

from functools import cache

import pytest

from sim.engine.replay import replay
from sim.kernel.calendar import MINUTE, parse_instant
from sim.model.facts import Entity, Fact
from sim.model.states import TaskState
from sim.scenario.load import load_config_file, load_scenario
from sim.views.replay import Replay

pytestmark = pytest.mark.slow
RESUMED = parse_instant("2024-06-12T12:01Z")


@cache
def played(config: str = "config.yaml") -> Replay:
    """The day of the deploy."""
    scenario = load_scenario("late-run-pileup")
    return replay(scenario, load_config_file(scenario.folder / config, scenario=scenario))


def starts(config: str = "config.yaml") -> list[tuple[int, int]]:
    """When each synchronisation after the pause was due and when it began, in minutes after ten."""
    journal, ten = played(config).journal, parse_instant("2024-06-12T10:00Z")
    due = {
        row.entity: row.detail["run_after"]
        for row in journal.rows(Fact.RUN_STATE)
        if row.detail.get("run_after") is not None
    }
    return [
        ((due[journal.who(row.entity).parent] - ten) // MINUTE, (row.time - ten) // MINUTE)
        for row in journal.rows(Fact.TASK_STATE, since=RESUMED)
        if journal.name(row.entity) == "sincronizar" and row.value % 256 == TaskState.RUNNING
    ]


def test_who_is_late_when_the_pool_is_resumed() -> None:
    """Twelve synchronisations, eight looks for alerts, and reports for two hours."""
    journal, names = played().journal, dict[int, str]()
    for row in journal.rows(Fact.RUN_STATE, Fact.NATIVE_STATE, until=RESUMED):
        if journal.who(row.entity).type is Entity.RUN:
            names[row.entity] = str(row.detail.get("state", ""))
    late = [journal.name(journal.who(run).parent) for run, name in names.items() if name == "Late"]

    assert (12, 8) == (late.count("eventos"), late.count("avisos"))
    assert 238 <= late.count("informes") <= 240


def test_the_oldest_is_first_and_the_newest_waits() -> None:
    """Half an hour after it was resumed the orders of eleven come; at half past two all is well."""
    found = starts()

    assert sorted(due for due, _ in found) == [due for due, _ in found]
    assert [60] == [due for due, at in found if at + 4 <= 151][-1:]
    first = next(due for due, at in found if at == due)
    assert 270 == first


def test_who_reads_on_needs_one_turn() -> None:
    """From the watermark the first run after the pause brings everything."""
    found = starts("solutions/newest-only.yaml")

    assert all(at - due <= 10 for due, at in found if due >= 140)
