"""Changes of state that no vocabulary of ours allows, whoever the orchestrator is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.states import RUN_TRANSITIONS, TASK_TRANSITIONS, RunState, TaskState

if TYPE_CHECKING:
    from sim.kernel.journal import Journal


def illegal(journal: Journal) -> list[tuple[int, str, str, str]]:
    """(row, entity, from, to) of every change of state that no table of transitions allows."""
    runs: dict[int, RunState] = {}
    tasks: dict[int, TaskState] = {}
    found = []
    for row in journal.rows(Fact.RUN_STATE, Fact.TASK_STATE):
        name = journal.name(row.entity)
        if row.fact is Fact.RUN_STATE:
            run, before = RunState(row.value), runs.get(row.entity)
            if run not in RUN_TRANSITIONS[before]:
                found.append((row.index, name, "" if before is None else before.word, run.word))
            runs[row.entity] = run
        else:
            task = TaskState(row.value % 256)
            old = tasks.get(row.entity, TaskState.NONE)
            # a first fact of no state: cleared, and ended before the clock had started
            first = row.entity not in tasks and task is TaskState.NONE
            if task not in TASK_TRANSITIONS[old] and not first:
                found.append((row.index, name, old.word, task.word))
            tasks[row.entity] = task
    return found
