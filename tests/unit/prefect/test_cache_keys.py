"""`cache_key_fn`: a template that gives the key of a result."""

from __future__ import annotations

from typing import Any

import pytest

from sim.model.interventions import Rerun, Trigger
from tests.unit.prefect.builder import Flight, at, flow, fly

DATE = "2024-03-09"


def night(text: str, *actions: Any, task: dict[str, Any] | None = None, **section: Any) -> Flight:
    """One call of `a` that takes the date, under a key."""
    call = {"mode": "direct", "parameters": ["fecha"]}
    section.setdefault("flows", {"f": flow({"a": call})})
    tasks = {"a": {"cache_key_fn": text} | (task or {}), "b": {"cache_key_fn": text}}
    return fly(tasks=tasks, actions=tuple(actions), **section)


def begun(flight: Flight) -> list[str]:
    """The dates for which a body ran."""
    return [day for _, _, day in flight.work.begun]


def rerun(day: str, clock: str) -> Rerun:
    """A date is run again."""
    return Rerun(at=at(clock), data_date=day)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("always the same", [DATE]),
        ("{{ fecha }}", [DATE, "2024-03-01"]),
        ("{{ arguments.fecha }}", [DATE, "2024-03-01"]),
        ("{{ flow_name }} {{ task_name }}", [DATE]),
        ("{{ flow_run_name }}", [DATE, DATE, "2024-03-01"]),
        ("{{ fecha[:7] }}", [DATE]),
        ("{% if fecha < '2024-03-05' %}{{ fecha }}{% endif %}", [DATE, DATE, "2024-03-01"]),
        ("{{ parameters.region }}", [DATE, DATE, "2024-03-01"]),
    ],
)
def test_a_key_is_what_the_text_says(text: str, days: list[str]) -> None:
    """Equal texts are one record; an empty one, and one that cannot be made, are no key."""
    flight = night(text, rerun(DATE, "04:00:00"), rerun("2024-03-01", "05:00:00"))

    assert days == begun(flight)


def test_two_tasks_with_one_key_share_a_record() -> None:
    """The task is no part of it."""
    calls = {name: {"mode": "direct"} for name in ("a", "b")}
    flight = night("{{ fecha }}", flows={"f": flow(calls)})

    assert ["a"] == [task for task, _, _ in flight.work.begun]
    assert any("Cached" in line for line in flight.tasks("b"))


def test_a_flow_can_be_given_what_its_keys_ask_for() -> None:
    """A parameter of the run, by its name; a run without it has no key."""
    regions = ("north", "south", "north")
    triggers = [
        Trigger(at=at(f"0{4 + number}:00:00"), pipeline="f", conf={"region": region})
        for number, region in enumerate(regions)
    ]

    assert 3 == len(begun(night("{{ parameters.region }}", *triggers)))


def test_an_element_of_a_mapped_call_has_its_number() -> None:
    """Three elements, two keys."""
    calls = {"a": {"mode": "map", "map_over": 3}}
    runner = {"max_workers": 1}
    flight = night("{{ map_index % 2 }}", flows={"f": flow(calls, task_runner=runner)})

    assert 2 == len(begun(flight))


@pytest.mark.parametrize("task", [{"persist_result": False}, {"refresh_cache": True}])
def test_a_key_alone_is_not_enough(task: dict[str, Any]) -> None:
    """Without persistence nothing is kept, and what is refreshed is not looked for."""
    flight = night("k", rerun(DATE, "04:00:00"), task=task)

    assert [DATE, DATE] == begun(flight)
