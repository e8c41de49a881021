"""Marking by hand: runs and task instances set to success, failed or skipped.

Source: Airflow 2.11.2 and 3.3.2, api/common/mark_tasks.py `set_state`,
`set_dag_run_state_to_success`, `set_dag_run_state_to_failed`; models/dag.py (3.x:
serialization/definitions/dag.py) `set_task_instance_state`. Nothing of it goes through an
examination: no callback is sent, and what max_active_runs held back is seen at the next parse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.states import FINISHED
from sim.orchestrators.airflow.rows import (
    DEFERRED,
    FAILED,
    RUN_FAILED,
    RUN_QUEUED,
    RUN_RUNNING,
    RUN_SUCCESS,
    RUNNING,
    SKIPPED,
    SUCCESS,
    UP_FOR_RESCHEDULE,
    UPSTREAM_FAILED,
    instances,
    of_task,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sim.model.interventions import Mark
    from sim.orchestrators.airflow.creation import Creation
    from sim.orchestrators.airflow.lifecycle import Lifecycle
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow, Run, TaskInstance

_STATES = {"success": SUCCESS, "failed": FAILED, "skipped": SKIPPED}
"""What a task instance may be marked; a run only the first two."""

_RUNNING_LIKE = frozenset({RUNNING, DEFERRED, UP_FOR_RESCHEDULE})


@dataclass(frozen=True, slots=True)
class Desk:
    """What every operator's action needs."""

    runs_of: Callable[[DagRow, str], list[Run]]
    """The runs of a DAG for a data date."""
    note: Callable[..., int]
    """Writes an intervention down and gives its row."""
    entity_of: Callable[[str], int]
    """The journal's name of a DAG, known or not."""
    clear: Callable[..., object]
    """Clears task instances of a run, `clear(run, tis, cause=row)`."""


class Marking:
    """Marks on one deployment."""

    def __init__(
        self,
        metadata: Metadata,
        creation: Creation,
        lifecycle: Lifecycle,
        desk: Desk,
    ) -> None:
        self._metadata = metadata
        self._creation = creation
        self._lifecycle = lifecycle
        self._desk = desk

    def perform(self, action: Mark) -> None:
        """Do what an operator asks for, or write down why not."""
        desk = self._desk
        dag = self._metadata.dags.get(action.pipeline)
        runs = [] if dag is None else desk.runs_of(dag, action.data_date)
        unknown = [] if dag is None else [t for t in action.tasks if t not in dag.plan.numbers]
        state = _STATES.get(action.state)
        refused = "no_such_run" if not runs else "no_such_task" if unknown else None
        if state is None or (not action.tasks and action.state == "skipped"):
            refused = "no_such_state"
        row = desk.note(
            desk.entity_of(action.pipeline),
            action,
            "mark",
            refused=refused,
            data_date=action.data_date,
            tasks=list(action.tasks),
            state=action.state,
        )
        if refused is not None or state is None:
            return
        for run in runs:
            if not action.tasks:
                self.mark_run(run, state, cause=row)
                continue
            numbers = {run.dag.plan.numbers[task_id] for task_id in action.tasks}
            if action.downstream:
                numbers = numbers.union(*(run.dag.plan.tasks[one].below for one in numbers))
            self.mark_tasks(run, sorted(numbers), state, cause=row)

    def mark_tasks(self, run: Run, numbers: Sequence[int], state: int, *, cause: int) -> None:
        """Set tasks of a run to a state; what had failed because of them is cleared."""
        chosen = [ti for number in numbers for ti in of_task(run, number)]
        for ti in chosen:
            self._set(ti, state, cause)
        below = sorted(set().union(*(ti.task.below for ti in chosen)) - set(numbers))
        failed = [ti for number in below for ti in of_task(run, number)]
        self._desk.clear(
            run, [ti for ti in failed if ti.state in {FAILED, UPSTREAM_FAILED}], cause=cause
        )
        self._metadata.mark(run)

    def mark_run(self, run: Run, state: int, *, cause: int) -> None:
        """End a run by hand.

        What runs gets the state, what waits is skipped, what is finished stays; 2.x sets every
        task instance to success when the run is.
        """
        all_of_them = state == SUCCESS and self._metadata.version.success_marks_every_task
        self._end(run, RUN_SUCCESS if state == SUCCESS else RUN_FAILED, cause)
        for ti in instances(run):
            if all_of_them or ti.state in _RUNNING_LIKE:
                self._set(ti, state, cause)
            elif ti.state not in FINISHED:
                self._set(ti, SKIPPED, cause)

    def _set(self, ti: TaskInstance, state: int, cause: int) -> None:
        self._metadata.set_state(ti, state, cause, {"reason": "marked"})

    def _end(self, run: Run, state: int, cause: int) -> None:
        metadata, dag = self._metadata, run.dag
        before = run.state
        if before == state:
            return
        if before == RUN_RUNNING and run.job is None:
            self._lifecycle.leave(run)
        elif before == RUN_QUEUED:
            metadata.queued_runs.remove(run)
            if run.backfill is None:
                dag.queued -= 1
        metadata.set_run_state(run, state, cause=cause, detail={"reason": "marked"})
        if metadata.queued_runs:
            metadata.wake()
        if dag.plan.looks_back:
            self._look_again(dag.live)
        if before in {RUN_RUNNING, RUN_QUEUED}:
            self._creation.at_next_parse(dag)

    def _look_again(self, runs: Iterable[Run]) -> None:
        for other in runs:
            self._metadata.mark(other)
