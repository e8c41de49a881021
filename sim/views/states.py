"""States at an instant: where each run and task instance stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.views.gantt import task_instance_names, task_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.kernel.journal import Journal


@dataclass(frozen=True, slots=True)
class TaskNow:
    """The latest instance of a task, or of one index of a mapped task."""

    pipeline: str
    task: str
    """`crunch[3]` for an index of a mapped task."""
    run_id: str
    state: TaskState
    try_number: int
    since: int
    """Instant at which it came into the state."""


def states_at(journal: Journal, instant: int, *, since: int) -> tuple[TaskNow, ...]:
    """For each task that did something within [since, instant], where it stands at `instant`."""
    latest: dict[tuple[str, str], TaskNow] = {}
    for row in journal.rows(Fact.TASK_STATE, since=since, until=instant + 1):
        pipeline, run_id, task = task_instance_names(journal, row.entity)
        state = TaskState(row.value % 256)
        latest[pipeline, task] = TaskNow(pipeline, task, run_id, state, row.value // 256, row.time)
    return tuple(latest.values())


SUMMARY = (
    TaskState.FAILED,
    TaskState.UPSTREAM_FAILED,
    TaskState.UP_FOR_RETRY,
    TaskState.UP_FOR_RESCHEDULE,
    TaskState.RUNNING,
    TaskState.RESTARTING,
    TaskState.DEFERRED,
    TaskState.QUEUED,
    TaskState.SCHEDULED,
    TaskState.NONE,
    TaskState.SUCCESS,
    TaskState.SKIPPED,
    TaskState.REMOVED,
)
"""Which state stands for a mapped task: the first that any index has.

Source: Airflow 3.3.2, api_fastapi/common/parameters.py `state_priority`.
"""


def states_of_tasks(now: Iterable[TaskNow], pipeline: str) -> dict[str, TaskState]:
    """The state of each task of a pipeline; of a mapped one that which stands for its indices.

    Only indices of the run in which the task last did something count.
    """
    of_task: dict[str, list[TaskNow]] = {}
    for one in now:
        if one.pipeline == pipeline:
            of_task.setdefault(task_of(one.task), []).append(one)
    found = {}
    for task, indices in of_task.items():
        run_id = max(indices, key=lambda one: one.since).run_id
        found[task] = min((one.state for one in indices if one.run_id == run_id), key=SUMMARY.index)
    return found
