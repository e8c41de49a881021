"""Executors by the name that `[core] executor` gives them. A new one is a file and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.executors.celery import Celery
from sim.orchestrators.airflow.executors.kubernetes import Kubernetes
from sim.orchestrators.airflow.executors.local import Local, Sequential

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.executors.backend import Kind, Surroundings

EXECUTORS: dict[str, Callable[[Surroundings], Kind]] = {
    "LocalExecutor": Local,
    "SequentialExecutor": Sequential,
    "CeleryExecutor": Celery,
    "KubernetesExecutor": Kubernetes,
}
