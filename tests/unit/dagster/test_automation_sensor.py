"""Automation condition sensors in a running deployment: when they look, and what they request."""

from __future__ import annotations

from typing import Any

import pytest

from sim.model.facts import Fact
from sim.model.interventions import Pause, Trigger
from sim.orchestrators.dagster.automation_sensor import AutomationSensor
from tests.unit.dagster.builder import FAILS, Flight, at, clock, fly

EAGER = {"automation_condition": {"type": "eager"}}
CRON = {"automation_condition": {"type": "on_cron", "cron_schedule": "0 3 * * *"}}
MISSING = {"automation_condition": {"type": "on_missing"}}
SENSOR = "default_automation_condition_sensor"
ON = {SENSOR: {"default_status": "RUNNING"}}
DAILY = {"days": {"dimension": {"type": "daily", "start_date": "2024-03-01"}}}


def automated(*, sensors: dict[str, Any] | None = None, **rest: Any) -> Flight:
    """A root at three, and a leaf that follows it."""
    rest.setdefault("assets", {"a": CRON, "b": {"deps": ["a"], **EAGER}})
    chosen = ON if sensors is None else sensors
    return fly(jobs={}, schedules={}, automation_condition_sensors=chosen, **rest)


def made(flight: Flight) -> list[str]:
    """What was materialized: `03:02 a`."""
    journal = flight.kernel.journal
    return [
        f"{clock(row.time)[:5]} {journal.name(row.entity)}"
        for row in journal.rows(Fact.ASSET_EVENT)
    ]


def partitions(flight: Flight) -> list[str]:
    """The partitions that were materialized, in order."""
    return [row.detail["partition"] for row in flight.kernel.journal.rows(Fact.ASSET_EVENT)]


def requests(flight: Flight) -> list[int]:
    """How many runs each tick that requested any did request."""
    return [
        row.detail["requested"]
        for row in flight.kernel.journal.rows(Fact.TICK)
        if row.value == 1 and row.detail["kind"] == "SENSOR"
    ]


def test_a_cron_condition_and_what_follows_it_are_one_run() -> None:
    """The tick after three requests the root; its eager child goes into the same run."""
    flight = automated()

    assert ["a", "b"] == [line[6:] for line in made(flight)]
    assert [1] == requests(flight)
    assert "03:01" <= made(flight)[0][:5] <= "03:02"


def test_a_sensor_is_stopped_until_somebody_starts_it() -> None:
    """Conditions alone do nothing; turned on at two, it has missed nothing of three."""
    go = Pause(at=at("02:00:00"), pipeline=SENSOR, paused=False)

    assert [] == made(automated(sensors={}))
    assert ["a", "b"] == [line[6:] for line in made(automated(sensors={}, actions=(go,)))]


def test_an_eager_asset_follows_its_upstream_whoever_made_it() -> None:
    """A person materializes the root at noon: the leaf is requested within half a minute or so."""
    flight = fly(
        assets={"a": {}, "b": {"deps": ["a"], **EAGER}},
        jobs={"roots": {"selection": 'key:"a"'}},
        schedules={},
        automation_condition_sensors=ON,
        actions=(Trigger(at=at("12:00:00"), pipeline="roots"),),
    )

    assert ["a", "b"] == [line[6:] for line in made(flight)]
    assert made(flight)[1][:5] <= "12:04"


def test_nothing_follows_an_upstream_that_failed() -> None:
    """The leaf is in the run of the root, is not executed, and nothing is asked for again."""
    flight = automated(outcomes={("a", 1): FAILS})

    assert [] == made(flight)
    assert [1] == requests(flight)


def test_partitions_follow_their_own_windows() -> None:
    """Two nights, each with the day that has ended, root and leaf in one run."""
    assets = {
        "a": {"partitions_def": "days", **CRON},
        "b": {"partitions_def": "days", "deps": ["a"], **EAGER},
    }
    flight = automated(assets=assets, partitions_defs=DAILY, days=2)

    assert ["2024-03-09", "2024-03-09", "2024-03-10", "2024-03-10"] == partitions(flight)


def test_a_missing_partition_is_requested_once_its_window_is_over() -> None:
    """And not again, whatever else happens."""
    assets = {"a": {"partitions_def": "days", **MISSING}}
    flight = automated(assets=assets, partitions_defs=DAILY, days=3)

    assert ["2024-03-10", "2024-03-11"] == partitions(flight)


@pytest.mark.parametrize("condition", [EAGER, CRON, MISSING])
def test_stepping_every_tick_changes_nothing(
    condition: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is skipped would have found what the tick before it found."""
    section: dict[str, Any] = {
        "assets": {
            "a": {"partitions_def": "days", **CRON},
            "b": {"partitions_def": "days", "deps": ["a"], **condition},
        },
        "partitions_defs": DAILY,
        "days": 2,
        "outcomes": {("b", 1): FAILS},
    }
    skipped = made(automated(**section))
    evaluate = AutomationSensor._evaluate

    def always(sensor: AutomationSensor) -> int:
        busy = evaluate(sensor)
        sensor.loop.wake(sensor._kernel.now + 1)
        return busy

    monkeypatch.setattr(AutomationSensor, "_evaluate", always)

    assert skipped == made(automated(**section))


def test_a_quiet_day_is_not_stepped() -> None:
    """A day has 2,880 ticks; those that can find nothing new cost nothing."""
    assert automated().kernel.events < 200
