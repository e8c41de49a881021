"""Markers of runs that wait for a person."""

from __future__ import annotations

from typing import Any

import msgspec

from sim.engine.replay import replay
from sim.kernel.calendar import parse_instant
from sim.model.interventions import Pause
from sim.views.markers import markers
from sim.views.note import Note
from tests.unit.session.shop import config, scenario, tasks


def waits(call: dict[str, Any], *actions: Any) -> list[Note]:
    """The markers of a night whose flow asks a person after it has read."""
    section = {
        "flows": {"nightly": {"calls": {"copy": {"mode": "direct"}, "ask": call}}},
        "deployments": {"nightly": {"flow": "nightly", "schedules": [{"cron": "0 3 * * *"}]}},
    }
    made = config(orchestrator="prefect", section=section, wiring={"copy": tasks()["copy"]})
    one = replay(scenario(nights=1), msgspec.structs.replace(made, runbook=actions))
    return [
        note
        for note in markers(one, start=one.start, end=one.end)
        if note.code.startswith(("run.", "operator."))
    ]


def test_a_pause_is_marked_with_its_end() -> None:
    """Until when somebody has to resume it."""
    (note,) = waits({"pause_flow_run": {"timeout": 1800}})

    assert "run.paused" == note.code
    assert note.params["until"] == note.at + 1800 * 1_000_000


def test_a_suspension_is_marked_and_so_is_who_ends_it() -> None:
    """Without a timeout it waits for ever."""
    at = parse_instant("2024-03-12T05:00Z")
    resume = Pause(at=at, pipeline="nightly", data_date="2024-03-11", paused=False)
    found = waits({"suspend_flow_run": {}}, resume)

    assert ["run.suspended", "operator.acts"] == [note.code for note in found]
    assert found[0].params["until"] is None
