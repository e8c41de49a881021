"""fail_fast (2.x fail_stop): the first task that fails for good stops the rest of its run.

Teardowns are left alone, and so are the other indices of the task itself. Source: Airflow 2.11.2
and 3.3.2, models/taskinstance.py `_stop_remaining_tasks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.rows import FAILED, RUNNING, SKIPPED, SUCCESS, instances

if TYPE_CHECKING:
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance


def stop_remaining(metadata: Metadata, failed: TaskInstance) -> None:
    """Fail what runs and skip the rest. A process that runs learns it at one of its heartbeats."""
    teardowns = failed.run.dag.plan.graph.teardowns
    for ti in list(instances(failed.run)):
        number = ti.task.number
        if number == failed.task.number or number in teardowns or ti.state in {SUCCESS, FAILED}:
            continue
        state = FAILED if ti.state == RUNNING else SKIPPED
        metadata.set_state(ti, state, failed.row, {"reason": "fail_fast"})
