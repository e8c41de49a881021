"""The end of a simple task's try, in one piece: by far the most are work that succeeds.

What comes out is what `Workers`, `Metadata.set_state` and the executor say step by step; whatever
is out of the ordinary goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.work import Result
from sim.orchestrators.airflow.rows import RUNNING, SUCCESS, TRY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sim.model.work import Outcome
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance

_TASK_STATE = int(Fact.TASK_STATE)
_SUCCEEDED = Result.SUCCESS


class SimpleTries:
    """Tries of tasks whose plan says `simple`."""

    __slots__ = ("_add", "_kernel", "_known", "_metadata", "_otherwise", "_pools", "after_try")

    def __init__(
        self,
        metadata: Metadata,
        known: Collection[object],
        otherwise: Callable[[TaskInstance, int, Outcome], None],
    ) -> None:
        self._metadata = metadata
        self._kernel = metadata.kernel
        self._add = metadata.add
        self._pools = metadata.pools
        self._known = known
        """Processes of which more is known than that they run."""
        self._otherwise = otherwise
        self.after_try: Callable[[TaskInstance], None] | None = None
        """What a worker does once a try is over (2.x: the mini scheduler)."""

    def ended(self, ti: TaskInstance, token: int, outcome: Outcome) -> None:
        """A try of a simple task is over."""
        job = ti.job
        if (
            ti.token != token
            or ti.state != RUNNING
            or outcome.result is not _SUCCEEDED
            or outcome.returned is not None
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
        if dag.plan.looks_back:
            metadata.finished(ti)
        else:
            if not run.dirty and (run.touched or run.unfinished == 0 or run.active == 0):
                metadata.mark(run)
            if metadata.scheduled:
                metadata.wake()
        job.executor.ended(ti, token)
        if self.after_try is not None:
            self.after_try(ti)
