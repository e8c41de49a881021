"""Objectives about task instances and time: over by a time of day, and their waits for a slot."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.engine.orchestrators import capacity
from sim.faults.plan import AttemptCrash
from sim.kernel.calendar import MINUTE
from sim.objectives.config import Objective
from sim.objectives.evaluate import evaluate
from sim.objectives.finding import Finding
from sim.objectives.tasks_on_time import percentile, slot_waits
from sim.views.nights import nights_of
from sim.views.replay import Replay
from tests.unit.session.shop import airflow, config, played, scenario, tasks


def asked(kind: str, replay: Replay, **expectation: Any) -> Finding:
    """One objective, judged on one replay."""
    objective = msgspec.convert({"id": "O", kind: expectation}, Objective)
    return evaluate(objective, replay, nights_of(replay))


def crowded(slots: int) -> Replay:
    """Two nights with two tasks that could run at once, ten minutes each, in a pool."""
    section = airflow(tasks={"copy": {}, "idle": {}})
    section["pools"] = {"default_pool": {"slots": slots}}
    wiring = {**tasks(), "idle": {"work": "copy"}}
    return played(shop=scenario(nights=2), section=section, wiring=wiring)


@pytest.mark.parametrize(("at", "codes"), [("03:10", ["held"]), ("03:09", ["ended.late"] * 2)])
def test_ended_by(at: str, codes: list[str]) -> None:
    """Ten minutes from 03:00; the deadline itself is in time."""
    found = asked("ended_by", crowded(2), tasks=["copy", "idle"], at=at)

    assert [one.code for one in found.evidence] == codes


def test_the_last_of_a_night_is_named_and_some_nights_may_be_late() -> None:
    """In a pool of one the second task ends at 03:20; both nights."""
    found = asked("ended_by", crowded(1), tasks=["copy", "idle"], at="03:15")
    lenient = asked("ended_by", crowded(1), tasks=["copy", "idle"], at="03:15", misses_max=2)

    assert {one.params["count"] for one in found.evidence} == {1}
    assert [one.params["late_us"] // MINUTE for one in found.evidence] == [5, 5]
    assert lenient.met


def test_what_fails_or_is_never_due_has_not_ended() -> None:
    """A failed task is late for ever, and so is one that no run has."""
    crash = AttemptCrash(task="copy", data_date="2024-03-11", before_statement=1)
    chain = airflow(tasks={"copy": {"retries": 0}})
    failed = played(shop=scenario(nights=1), section=chain, faults=(crash,))
    codes = [
        asked("ended_by", failed, tasks=[task], at="23:00").evidence[0].code
        for task in ("copy", "publish")
    ]

    assert codes == ["ended.never", "ended.none"]


@pytest.mark.parametrize(("slots", "minutes", "met"), [(2, 0, True), (1, 9, False), (1, 11, True)])
def test_slot_wait(slots: int, minutes: float, met: bool) -> None:  # noqa: FBT001 - a parameter
    """One slot makes one of two wait ten minutes, scheduled; two slots make none wait."""
    found = asked("slot_wait", crowded(slots), tasks=["copy", "idle"], minutes=minutes)

    assert found.met is met
    assert {one.code for one in found.evidence} == {"held" if met else "wait.long"}


def test_half_of_the_waits_may_be_longer() -> None:
    """The median of nothing and ten minutes, by nearest rank, is nothing."""
    found = asked("slot_wait", crowded(1), tasks=["copy", "idle"], minutes=0, percentile=50)

    assert found.met


def test_what_never_runs_has_waited_until_the_end() -> None:
    """A pool without slots: 21 hours from 03:00 to the end of the night's day."""
    section = airflow(tasks={"copy": {"pool": "shut"}})
    section["pools"] = {"shut": {"slots": 0}}
    replay = played(shop=scenario(nights=1), section=section)
    waits = [span // MINUTE for span, _ in slot_waits(replay, frozenset({"copy"}))]

    assert waits == [21 * 60]


def test_percentile_by_nearest_rank() -> None:
    """Of ten waits the 95th percentile is the longest, the 90th the one before; of none it is 0."""
    waits = list(range(10, 0, -1))

    assert [percentile(waits, per) for per in (95, 90, 50, 100)] == [10, 9, 5, 10]
    assert percentile([], 95) == 0


def test_slots_that_stand_ready_are_paid_for() -> None:
    """Local executors and Celery workers by what they run at a time, clusters at their largest."""
    made = [
        capacity(config(section={**airflow(), **extra})).worker_slots
        for extra in (
            {},
            {"schedulers": 2, "cfg": {"core": {"parallelism": 10}}},
            {"cfg": {"core": {"executor": "SequentialExecutor"}}},
            {"cfg": {"core": {"executor": "CeleryExecutor"}}},
            {
                "cfg": {
                    "core": {"executor": "CeleryExecutor"},
                    "celery": {"worker_concurrency": 8},
                },
                "celery_workers": {"a": {}, "b": {"concurrency": 3}},
            },
            {
                "cfg": {"core": {"executor": "KubernetesExecutor"}},
                "cluster": {"nodes_min": 2, "nodes_max": 4, "pods_per_node": 5},
            },
        )
    ]

    assert made == [32, 20, 1, 16, 11, 20]


@pytest.mark.parametrize(
    ("minutes", "after", "codes"),
    [(11, None, ["held"]), (9, None, ["start.late"] * 2), (9, "04:00", ["held"])],
)
def test_starts_within(minutes: float, after: str | None, codes: list[str]) -> None:
    """In a pool of one the second task begins ten minutes after its run was due, each night."""
    found = asked("starts_within", crowded(1), tasks=["copy", "idle"], minutes=minutes, after=after)

    assert [one.code for one in found.evidence] == codes
