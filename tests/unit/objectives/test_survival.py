"""Objectives about what survives: tasks, tries, versions, and the truth under generated trouble."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.engine.replay import asked_of_replays, replay
from sim.engine.window import span_of
from sim.faults.plan import AttemptCrash, Fault, NetworkSplit, WorkerLost
from sim.kernel.calendar import HOUR
from sim.objectives.config import Objective
from sim.objectives.evaluate import evaluate
from sim.objectives.finding import Finding
from sim.views.nights import nights_of
from sim.views.replay import Replay
from tests.unit.session.shop import TABLE, airflow, config, played, scenario, tasks

DAY = "2024-03-11"
LOST = WorkerLost(task="publish", data_date=DAY, after=60)
SPLIT = NetworkSplit(task="copy", data_date=DAY, after=60)


def asked(kind: str, replay: Replay, **expectation: Any) -> Finding:
    """One objective, judged on one replay."""
    objective = msgspec.convert({"id": "O", kind: expectation}, Objective)
    return evaluate(objective, replay, nights_of(replay))


def night(*faults: Fault, retries: int = 1, mode: str = "replace_partition") -> Replay:
    """A night of the shop under some faults."""
    chain = {"copy": {"retries": retries}, "publish": {"retries": retries, "upstream": ["copy"]}}
    section = {**airflow(tasks=chain), "cfg": {"core": {"default_task_retry_delay": 10}}}
    shop = scenario(nights=1)
    return played(faults=faults, shop=shop, section=section, wiring=tasks(mode=mode))


@pytest.mark.parametrize(
    ("retries", "lost"), [(1, []), (0, [("copy", "failed"), ("publish", "upstream_failed")])]
)
def test_lost_tasks(retries: int, lost: list[tuple[str, str]]) -> None:
    """A task whose last try failed is lost, and what could not run for it."""
    found = asked("lost_tasks", night(SPLIT, retries=retries), max=0)
    told = [(one.params["task"], one.params["state"]) for one in found.evidence if not found.met]

    assert told == lost


def test_a_few_lost_tasks_may_be_allowed() -> None:
    """`max` counts task instances."""
    replay = night(SPLIT, retries=0)

    assert [asked("lost_tasks", replay, max=most).met for most in (1, 2)] == [False, True]


def test_retried_within() -> None:
    """Found after 300 s, up for retry 10 s: within six minutes, not within five."""
    replay = night(LOST)

    assert [asked("retried_within", replay, minutes=most).met for most in (6, 5)] == [True, False]


def test_a_death_that_nobody_repairs_is_never_retried() -> None:
    """Without a retry no try follows."""
    found = asked("retried_within", night(LOST, retries=0), minutes=60)

    assert [one.code for one in found.evidence] == ["retry.never"]


def test_a_cut_network_is_no_death() -> None:
    """Nobody asks for a second try of what may still be running."""
    found = asked("retried_within", night(SPLIT, retries=0), minutes=1)

    assert (found.met, found.evidence[0].params["checked"]) == (True, 0)


@pytest.mark.parametrize(
    ("mode", "codes"),
    [
        ("replace_partition", []),
        ("append", ["version.differs"]),
        ("delete_insert", ["version.gone"]),
    ],
)
def test_always_equals_truth(mode: str, codes: list[str]) -> None:
    """A second write after the first: the same rows, twice the rows, or none for a while."""
    statements = 2 if mode == "delete_insert" else 1
    crash = AttemptCrash(task="publish", data_date=DAY, before_statement=statements + 1)
    found = asked("always_equals_truth", night(crash, mode=mode), table=TABLE)

    assert [one.code for one in found.evidence if not found.met] == codes


def test_cost_counts_slots_and_schedulers() -> None:
    """Twelve minutes of slots, and a scheduler for the day at its price."""
    shop = scenario(nights=1)
    prices = msgspec.structs.replace(shop.world.prices, scheduler_hour=0.5)
    shop = msgspec.structs.replace(
        shop, world=msgspec.structs.replace(shop.world, prices=prices), digest="dear"
    )
    replayed = replay(shop, config())

    assert replayed.schedulers == 1
    assert [asked("cost", replayed, max=most).met for most in (12.1, 12.2)] == [False, True]


@pytest.mark.parametrize(("mode", "met"), [("replace_partition", True), ("append", False)])
def test_idempotent(mode: str, met: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Under generated trouble a replaced partition is right in the end, an appended one is not."""
    objectives = [{"id": "O1", "idempotent": {"table": TABLE, "schedules": 6}}]
    shop = scenario(nights=3, objectives=objectives)
    chain = {"copy": {"retries": 2}, "publish": {"retries": 2, "upstream": ["copy"]}}
    found_by = config(section=airflow(tasks=chain), wiring=tasks(mode=mode))
    one = replay(shop, found_by, **asked_of_replays(shop))
    found = evaluate(shop.objectives[0], one, nights_of(one))

    assert [rehearsal.schedule for rehearsal in one.rehearsals] == [1, 2, 3, 4, 5, 6]
    assert found.met is met
    assert {one.code for one in found.evidence} <= {"held", "ordeal.fault", "ordeal.rerun"}


def test_a_night_of_a_window_is_a_window_of_its_own() -> None:
    """By its ISO date, for a look at that night alone."""
    span = span_of(scenario(nights=3), "2024-03-13")

    assert [night.isoformat() for night in span.nights] == ["2024-03-13"]
    assert span.end - span.start == 24 * HOUR


def test_a_slot_held_at_the_end_is_paid_once() -> None:
    """A try that never ends holds its slot until the window is over, and no longer."""
    faults = (WorkerLost(task="copy", data_date=DAY, after=0),)
    section = {
        **airflow(tasks={"copy": {}}),
        "cfg": {"scheduler": {"scheduler_zombie_task_threshold": "2d"}},
    }
    replay = played(faults=faults, shop=scenario(nights=1), section=section)

    assert nights_of(replay).busy_us == 21 * HOUR
