"""How often the world outside was called for each data date, as it was and under trouble."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.engine.replay import replay
from sim.faults.plan import AttemptCrash
from sim.objectives.config import Objective
from sim.objectives.evaluate import evaluate
from sim.objectives.finding import Finding
from sim.views.nights import nights_of
from sim.views.replay import Replay
from tests.unit.session.shop import airflow, config, scenario, tasks

MAIL = {"mail": {"takes": "10s"}}
AFTER_THE_CALL = AttemptCrash(task="publish", data_date="2024-03-11", before_statement=3)


def night(effect: dict[str, Any] | None, *, crash: bool = False, schedules: int = 0) -> Replay:
    """Two nights of the shop; its last task sends a mail and is tried twice."""
    wiring = tasks()
    if effect is not None:
        wiring["publish"]["effect"] = {"service": "mail", **effect}
    section = airflow(
        tasks={"copy": {}, "publish": {"upstream": ["copy"], "retries": 1, "retry_delay": "5m"}}
    )
    shop = scenario(services=MAIL)
    faults = [AFTER_THE_CALL] if crash else []
    given = config(section=section, wiring=wiring)
    return replay(shop, given, faults=faults, schedules=schedules)


def asked(one: Replay, **expectation: Any) -> Finding:
    """The objective, judged on one replay."""
    given = {"id": "O", "external_calls": {"service": "mail", **expectation}}
    return evaluate(msgspec.convert(given, Objective), one, nights_of(one))


@pytest.mark.parametrize(
    ("effect", "crash", "codes"),
    [
        ({}, False, ["held"]),
        ({}, True, ["calls.many"]),
        ({"receipt": "before"}, True, ["calls.few"]),
        (None, False, ["calls.few", "calls.few"]),
    ],
)
def test_exactly_once(effect: dict[str, Any] | None, crash: bool, codes: list[str]) -> None:  # noqa: FBT001 - a parameter
    """A call too many and a call too few are told apart, for each date."""
    found = asked(night(effect, crash=crash), at_least=1, at_most=1)

    assert [one.code for one in found.evidence] == codes


def test_too_many_may_be_excepted_in_some_replays() -> None:
    """One replay of those that went wrong less than there were, and it is not met."""
    one = night({}, schedules=12)
    wrong = {
        each.params.get("schedule")
        for each in asked(one, at_least=0, at_most=1, schedules=12).evidence
    }
    met = [
        asked(one, at_least=0, at_most=1, schedules=12, except_max=len(wrong) - short).met
        for short in (0, 1)
    ]

    assert wrong - {None}
    assert met == [True, False]
