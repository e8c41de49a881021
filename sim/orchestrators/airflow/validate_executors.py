"""What types cannot say about executors: names, versions, bounds, and which task runs where.

Part of `validate`; the same rules hold: every problem in one pass, nothing is raised or changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.orchestrators.airflow.executors import EXECUTORS
from sim.orchestrators.airflow.problems import Problem
from sim.orchestrators.airflow.versions import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.config import AirflowConfig
    from sim.orchestrators.airflow.config_section import Span
    from sim.orchestrators.airflow.problems import Path

_HERE = ("cfg", "core", "executor")


def executor_problems(config: AirflowConfig) -> Iterator[Problem]:
    """Yield every problem of the config's executors."""
    yield from _names(config)
    yield from _bounds(config)
    for dag_id, dag in config.dags.items():
        yield from _known(dag.default_args.executor, ("dags", dag_id, "default_args"), config)
        for task_id, task in dag.tasks.items():
            yield from _known(task.executor, ("dags", dag_id, "tasks", task_id), config)


def _names(config: AirflowConfig) -> Iterator[Problem]:
    names = config.executors
    for name in names:
        if name not in EXECUTORS:
            message = f'there is no executor "{name}" here'
            yield Problem(_HERE, "E-EXECUTOR", message, f"there is {', '.join(EXECUTORS)}")
    if len(set(names)) < len(names):
        yield Problem(_HERE, "E-EXECUTOR", "an executor is named twice")
    if "SequentialExecutor" in names:
        if not VERSIONS[config.version].sequential_executor:
            message = "Airflow 3 has no SequentialExecutor"
            yield Problem(_HERE, "E-EXECUTOR", message, "the default is LocalExecutor")
        elif len(names) > 1:
            message = "SequentialExecutor does not go together with others"
            yield Problem(_HERE, "E-EXECUTOR", message)
        elif config.schedulers > 1:
            message = "SequentialExecutor is for one scheduler alone"
            yield Problem(("schedulers",), "E-EXECUTOR", message, "LocalExecutor takes several")


def _known(name: str | None, path: Path, config: AirflowConfig) -> Iterator[Problem]:
    if name is not None and name not in config.executors:
        message = f'executor "{name}" is not one of [core] executor'
        hint = f"there is {', '.join(config.executors)}"
        yield Problem((*path, "executor"), "E-EXECUTOR", message, hint)


def _bounds(config: AirflowConfig) -> Iterator[Problem]:
    cfg, cluster = config.cfg, config.cluster
    for name in ("worker_concurrency", "worker_prefetch_multiplier"):
        yield from _at_least(getattr(cfg.celery, name), 1, ("cfg", "celery", name))
    batch = "worker_pods_creation_batch_size"
    pods = cfg.kubernetes_executor.worker_pods_creation_batch_size
    yield from _at_least(pods, 1, ("cfg", "kubernetes_executor", batch))
    for name, worker in config.celery_workers.items():
        if worker.concurrency is not None:
            yield from _at_least(worker.concurrency, 1, ("celery_workers", name, "concurrency"))
    for name in ("pods_per_node", "nodes_max"):
        yield from _at_least(getattr(cluster, name), 1, ("cluster", name))
    if not 0 <= cluster.nodes_min <= cluster.nodes_max:
        message = "nodes_min is more than nodes_max, or less than none"
        yield Problem(("cluster", "nodes_min"), "E-RANGE", message)
    if not 0.0 <= cluster.launch_failures <= 1.0:
        message = "a chance lies between 0 and 1"
        yield Problem(("cluster", "launch_failures"), "E-RANGE", message)
    for name in ("pod_start", "node_start", "node_idle"):
        yield from _span(getattr(cluster, name), ("cluster", name))
    yield from _span(config.database.latency, ("database", "latency"))
    for name in ("queries_per_loop", "queries_per_run", "connections_per_task"):
        yield from _at_least(getattr(config.database, name), 0, ("database", name))
    if config.database.xcom_bytes_per_second is not None:
        name = "xcom_bytes_per_second"
        yield from _at_least(config.database.xcom_bytes_per_second, 1, ("database", name))
    path = ("cfg", "celery_broker_transport_options", "visibility_timeout")
    yield from _span(cfg.celery_broker_transport_options.visibility_timeout, path)


def _at_least(value: int, bound: int, path: Path) -> Iterator[Problem]:
    if value < bound:
        yield Problem(path, "E-RANGE", f"{path[-1]} must be at least {bound}")


def _span(span: Span, path: Path) -> Iterator[Problem]:
    try:
        good = parse_span(span) >= 0
    except ValueError:
        good = False
    if not good:
        message = f'"{span}" is no span of time'
        yield Problem(path, "E-SPAN", message, "such as 45m, 1h30m or 20s")
