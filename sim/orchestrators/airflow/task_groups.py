"""Mapped task groups: their tasks are expanded together, and wait for each other index by index.

A task of a group is expanded over the group's lists; those at its head come after the tasks that
return these lists. Source: Airflow 2.11.2 utils/task_group.py `MappedTaskGroup`,
ti_deps/deps/trigger_rule_dep.py `_iter_upstream_conditions`; 3.3.2 task SDK
definitions/taskgroup.py. There, too, nothing in such a group is expanded once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import asdict

from sim.orchestrators.airflow.config import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.airflow.config import Dag

FAST = frozenset({"one_success", "one_failed", "one_done"})
"""Rules by which a task of a group looks at every index of those before it."""


class GroupTask(Task, frozen=True, kw_only=True):
    """A task with what its mapped group gives it."""

    head: bool
    """No other task of the group is directly above it."""


def in_groups(dag: Dag) -> Mapping[str, Task]:
    """The tasks of a DAG, with what mapped groups give to theirs."""
    if not dag.task_groups:
        return dag.tasks
    return {task_id: _in_group(task, dag) for task_id, task in dag.tasks.items()}


def _in_group(task: Task, dag: Dag) -> Task:
    group = dag.task_groups.get(task.task_group or "")
    if group is None:
        return task
    above = [dag.tasks[name] for name in task.upstream if name in dag.tasks]
    given = asdict(task) | {"expand": group.expand, "expand_kwargs": group.expand_kwargs}
    head = all(other.task_group != task.task_group for other in above)
    return GroupTask(**given, head=head)
