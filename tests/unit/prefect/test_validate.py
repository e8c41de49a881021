"""What is wrong with a section is told with its place, all of it in one pass."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.orchestrators.prefect.config import PrefectConfig
from sim.orchestrators.prefect.orchestrator import capacity, shape, title
from sim.orchestrators.prefect.validate import validate

GOOD: dict[str, Any] = {
    "flows": {"f": {"calls": {"a": {}, "b": {"params": ["a"]}}}},
    "deployments": {"d": {"flow": "f", "schedules": [{"cron": "0 3 * * *"}]}},
}


def config(**section: Any) -> PrefectConfig:
    """A good section with something else in it."""
    return msgspec.convert({**GOOD, **section}, PrefectConfig)


def found(**section: Any) -> list[tuple[str, str]]:
    """Each problem: its place and its code."""
    problems = validate(config(**section), tasks=("a", "b"), alerts=("page",))
    return [(".".join(str(one) for one in path), code) for path, code, _, _ in problems]


def calls(**each: dict[str, Any]) -> dict[str, Any]:
    """A flow `f` with these calls."""
    return {"f": {"calls": each}}


def deployment(**options: Any) -> dict[str, Any]:
    """A deployment `d` of `f`."""
    return {"d": {"flow": "f", **options}}


def test_a_good_section_has_no_problem() -> None:
    """Nothing is found."""
    assert [] == found()


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({"flows": {}, "deployments": {}}, ("", "E-FLOWS-EMPTY")),
        ({"flows": {"f": {}}}, ("flows.f", "E-FLOW-EMPTY")),
        ({"deployments": {}}, ("flows", "W-DEPLOYMENTS-EMPTY")),
        ({"flows": calls(c={})}, ("flows.f.calls.c", "E-TASK-UNKNOWN")),
        ({"flows": calls(c={"task": "x"})}, ("flows.f.calls.c.task", "E-TASK-UNKNOWN")),
        ({"flows": calls(a={"flow": "g"})}, ("flows.f.calls.a.flow", "E-FLOW-UNKNOWN")),
        (
            {"flows": calls(a={"params": ["b"]}, b={})},
            ("flows.f.calls.a.params.0", "E-CALL-UNKNOWN"),
        ),
        (
            {"flows": calls(a={}, b={"allow_failure": ["a"]})},
            ("flows.f.calls.b.allow_failure.0", "E-ALLOW-FAILURE"),
        ),
        ({"flows": calls(a={"mode": "map"})}, ("flows.f.calls.a", "E-MAP")),
        (
            {"flows": calls(a={"concurrency": {"x": 1}})},
            ("flows.f.calls.a.concurrency.x", "E-LIMIT-UNKNOWN"),
        ),
        ({"flows": calls(a={"flow": "f"})}, ("flows", "E-CIRCLE")),
        (
            {"flows": calls(a={"pause_flow_run": {}, "mode": "direct"})},
            ("flows.f.calls.a.mode", "E-CALL"),
        ),
        (
            {"flows": calls(a={"pause_flow_run": {}, "suspend_flow_run": {}})},
            ("flows.f.calls.a.suspend_flow_run", "E-CALL"),
        ),
        (
            {"flows": calls(a={"pause_flow_run": {"poll_interval": 0}})},
            ("flows.f.calls.a.pause_flow_run.poll_interval", "E-RANGE"),
        ),
        (
            {"flows": calls(a={"pause_flow_run": {}, "wait_for": ["b"]})},
            ("flows.f.calls.a.wait_for.0", "E-CALL-UNKNOWN"),
        ),
        (
            {"flows": calls(p={"pause_flow_run": {}}, a={"params": ["p"]})},
            ("flows.f.calls.a.params.0", "E-CALL-UNKNOWN"),
        ),
        (
            {"flows": calls(a={"suspend_flow_run": {}}), "deployments": {}},
            ("flows.f.calls.a.suspend_flow_run", "W-SUSPEND"),
        ),
        ({"tasks": {"a": {"retries": -1}}}, ("tasks.a.retries", "E-RANGE")),
        (
            {"tasks": {"a": {"cache_policy": "OUTPUTS"}}},
            ("tasks.a.cache_policy", "E-CACHE-POLICY"),
        ),
        (
            {"tasks": {"a": {"cache_policy": "INPUTS", "persist_result": False}}},
            ("tasks.a.cache_policy", "W-CACHE-POLICY"),
        ),
        ({"tasks": {"a": {"on_failure": ["x"]}}}, ("tasks.a.on_failure.0", "E-ALERT-UNKNOWN")),
        (
            {"tasks": {"a": {"retry_delay_seconds": [1] * 51}}},
            ("tasks.a.retry_delay_seconds", "E-RETRY-DELAYS"),
        ),
        ({"deployments": {"d": {"flow": "x"}}}, ("deployments.d.flow", "E-FLOW-UNKNOWN")),
        (
            {"deployments": deployment(schedules=[{}])},
            ("deployments.d.schedules.0", "E-SCHEDULE"),
        ),
        (
            {"deployments": deployment(schedules=[{"cron": "0 25 * * *"}])},
            ("deployments.d.schedules.0.cron", "E-SCHEDULE"),
        ),
        (
            {"deployments": deployment(schedules=[{"rrule": "FREQ=NEVER"}])},
            ("deployments.d.schedules.0.rrule", "E-SCHEDULE"),
        ),
        (
            {"deployments": deployment(schedules=[{"cron": "@daily", "timezone": "Mars"}])},
            ("deployments.d.schedules.0.timezone", "E-TIMEZONE"),
        ),
        (
            {"deployments": deployment(work_pool="p")},
            ("deployments.d.work_pool", "E-WORK-POOL-UNKNOWN"),
        ),
        (
            {"work_pools": {"p": {}}, "deployments": deployment(work_pool="p")},
            ("deployments.d.work_pool", "W-NO-WORKER"),
        ),
        ({"workers": {"w": {"pool": "p"}}}, ("workers.w.pool", "E-WORK-POOL-UNKNOWN")),
        ({"tag_concurrency_limits": {"db": 0}}, ("tag_concurrency_limits.db", "E-RANGE")),
        (
            {
                "automations": {
                    "x": {
                        "trigger": {"type": "event", "posture": "Reactive"},
                        "actions": [{"type": "change-flow-run-state", "state": "RUNNING"}],
                    }
                }
            },
            ("automations.x.actions.0.state", "E-ACTION"),
        ),
    ],
)
def test_each_mistake_has_its_place(section: dict[str, Any], problem: tuple[str, str]) -> None:
    """Path and code."""
    assert problem in found(**section)


def test_the_shape_is_the_calls_with_what_they_take() -> None:
    """Edges by params and wait_for."""
    drawn = shape(config(), tasks=("a", "b"))

    assert {"f": {"tasks": ["a", "b"], "edges": [["a", "b"]]}} == drawn
    assert "Prefect 3.8.8" == title(config())


def test_what_stands_ready_are_server_and_workers() -> None:
    """A worker without a limit counts as one slot."""
    section = {"work_pools": {"p": {}}, "workers": {"w": {"pool": "p", "limit": 4}}}

    assert (1, 4, ("w",)) == (
        (ready := capacity(config(**section))).schedulers,
        ready.worker_slots,
        ready.workers,
    )
