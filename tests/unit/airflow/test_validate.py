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


def wait(**settings: Any) -> dict[str, Any]:
    """A sensor."""
    return {"type": "sensor", "sensor": settings}


def late(**settings: Any) -> dict[str, Any]:
    """A deadline an hour after the queueing, but for what is given."""
    return {"reference": "DAGRUN_QUEUED_AT", "interval": "1h", **settings}


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"dag_files": {"f": {"dags": ["x"]}}}, ("E-DAG-UNKNOWN", "dag_files.f.dags.0")),
        (
            {"dag_files": {"f": {"dags": ["d"]}, "g": {"dags": ["d"]}}},
            ("E-DAG-TWICE", "dag_files.g.dags.0"),
        ),
        ({"dag_files": {"f": {"dags": [], "parse": "x"}}}, ("E-SPAN", "dag_files.f.parse")),
        (
            {"deploys": [{"at": "2024-03-10", "path": "f", "change": "broken"}]},
            ("E-FILE-UNKNOWN", "deploys.0.path"),
        ),
        (
            {
                "dag_files": {"f": {"dags": ["d"]}},
                "deploys": [{"at": "noon", "path": "f", "change": "broken"}],
            },
            ("E-DATE", "deploys.0.at"),
        ),
        (
            {
                "dag_files": {"f": {"dags": ["d"], "imports": ["m"]}},
                "deploys": [{"at": "2024-03-10", "path": "m", "change": "added"}],
            },
            ("E-DEPLOY", "deploys.0.change"),
        ),
        (
            {"cfg": {"scheduler": {"parsing_processes": 0}}},
            ("E-RANGE", "cfg.scheduler.parsing_processes"),
        ),
    ],
)
def test_problems_of_files(section: dict[str, Any], expected: tuple[str, str]) -> None:
    """DAG files name DAGs, deploys name files."""
    assert problems(**section) == [expected]


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
        (
            dag({"a": {}, "b": {"expand": {"x": "c"}}}),
            {},
            ("E-TASK-UNKNOWN", "dags.d.tasks.b.expand.x"),
        ),
        (dag({"a": {"expand": {"x": -1}}}), {}, ("E-RANGE", "dags.d.tasks.a.expand.x")),
        (
            dag({"a": {"expand": {"x": 2}, "expand_kwargs": 2}}),
            {},
            ("E-EXPAND", "dags.d.tasks.a.expand_kwargs"),
        ),
        (
            dag({"a": {"expand": {"x": "b"}}, "b": {"expand": {"x": "a"}}}),
            {},
            ("E-CYCLE", "dags.d.tasks.a.upstream"),
        ),
        (
            dag({"a": {"teardown": True, "setups": ["z"]}}),
            {},
            ("E-TASK-UNKNOWN", "dags.d.tasks.a.setups.0"),
        ),
        (
            dag({"a": {"teardown": True, "trigger_rule": "all_done"}}),
            {},
            ("E-SETUP", "dags.d.tasks.a.trigger_rule"),
        ),
        (
            dag({"a": {"setup": True, "teardown": True}}),
            {},
            ("E-SETUP", "dags.d.tasks.a.teardown"),
        ),
        (
            dag({"a": {"on_failure_fail_dagrun": True}}),
            {},
            ("E-SETUP", "dags.d.tasks.a.on_failure_fail_dagrun"),
        ),
        (
            dag({"a": {}, "b": {"upstream": ["a"], "trigger_rule": "all_done"}}, fail_fast=True),
            {},
            ("E-FAIL-FAST", "dags.d.tasks.b.trigger_rule"),
        ),
        (dag(fail_stop=True), {}, ("E-FAIL-FAST", "dags.d.fail_stop")),
        (
            dag(),
            {"cfg": {"core": {"max_map_length": 0}}},
            ("E-RANGE", "cfg.core.max_map_length"),
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
        (dag(schedule=["or"]), {}, ("E-SCHEDULE", "dags.d.schedule")),
        (dag(deadline=[late()]), {"version": 2}, ("E-DEADLINE", "dags.d.deadline")),
        (dag(deadline=[late(interval="x")]), {}, ("E-SPAN", "dags.d.deadline.0.interval")),
        (dag(deadline=[late(callback="x")]), {}, ("E-ALERT-UNKNOWN", "dags.d.deadline.0.callback")),
        (
            dag(deadline=[late(reference="FIXED_DATETIME")]),
            {},
            ("E-DEADLINE", "dags.d.deadline.0.reference"),
        ),
        (
            dag(deadline=[late(datetime="2024-03-14")]),
            {},
            ("E-DEADLINE", "dags.d.deadline.0.datetime"),
        ),
        (
            dag(deadline=[late(reference="FIXED_DATETIME", datetime="noon")]),
            {},
            ("E-DATE", "dags.d.deadline.0.datetime"),
        ),
        (dag(deadline=[late(min_runs=11)]), {}, ("E-RANGE", "dags.d.deadline.0.max_runs")),
        (dag({"a": {"sla": "x"}}), {}, ("E-SPAN", "dags.d.tasks.a.sla")),
        (dag({"a": wait()}), {}, ("E-SENSOR", "dags.d.tasks.a.sensor")),
        (
            dag({"a": wait(external_dag_id="d", external_task_id="b", external_task_ids=["b"])}),
            {},
            ("E-SENSOR", "dags.d.tasks.a.sensor.external_task_ids"),
        ),
        (
            dag({"a": wait(external_dag_id="d", allowed_states=["skipped"])}),
            {},
            ("E-STATE", "dags.d.tasks.a.sensor.allowed_states.0"),
        ),
        (
            dag({"a": wait(external_dag_id="d", failed_states=["success"])}),
            {},
            ("E-STATE", "dags.d.tasks.a.sensor.failed_states.0"),
        ),
        (dag(sla_miss_callback="x"), {}, ("E-ALERT-UNKNOWN", "dags.d.sla_miss_callback")),
        (dag(schedule=["a", 3]), {}, ("E-SCHEDULE", "dags.d.schedule")),
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
