"""Small recordings for tests: an envelope with defaults, and one workload with its trace."""

from __future__ import annotations

import json
from typing import Any


def bytes_of(
    *cases: Any,
    system: str = "airflow",
    kind: str = "scheduler",
    version: str = "3.3.2",
    **more: Any,
) -> bytes:
    """A recording as a file holds it."""
    document = {"format": 1, "system": system, "kind": kind, "version": version, **more}
    return json.dumps({**document, "cases": list(cases)}).encode()


def workload(**changes: Any) -> dict[str, Any]:
    """One DAG with one task of 60 seconds that runs once, at the epoch."""
    task = {
        "task_id": "load",
        "upstream": [],
        "priority_weight": 1,
        "tries": [{"outcome": "success", "duration_s": 60}],
    }
    dag = {
        "dag_id": "sales",
        "schedule": {"kind": "once"},
        "start_s": 0,
        "catchup": True,
        "tasks": [task],
    }
    made = {
        "id": "one-task",
        "level": 1,
        "epoch": "2024-01-01T00:00:00",
        "tick_s": 5,
        "horizon_s": 600,
        "config": {},
        "pools": [],
        "dags": [dag],
        "actions": [],
    }
    return {**made, **changes}


def trace(**changes: Any) -> dict[str, Any]:
    """What Airflow decides for `workload()`."""
    run = {"dag_id": "sales", "run_no": 0, "logical": 0, "start": 0, "end": 60, "state": "success"}
    one = {"try": 1, "queued": 0, "start": 0, "end": 60, "result": "success"}
    instance = {
        "dag_id": "sales",
        "run_no": 0,
        "task_id": "load",
        "map_index": -1,
        "state": "success",
        "tries": [one],
    }
    made = {
        "dag_runs": [run],
        "task_instances": [instance],
        "dags": [{"dag_id": "sales", "is_paused": False}],
        "meta": {"loops_executed": 3},
    }
    return {**made, **changes}


def case(**changes: Any) -> dict[str, Any]:
    """The workload with its trace."""
    return {"workload": workload(), "trace": trace(), **changes}
