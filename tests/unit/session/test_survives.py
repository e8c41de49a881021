"""`survives`: a fixed search for a night that does not end, or a date that is lost in silence."""

from __future__ import annotations

from typing import Any

from sim.session.verdict import ObjectiveResult, judge
from tests.unit.session.shop import TABLE, airflow, config, scenario, tasks

PATIENT = {"retries": 2, "retry_delay": "5m"}
DAILY = {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"}
CHAIN = {"copy": PATIENT, "publish": {"upstream": ["copy"], **PATIENT}}

THREE = {**airflow(tasks=CHAIN, schedule=DAILY), "version": 3}


def judged(plans: int = 60, **settings: Any) -> ObjectiveResult:
    """The verdict on the shop under a config."""
    objectives = [{"id": "O1", "survives": {"table": TABLE, "plans": plans}}]
    (result,) = judge(scenario(objectives=objectives), config(**settings)).objectives
    return result


def test_whoever_tries_once_loses_a_date() -> None:
    """One crash, no retry, and the date is gone: said with its rows."""
    result = judged()
    first = result.evidence[0]

    assert not result.met
    assert (first.code, first.params["troubles"], first.params["rows"]) == ("search.broken", 1, 0)


def test_whoever_tries_again_survives() -> None:
    """Every plan ends, and leaves its dates."""
    assert judged(section=THREE).met


def test_a_double_is_no_loss() -> None:
    """What stands twice is another objective's business."""
    assert judged(section=THREE, wiring=tasks(mode="append")).met


def test_without_plans_only_the_window_counts() -> None:
    """A calm window with both of its dates."""
    assert judged(plans=0).met
