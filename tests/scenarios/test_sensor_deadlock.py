"""The night of sensor-deadlock: the circle of waits is named, and what it would take to open it."""

from __future__ import annotations

from sim.kernel.calendar import format_instant, parse_instant
from sim.scenario.load import load_config_file, load_scenario
from sim.session.explain import Explanation


def explained(config: str) -> Explanation:
    """The 7th at four in the morning, under one of the scenario's configs."""
    scenario = load_scenario("sensor-deadlock")
    made = load_config_file(scenario.folder / config, scenario=scenario)
    since = parse_instant("2024-03-07T00:00Z")
    return Explanation(scenario, made, since=since, at=parse_instant("2024-03-07T04:00Z"))


def test_sensors_and_the_ingestion_wait_for_each_other() -> None:
    """With the date alone mended: 16 sensors hold what the ingestion needs, and it is theirs."""
    told = explained("traps/only-the-date.yaml")
    (circle,) = told.circles()
    tasks = told.ledger.story.tasks
    edges = {
        (tasks[edge.waiting].name, str(edge.reason), tasks[edge.holder].name)
        for edge in circle.edges
    }

    assert circle.closed
    assert edges == {("ingesta", "parallelism", "espera"), ("espera", "sensor_poke", "ingesta")}


def test_one_slot_more_would_have_opened_it() -> None:
    """The counterfactual: with room for all the ingestion starts when its retry is due."""
    told = explained("traps/only-the-date.yaml")
    story = told.find("ingesta")
    found = told.what_if(story, told.path(story))

    assert found is not None
    assert (str(found.wait.reason), found.before) == ("parallelism", None)
    assert found.after is not None
    assert format_instant(found.after)[11:16] == "03:05"


def test_nobody_waits_in_a_circle_outside_the_slots() -> None:
    """With sensors that give their slots back the ingestion runs at four."""
    told = explained("solutions/outside-the-slots.yaml")

    assert told.circles() == ()
    assert told.find("ingesta").state.word == "success"
