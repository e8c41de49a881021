"""What task instances occupy besides a worker: bounds of their task, and slots while deferred."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance


def count_active(ti: TaskInstance, change: int) -> None:
    """Count a task that has a bound of its own, in its DAG and in its run."""
    number, run = ti.task.number, ti.run
    assert run.task_active is not None
    for counts in (run.dag.task_active, run.task_active):
        counts[number] = counts.get(number, 0) + change


def occupy_deferred(metadata: Metadata, ti: TaskInstance, change: int) -> None:
    """What a deferred task instance still occupies, taken (1) or given back (-1).

    [models/pool.py `slots_stats`; jobs/scheduler_job_runner.py `ConcurrencyMap.load`]
    """
    pool = metadata.pools[ti.task.pool]
    if pool.include_deferred:
        pool.used += change * ti.task.pool_slots
    if ti.task.limited and metadata.version.bounds_count_deferred:
        count_active(ti, change)
