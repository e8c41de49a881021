"""Each mistake in an `airflow:` section is found, at its place."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.validate import validate
from tests.unit.airflow.builder import dag


def problems(given: dict[str, Any] | None = None, **section: Any) -> list[tuple[str, str]]:
    """(code, path) of every problem of a section with one DAG."""
    config = {"dags": {"d": dag() if given is None else given}, **section}
    found = validate(
        msgspec.convert(config, AirflowConfig),
        tasks={"a", "b"},
        alerts={"page"},
        systems={"pg"},
    )
    return [(problem.code, ".".join(map(str, problem.path))) for problem in found]


def test_a_right_section_has_no_problem() -> None:
    """Nothing is reported about what is right."""
    assert problems() == []


@pytest.mark.parametrize(
    ("given", "section", "expected"),
    [
        (
            dag({"a": {"upstream": ["z"]}}),
            {},
            ("E-TASK-UNKNOWN", "dags.d.tasks.a.upstream.0"),
        ),
        (dag({"z": {}}), {}, ("E-TASK-UNKNOWN", "dags.d.tasks.z")),
        (
            dag({"a": {"upstream": ["b"]}, "b": {"upstream": ["a"]}}),
            {},
            ("E-CYCLE", "dags.d.tasks.a.upstream"),
        ),
        (dag({"a": {"pool": "p"}}), {}, ("E-POOL-UNKNOWN", "dags.d.tasks.a.pool")),
        (
            dag({"a": {"pool": "p", "pool_slots": 3}}),
            {"pools": {"p": {"slots": 2}}},
            ("E-POOL-SLOTS", "dags.d.tasks.a.pool_slots"),
        ),
        (dag(), {"schedulers": 0}, ("E-RANGE", "schedulers")),
        (
            dag(),
            {"cfg": {"scheduler": {"num_stuck_in_queued_retries": -1}}},
            ("E-RANGE", "cfg.scheduler.num_stuck_in_queued_retries"),
        ),
        (
            dag(),
            {"cfg": {"workers": {"min_heartbeat_interval": "often"}}},
            ("E-SPAN", "cfg.workers.min_heartbeat_interval"),
        ),
        (
            dag({"a": {"trigger_rule": "dummy"}}),
            {"version": 3},
            ("E-TRIGGER-RULE", "dags.d.tasks.a.trigger_rule"),
        ),
        (
            dag({"a": {"trigger_rule": "all_done_min_one_success"}}),
            {"version": 2},
            ("E-TRIGGER-RULE", "dags.d.tasks.a.trigger_rule"),
        ),
        (dag(schedule="0 25 * * *"), {}, ("E-SCHEDULE", "dags.d.schedule")),
        (dag(timezone="Europe/Nowhere"), {}, ("E-TIMEZONE", "dags.d.timezone")),
        (dag(start_date="soon"), {}, ("E-DATE", "dags.d.start_date")),
        (dag(dagrun_timeout="soon"), {}, ("E-SPAN", "dags.d.dagrun_timeout")),
        (dag({"a": {"retries": -1}}), {}, ("E-RANGE", "dags.d.tasks.a.retries")),
        (dag({"a": {"type": "sensor"}}), {}, ("E-SENSOR", "dags.d.tasks.a")),
        (
            dag({"s": {"type": "sensor", "sensor": {"system": "x"}}}),
            {},
            ("E-SYSTEM-UNKNOWN", "dags.d.tasks.s.sensor.system"),
        ),
        (
            dag({"a": {"on_failure_callback": "pgae"}}),
            {},
            ("E-ALERT-UNKNOWN", "dags.d.tasks.a.on_failure_callback"),
        ),
        (dag({}), {}, ("E-DAG-EMPTY", "dags.d.tasks")),
        (dag(schedule="@continuous"), {}, ("E-SCHEDULE", "dags.d.schedule")),
    ],
)
def test_a_mistake_is_found(
    given: dict[str, Any], section: dict[str, Any], expected: tuple[str, str]
) -> None:
    """One mistake, one problem, with its code and its place."""
    assert problems(given, **section) == [expected]


def test_a_cycle_is_named_edge_by_edge() -> None:
    """The message shows the way round, first task repeated."""
    given = dag({"a": {"upstream": ["b"]}, "b": {"upstream": ["a"]}})
    config = msgspec.convert({"dags": {"d": given}}, AirflowConfig)
    found = list(validate(config, tasks={"a", "b"}))

    assert [problem.message for problem in found] == ["the tasks wait for one another: a -> b -> a"]
