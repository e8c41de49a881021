"""What is wrong with mapping, setups, teardowns and fail_fast in an `airflow:` section.

A part of `validate`, which says how problems are told. What Airflow itself refuses when it parses
a DAG file is refused here; what it lets pass and fails at run time is let pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.graph import is_mapped
from sim.orchestrators.airflow.map_lists import mistakes, tasks_of
from sim.orchestrators.airflow.problems import Path, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.config import Dag, Task, TaskGroup
    from sim.orchestrators.airflow.config_cfg import Core

FAIL_FAST_OF = {2: "fail_stop", 3: "fail_fast"}
"""What the same argument of a DAG is called in each version."""


def fail_fast_problems(dag: Dag, path: Path, version: int) -> Iterator[Problem]:
    """Its name, and the one trigger rule that it allows."""
    for number, name in FAIL_FAST_OF.items():
        if number != version and getattr(dag, name):
            message = f"Airflow {version} does not know {name}"
            yield Problem((*path, name), "E-FAIL-FAST", message, f"write {FAIL_FAST_OF[version]}")
    if not dag.fail_fast and not dag.fail_stop:
        return
    for task_id, task in dag.tasks.items():
        rule = task.trigger_rule or dag.default_args.trigger_rule or "all_success"
        if rule != "all_success" and not task.teardown:
            place = (*path, "tasks", task_id, "trigger_rule")
            message = f"a DAG that fails fast has tasks with all_success only, not {rule}"
            yield Problem(place, "E-FAIL-FAST", message)


def mapping_problems(core: Core) -> Iterator[Problem]:
    """The bound on lists to expand over."""
    if core.max_map_length < 1:
        path = ("cfg", "core", "max_map_length")
        yield Problem(path, "E-RANGE", "with max_map_length below 1 nothing is ever expanded")


def shape_problems(task: Task, path: Path, dag: Dag) -> Iterator[Problem]:
    """Lists that do not exist, setups that are none, teardowns that are given a rule."""
    yield from _expanded(task, path, dag)
    if (is_mapped(task) or task.task_group is not None) and task.type == "latest_only":
        yield Problem(path, "E-EXPAND", "a task of type latest_only has nothing to be mapped over")
    for index, name in enumerate(task.setups):
        place = (*path, "setups", index)
        if name not in dag.tasks:
            message = f'setup "{name}" is not in this DAG'
            yield Problem(place, "E-TASK-UNKNOWN", message, nearest(name, dag.tasks))
        elif dag.tasks[name].teardown:
            yield Problem(place, "E-SETUP", f'"{name}" is a teardown, not a setup')
    if task.setup and task.teardown:
        yield Problem((*path, "teardown"), "E-SETUP", "a task is a setup or a teardown, not both")
    if task.teardown and task.trigger_rule is not None:
        message = "a teardown has a trigger rule of its own"
        yield Problem((*path, "trigger_rule"), "E-SETUP", message, "take trigger_rule out")
    for name, given in (
        ("setups", bool(task.setups)),
        ("on_failure_fail_dagrun", task.on_failure_fail_dagrun),
    ):
        if given and not task.teardown:
            yield Problem((*path, name), "E-SETUP", f"{name} belongs to a teardown", "add teardown")


def group_problems(dag: Dag, path: Path) -> Iterator[Problem]:
    """Groups that are not there, or are expanded over nothing; tasks that cannot be in one."""
    for name, group in dag.task_groups.items():
        place: Path = (*path, "task_groups", name)
        yield from _expanded(group, place, dag)
        if not group.expand and group.expand_kwargs is None:
            message = f'task group "{name}" is expanded over nothing'
            yield Problem(place, "E-EXPAND", message, "give it expand or expand_kwargs")
    for task_id, task in dag.tasks.items():
        place = (*path, "tasks", task_id)
        if task.task_group is None:
            continue
        if task.task_group not in dag.task_groups:
            message = f'there is no task group "{task.task_group}"'
            hint = nearest(task.task_group, dag.task_groups)
            yield Problem((*place, "task_group"), "E-GROUP-UNKNOWN", message, hint)
        if task.expand or task.expand_kwargs is not None:
            message = "a task of a mapped task group cannot be expanded once more"
            key = "expand" if task.expand else "expand_kwargs"
            yield Problem((*place, key), "E-EXPAND", message)
        if (task.trigger_rule or dag.default_args.trigger_rule) == "always":
            message = "a mapped task group has no tasks with the trigger rule always"
            yield Problem((*place, "trigger_rule"), "E-EXPAND", message)


def _expanded(task: Task | TaskGroup, path: Path, dag: Dag) -> Iterator[Problem]:
    lists = [((*path, "expand", name), over) for name, over in task.expand.items()]
    if task.expand_kwargs is not None:
        lists.append(((*path, "expand_kwargs"), task.expand_kwargs))
    if task.expand and task.expand_kwargs is not None:
        message = "it is expanded by expand or by expand_kwargs, not by both"
        yield Problem((*path, "expand_kwargs"), "E-EXPAND", message)
    for place, over in lists:
        wrong = list(mistakes(over))
        for message in wrong:
            yield Problem(place, "E-RANGE" if isinstance(over, int) else "E-EXPAND", message)
        for name in () if wrong else tasks_of(over):
            if name not in dag.tasks:
                message = f'"{name}" is no task of this DAG whose list could be expanded over'
                yield Problem(place, "E-TASK-UNKNOWN", message, nearest(name, dag.tasks))
