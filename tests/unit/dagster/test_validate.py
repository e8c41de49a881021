"""What is wrong with a `dagster:` section, each problem with its place."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.orchestrators.dagster.config import DagsterConfig
from sim.orchestrators.dagster.validate import validate

GOOD: dict[str, Any] = {
    "assets": {"a": {}, "b": {"deps": ["a"]}},
    "jobs": {"j": {"selection": "*"}},
}


def problems(**section: Any) -> list[tuple[str, str]]:
    """The code and the place of each problem."""
    config = msgspec.convert({**GOOD, **section}, DagsterConfig)
    found = validate(config, tasks={"a", "b"}, alerts={"page"}, systems={"erp"})
    return [(code, ".".join(map(str, path))) for path, code, _, _ in found]


def test_a_good_section_has_no_problem() -> None:
    """Nor one that only uses what is there."""
    assert [] == problems()


@pytest.mark.parametrize(
    ("section", "code", "place"),
    [
        ({"assets": {}, "jobs": {}}, "E-DEFINITIONS-EMPTY", ""),
        ({"assets": {"a": {"compute": "x"}}}, "E-TASK-UNKNOWN", "assets.a.compute"),
        ({"assets": {"x": {}}}, "E-TASK-UNKNOWN", "assets.x"),
        ({"assets": {"a": {"deps": ["x"]}}}, "E-ASSET-UNKNOWN", "assets.a.deps.0"),
        ({"assets": {"a": {"ins": ["b"]}, "b": {"deps": ["a"]}}}, "E-CIRCLE", "assets"),
        (
            {"assets": {"a": {"checks": {"b": {"compute": "a"}}}, "a_b": {"compute": "a"}}},
            "E-STEP-TWICE",
            "assets.a.checks.b",
        ),
        (
            {"assets": {"a": {"retry_policy": {"backoff": "LINEAR"}}}},
            "E-RETRY-POLICY",
            "assets.a.retry_policy.backoff",
        ),
        (
            {"assets": {"a": {"op_tags": {"dagster/priority": "high"}}}},
            "E-PRIORITY",
            "assets.a.op_tags.dagster/priority",
        ),
        ({"jobs": {"j": {}}}, "E-JOB", "jobs.j"),
        ({"jobs": {"j": {"selection": "x"}}}, "E-SELECTION", "jobs.j.selection"),
        ({"jobs": {"j": {"selection": "group:x"}}}, "E-SELECTION", "jobs.j.selection"),
        ({"jobs": {"j": {"ops": {"a": {"ins": ["b"]}}}}}, "E-OP-UNKNOWN", "jobs.j.ops.a.ins.0"),
        ({"jobs": {"j": {"ops": {"a": {"ins": ["a"]}}}}}, "E-CIRCLE", "jobs.j.ops.a.ins"),
        (
            {"jobs": {"j": {"selection": "*", "hooks": {"failure": ["x"]}}}},
            "E-ALERT-UNKNOWN",
            "jobs.j.hooks.failure.0",
        ),
        ({"executor": {}}, "E-EXECUTOR", "executor"),
        (
            {"executor": {"multiprocess": {"max_concurrent": -1}}},
            "E-RANGE",
            "executor.multiprocess.max_concurrent",
        ),
        (
            {"schedules": {"s": {"job": "x", "cron_schedule": "0 3 * * *"}}},
            "E-JOB-UNKNOWN",
            "schedules.s.job",
        ),
        (
            {"schedules": {"s": {"job": "j", "cron_schedule": "0 3"}}},
            "E-CRON",
            "schedules.s.cron_schedule",
        ),
        (
            {"schedules": {"s": {"job": "j", "cron_schedule": ["0 0 30 2 *"]}}},
            "W-CRON-NEVER",
            "schedules.s.cron_schedule.0",
        ),
        (
            {"schedules": {"s": {"job": "j", "cron_schedule": "@daily"}}},
            "W-STOPPED",
            "schedules.s",
        ),
        (
            {
                "schedules": {
                    "s": {"job": "j", "cron_schedule": "@daily", "execution_timezone": "Mars"}
                }
            },
            "E-TIMEZONE",
            "schedules.s.execution_timezone",
        ),
        ({"sensors": {"s": {"job": "j"}}}, "E-SENSOR", "sensors.s"),
        ({"sensors": {"s": {"system": "erp"}}}, "E-SENSOR", "sensors.s"),
        (
            {"sensors": {"s": {"job": "j", "system": "x"}}},
            "E-SYSTEM-UNKNOWN",
            "sensors.s.system",
        ),
        (
            {"sensors": {"s": {"job": "j", "asset_key": "x"}}},
            "E-ASSET-UNKNOWN",
            "sensors.s.asset_key",
        ),
        (
            {"sensors": {"s": {"run_status": "FAILURE", "alert": "x"}}},
            "E-ALERT-UNKNOWN",
            "sensors.s.alert",
        ),
        (
            {"sensors": {"s": {"job": "j", "system": "erp", "alert": "page"}}},
            "E-SENSOR",
            "sensors.s.alert",
        ),
        (
            {"sensors": {"s": {"job": "j", "system": "erp", "max_lag": "soon"}}},
            "E-SPAN",
            "sensors.s.max_lag",
        ),
        (
            {"instance": {"concurrency": {"pools": {"limits": {"db": -1}}}}},
            "E-RANGE",
            "instance.concurrency.pools.limits.db",
        ),
        ({"instance": {"cpu_count": 0}}, "E-RANGE", "instance.cpu_count"),
    ],
)
def test_a_problem_and_its_place(section: dict[str, Any], code: str, place: str) -> None:
    """Each by its own code."""
    assert (code, place) in problems(**section)
