"""Whole workloads: every run and task instance as the real schedulers left them."""

from __future__ import annotations

from typing import Any

import pytest

from sim.conform.trace import differences
from sim.conform.workload import replay
from tests.conformance.airflow.recorded import recorded

LEVELS = {
    2: (1, 2, 3, 4, 5, 6, 8, 14, 15, 16, 17, 19, 20, 21),
    3: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21),
}
"""The levels whose every trace must agree, by version."""


def held() -> list[Any]:
    """The recorded traces of the levels held, one parameter each."""
    return [
        pytest.param(version, case, id=f"{version}-{case['workload']['id']}")
        for version, levels in LEVELS.items()
        for case in recorded("scheduler", version)
        if case["workload"]["level"] in levels
    ]


@pytest.mark.parametrize(("version", "case"), held())
def test_trace(version: int, case: dict[str, Any]) -> None:
    """Our decisions for the workload are the recorded ones, to the second."""
    assert differences(case["trace"], replay(case["workload"], version)) == []


def test_a_changed_trace_is_noticed() -> None:
    """The comparison can fail: one second later is a difference."""
    case = next(case for case in recorded("scheduler", 3) if case["workload"]["id"] == "L01-00")
    trace = replay(case["workload"], 3)
    trace["task_instances"][0]["end"] += 1

    assert len(differences(case["trace"], trace)) == 1


@pytest.mark.parametrize(("version", "case"), held())
def test_quiet_loops_decide_nothing(version: int, case: dict[str, Any]) -> None:
    """Stepping every single loop gives the journal that skipping the quiet ones gives."""
    workload = case["workload"]

    assert replay(workload, version) == replay(workload, version, every_loop=True)
