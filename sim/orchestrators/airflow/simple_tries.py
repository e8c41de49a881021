"""The tries of simple tasks, in one piece: by far the most are work that begins and succeeds.

What comes out is what `Workers`, `Metadata.set_state` and the executor say step by step; whatever
is out of the ordinary goes there.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.work import SUCCESS as PLAIN
from sim.model.work import Attempt, Result
from sim.orchestrators.airflow.macros import task_macros
from sim.orchestrators.airflow.rows import QUEUED, RUNNING, SUCCESS, TRY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sim.model.work import Outcome, Running
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob

_TASK_STATE = int(Fact.TASK_STATE)
_SUCCEEDED = Result.SUCCESS
_FIRST_RUNNING = RUNNING + TRY


class SimpleTries:
    """Tries of tasks whose plan says `simple`."""

    __slots__ = (
        "_add",
        "_begin",
        "_kernel",
        "_known",
        "_metadata",
        "_otherwise",
        "_pools",
        "_start",
        "after_try",
    )

    def __init__(
        self,
        metadata: Metadata,
        known: Collection[object],
        begin: Callable[[Attempt, Callable[[Outcome], None]], Running],
        *,
        start: Callable[[TaskInstance, int], None],
        otherwise: Callable[[TaskInstance, int, Outcome], None],
    ) -> None:
        """`start` and `otherwise` begin and end a try of which more is to be said."""
        self._metadata = metadata
        self._kernel = metadata.kernel
        self._add = metadata.add
        self._pools = metadata.pools
        self._known = known
        """Processes of which more is known than that they run."""
        self._begin = begin
        self._start = start
        self._otherwise = otherwise
        self.after_try: Callable[[TaskInstance], None] | None = None
        """What a worker does once a try is over (2.x: the mini scheduler)."""

    def start(self, chosen: list[TaskInstance], job: SchedulerJob) -> None:
        """The executor hands over what a scheduler queued, and each has its process at once."""
        now, add, begin, ended = self._kernel.now, self._add, self._begin, self.ended
        for ti in chosen:
            token = ti.token + 1
            ti.token = token
            ti.job = job
            task, run = ti.task, ti.run
            if run.repeats or not task.simple or ti.state != QUEUED:
                self._start(ti, token)
                continue
            ti.state = RUNNING
            ti.started = now
            ti.row = row = add(now, _TASK_STATE, ti.entity, _FIRST_RUNNING, ti.row)
            ti.attempt = attempt = Attempt(
                ti.entity,
                task.dag_id,
                task.task_id,
                run.run_id,
                1,
                task_macros,
                ti,
                row,
                ti.map_index,
            )
            ti.process = begin(attempt, partial(ended, ti, token))

    def ended(self, ti: TaskInstance, token: int, outcome: Outcome) -> None:
        """A try of a simple task is over."""
        job = ti.job
        if (
            ti.token != token
            or ti.state != RUNNING
            or (outcome is not PLAIN and (outcome.result is not _SUCCEEDED or outcome.returned))
            or self._known
            or job is None
        ):
            self._otherwise(ti, token, outcome)
            return
        task, run = ti.task, ti.run
        dag = run.dag
        ti.process = ti.attempt = None
        self._pools[task.pool].used -= task.pool_slots
        run.active -= 1
        dag.active -= 1
        ti.state = SUCCESS
        ti.row = row = self._add(
            self._kernel.now, _TASK_STATE, ti.entity, SUCCESS + TRY * ti.try_number, ti.row
        )
        run.unfinished -= 1
        if task.downstream:
            tis = run.tis
            for number in task.downstream:
                below = tis[number]
                below.cause = row
                below.counts = counts = below.counts + 1
                if (counts >= below.total or below.task.eager) and not below.touched:
                    below.touched = True
                    run.touched.append(below)
        metadata = self._metadata
        if not run.dirty and (run.touched or run.unfinished == 0 or run.active == 0):
            metadata.mark(run)
        if metadata.scheduled:
            metadata.wake()
        job.executor.ended(ti, token)
        if self.after_try is not None:
            self.after_try(ti)
