"""States at an instant: where each run and task instance stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.views.gantt import task_instance_names

if TYPE_CHECKING:
    from sim.kernel.journal import Journal


@dataclass(frozen=True, slots=True)
class TaskNow:
    """The latest instance of a task."""

    pipeline: str
    task: str
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
