"""Automations: what fires when, by events that come and events that do not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.orchestrators.prefect.automations_config import Automation
from sim.orchestrators.prefect.events import Event, includes, matches
from tests.unit.prefect.services_stage import Stage

RUN = "prefect.resource.id"


def automation(trigger: dict[str, Any], **more: Any) -> Automation:
    """An automation that cancels the flow run; triggers are of type event unless they say so."""
    text = {"trigger": {"type": "event"} | trigger, "actions": [{"type": "cancel-flow-run"}]} | more
    return msgspec.convert(text, Automation)


def reactive(expect: str, **more: Any) -> dict[str, Any]:
    """A reactive trigger."""
    return {"type": "event", "posture": "Reactive", "expect": [expect], **more}


def played(made: Automation, *events: tuple[float, str, str], until: float = 2_000) -> list[float]:
    """When an automation acts on events (seconds, name, resource)."""
    stage = Stage(automations={"a": made})
    for at, name, resource in events:
        stage.after(at, emit, stage, name, resource)
    stage.run(until)
    return [at for at, _, _ in stage.acted]


def emit(stage: Stage, name: str, resource: str) -> None:
    """An event happens now."""
    labels = {RUN: resource, "prefect.resource.name": resource}
    stage.services.automations.emit(Event(stage.kernel.now, name, labels))


def test_without_a_window_each_event_fires() -> None:
    """Reactive, threshold 1, within 0."""
    made = automation(reactive("x"))

    assert [1, 2, 2] == played(made, (1, "x", "r"), (2, "x", "r"), (2, "x", "r"), (3, "y", "r"))


def test_a_threshold_is_reached_once_in_a_window() -> None:
    """The third of three fires; the window stays closed until it ends, 100 s after it began."""
    made = automation(reactive("x", threshold=3, within=100))
    events = [(at, "x", "r") for at in (10, 20, 30, 40, 50, 60, 150, 160, 170)]

    assert [30, 170] == played(made, *events)


def test_for_each_counts_separately() -> None:
    """Two of the same run within the window, not two of any."""
    made = automation(reactive("x", threshold=2, within=60, for_each=[RUN]))

    assert [30] == played(made, (10, "x", "r"), (20, "x", "s"), (30, "x", "r"))


def test_what_is_stuck_is_found_within_five_seconds_of_the_end_of_its_window() -> None:
    """Late, and not Running within 100 s: the pattern of an SLA."""
    stuck = {"after": ["Late"], "expect": ["Running"], "for_each": [RUN], "within": 100}
    made = automation({"posture": "Proactive", **stuck})
    events = [(12, "Late", "stuck"), (13, "Late", "runs"), (50, "Running", "runs")]

    assert [115] == played(made, *events)


def test_silence_fires_again_and_again() -> None:
    """Without `after` a window follows the other, as long as nothing comes."""
    made = automation({"posture": "Proactive", "expect": ["x"], "within": 60})

    assert [60, 120, 180, 240] == played(made, until=250)
    assert 4 < len(played(made, (70, "x", "r"), until=600)) < 10


def test_heartbeats_restart_their_own_window() -> None:
    """What begins a window and is also expected: 30 s after the last one it fires."""
    beat = {"after": ["beat"], "expect": ["beat"], "for_each": [RUN], "within": 30}
    made = automation({"posture": "Proactive", **beat})

    assert [90] == played(made, *[(at, "beat", "r") for at in (0, 20, 40, 60)])


def test_compounds_need_some_of_their_triggers_within_their_time() -> None:
    """All, any, or a number; what fired too long ago does not count."""
    triggers = [reactive("x"), reactive("y"), reactive("z")]
    events = [(10, "x", "r"), (100, "y", "r"), (110, "y", "r"), (120, "x", "r")]
    compound = {"type": "compound", "triggers": triggers, "within": 50}

    assert [] == played(automation(compound | {"require": "all"}), *events)
    assert [120] == played(automation(compound | {"require": 2}), *events)
    assert [10, 100, 110, 120] == played(automation(compound | {"require": "any"}), *events)


def test_a_sequence_needs_the_order() -> None:
    """One before the other does not count, nor does it again afterwards."""
    made = automation({"type": "sequence", "triggers": [reactive("x"), reactive("y")]})
    events = [(1, "y", "r"), (2, "x", "r"), (3, "y", "r"), (4, "y", "r"), (5, "x", "r")]

    assert [3] == played(made, *events)


def test_composites_stand_in_composites() -> None:
    """Both of two sequences."""
    first = {"type": "sequence", "triggers": [reactive("a"), reactive("b")]}
    second = {"type": "sequence", "triggers": [reactive("c"), reactive("d")]}
    made = automation({"type": "compound", "require": "all", "triggers": [first, second]})

    assert [4] == played(made, *[(at, name, "r") for at, name in enumerate("abcd", start=1)])


def test_events_of_states_and_pools_reach_automations() -> None:
    """A run that became late, and a pool that lost its worker, with their own names."""
    late = automation(reactive("prefect.flow-run.Late"))
    pool = automation(reactive("prefect.work-pool.not-ready"))
    stage = Stage(automations={"late": late, "pool": pool})
    stage.put("run", 10)
    stage.services.health.started("w", "pool")
    stage.after(50, stage.services.health.gone, "w")
    stage.run(300)

    assert [("late", "cancel-flow-run run"), ("pool", "cancel-flow-run pool")] == [
        (name, what) for _, name, what in stage.acted
    ]


def test_an_automation_that_is_not_enabled_sees_nothing() -> None:
    """Nor does a server that is down."""
    assert [] == played(automation(reactive("x"), enabled=False), (1, "x", "r"))
    stage = Stage(automations={"a": automation(reactive("x"))})
    stage.after(1, stage.services.stop)
    stage.after(2, emit, stage, "x", "r")
    stage.run(10)
    assert [] == stage.acted


@pytest.mark.parametrize(
    ("expected", "value", "found"),
    [
        ("prefect.flow-run.*", "prefect.flow-run.Late", True),
        ("!prefect.flow-run.*", "prefect.flow-run.Late", False),
        ("!x", "y", True),
        ("x", None, False),
    ],
)
def test_patterns_of_labels(expected: str, value: str | None, found: bool) -> None:  # noqa: FBT001
    """Wildcards, and what must not match."""
    assert found == matches(expected, value)
    assert includes({}, [])
    assert found == includes({"label": [expected]}, [{} if value is None else {"label": value}])


@given(
    st.lists(st.integers(0, 400), max_size=25),
    st.integers(1, 4),
    st.integers(0, 120),
)
def test_a_reactive_window_fires_at_most_once(
    times: list[int], threshold: int, within: int
) -> None:
    """Firings lie at least a window apart, and never outnumber events by the threshold."""
    made = automation(reactive("x", threshold=threshold, within=within))
    fired = played(made, *[(at, "x", "r") for at in sorted(times)])

    assert len(fired) * threshold <= len(times)
    assert all(after > before for before, after in pairwise(fired) if within)
