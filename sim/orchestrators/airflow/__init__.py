"""Airflow 2 and 3: what the registry of orchestrators asks of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.airflow.config import AirflowConfig, Sensor
    from sim.orchestrators.airflow.deployment import Airflow
    from sim.platform.contract import Capacity, Platform

__all__ = ["build", "capacity", "sensors", "shape", "title"]

_RELEASES = {2: "2.11.2", 3: "3.3.2"}


def build(section: AirflowConfig, platform: Platform, *, tasks: Mapping[str, Any]) -> Airflow:
    """The deployment that the config describes. What tasks do is the workshop's, not ours."""
    from sim.orchestrators.airflow.deployment import Airflow  # noqa: PLC0415 - configs load fast

    return Airflow(section, platform, published=_published(section, platform.history, tasks))


def _published(
    section: AirflowConfig, history: Mapping[str, str], tasks: Mapping[str, Any]
) -> dict[str, str]:
    """By DAG: the first data date that a table had which it writes, before the clock started."""
    found: dict[str, str] = {}
    for dag_id, dag in section.every_dag.items():
        tables = [tasks[name].table for name in dag.tasks if name in tasks]
        begun = [history[table] for table in tables if table in history]
        if begun:
            found[dag_id] = min(begun)
    return found


def sensors(section: AirflowConfig) -> dict[tuple[str, str], Sensor]:
    """What each sensor of a system waits for, by (dag_id, task_id)."""
    return {
        (dag_id, task_id): task.sensor
        for dag_id, dag in section.every_dag.items()
        for task_id, task in dag.tasks.items()
        if task.sensor is not None and task.sensor.system
    }


def capacity(section: AirflowConfig) -> Capacity:
    """Its schedulers, and the workers of its Celery executor or the slots of its local one."""
    from sim.platform.contract import Capacity  # noqa: PLC0415 - as above

    executors = tuple(section.executors)
    workers: tuple[str, ...] = ()
    if "CeleryExecutor" in executors:
        workers = tuple(section.celery_workers) or ("worker-1",)
    return Capacity(section.schedulers, section.worker_slots, executors, workers)


def title(section: AirflowConfig) -> str:
    """The release whose rules these are."""
    return f"Airflow {_RELEASES[section.version]}"


def shape(section: AirflowConfig, *, tasks: Mapping[str, Any]) -> dict[str, Any]:
    """Tasks and edges of every DAG, in topological order."""
    del tasks
    from sim.orchestrators.airflow.graph import edges, topological  # noqa: PLC0415
    from sim.orchestrators.airflow.task_groups import in_groups  # noqa: PLC0415

    return {
        dag_id: {
            "tasks": topological(in_groups(dag)),
            "edges": [list(edge) for edge in edges(in_groups(dag))],
        }
        for dag_id, dag in section.every_dag.items()
    }
