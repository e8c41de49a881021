"""The critical section: which scheduled task instances become queued in this loop.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py
`_executable_task_instances_to_queued`. The window of candidates is cut before pools and bounds are
looked at, and is only cut again when nothing in it could be chosen: that is how a blocked block of
high priority delays others, and how small tasks overtake big ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.orchestrators.airflow.rows import QUEUED, RUN_RUNNING, TRY

if TYPE_CHECKING:
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import Pool, Run, TaskInstance

_INFINITE = float("inf")
_TASK_STATE = int(Fact.TASK_STATE)


class CriticalSection:
    """Queues task instances of one deployment."""

    def __init__(self, metadata: Metadata, *, max_tis_per_query: int) -> None:
        self._metadata = metadata
        self._window = max_tis_per_query or _INFINITE
        self._per_run = metadata.version.max_active_tasks_of_run

    def queue(self, executor_slots: int, now: int) -> list[TaskInstance]:
        """Queue what may be queued, best first, when the executor has so many free slots."""
        metadata = self._metadata
        if not metadata.scheduled:
            metadata.candidates.clear()
            return []
        pools_open = sum(max(0, pool.open) for pool in metadata.pools.values())
        budget = min(self._window, executor_slots, pools_open)
        if budget <= 0:
            return []
        chosen, seen, starved = self._examine(budget, None, now)
        while not chosen and seen >= budget:
            # nothing in a full window could be chosen: cut another one without what is starved
            chosen, seen, found = self._examine(budget, starved, now)
            if not starved.learn(found):
                break
        if chosen:
            self._drop_stale()
        return chosen

    def _examine(
        self, budget: float, starved: _Starved | None, now: int
    ) -> tuple[list[TaskInstance], int, _Starved]:
        """Go through one window: what was chosen from it, how many it held, what is starved."""
        found = _Starved()
        full = {pool.name for pool in self._metadata.pools.values() if pool.open <= 0}
        ranks: dict[int, int] = {}
        chosen: list[TaskInstance] = []
        seen = 0
        for entry in self._metadata.candidates:
            ti = entry[4]
            run = ti.run
            # an entry is stale when its task instance is not scheduled any more, or anew
            if ti.entry is not entry or run.state != RUN_RUNNING or run.dag.paused:
                continue
            if full and ti.task.pool in full:
                continue
            if starved is not None and starved.covers(ti):
                continue
            if self._per_run and not _ranks(run, ranks):
                continue
            seen += 1
            if self._fits(ti, found):
                self._to_queued(ti, now)
                chosen.append(ti)
            if seen >= budget:
                break
        return chosen, seen, found

    def _fits(self, ti: TaskInstance, found: _Starved) -> bool:
        """Whether pool and bounds let this candidate through; what is starved is remembered."""
        task, run = ti.task, ti.run
        dag = run.dag
        pool = self._metadata.pools[task.pool]
        if pool.used + task.pool_slots > pool.slots != -1:
            self._starves(ti, pool, found)
            return False
        active = run.active if self._per_run else dag.active
        if active >= dag.plan.max_active_tasks:
            found.dags.add(dag.plan.number)
            return False
        return not task.limited or self._within_bounds(ti, run, found)

    @staticmethod
    def _starves(ti: TaskInstance, pool: Pool, found: _Starved) -> None:
        if pool.open <= 0:
            found.pools.add(pool.name)
        else:
            # smaller tasks of the pool may pass
            found.tasks.add((ti.run.dag.plan.number, ti.task.number))

    @staticmethod
    def _within_bounds(ti: TaskInstance, run: Run, found: _Starved) -> bool:
        task, dag = ti.task, ti.run.dag
        bound = task.max_active_tis_per_dag
        if bound is not None and dag.task_active.get(task.number, 0) >= bound:
            found.tasks.add((dag.plan.number, task.number))
            return False
        bound = task.max_active_tis_per_dagrun
        assert run.task_active is not None
        if bound is not None and run.task_active.get(task.number, 0) >= bound:
            found.tasks_of_runs.add((run.entity, task.number))
            return False
        return True

    def _to_queued(self, ti: TaskInstance, now: int) -> None:
        metadata = self._metadata
        ti.entry = None
        metadata.scheduled -= 1
        metadata.occupy(ti)
        ti.state = QUEUED
        ti.row = metadata.add(now, _TASK_STATE, ti.entity, QUEUED + TRY * ti.try_number, ti.row)

    def _drop_stale(self) -> None:
        """Take the entries before the first live one off, and all when most are stale."""
        candidates = self._metadata.candidates
        if not self._metadata.scheduled:
            candidates.clear()
        elif len(candidates) > 2 * self._metadata.scheduled:
            candidates[:] = [entry for entry in candidates if entry[4].entry is entry]
        else:
            stale = 0
            while candidates[stale][4].entry is not candidates[stale]:
                stale += 1
            del candidates[:stale]


def _ranks(run: Run, ranks: dict[int, int]) -> bool:
    """Whether 3.x lets one more candidate of a run into the window.

    A run that is full has none; otherwise as many as max_active_tasks, best first. `ranks` holds
    how many each run may still have, as of the query.
    """
    key, bound = run.entity, run.dag.plan.max_active_tasks
    left = ranks.get(key)
    if left is None:
        left = bound if run.active < bound else 0
    ranks[key] = left - 1
    return left > 0


@dataclass(slots=True)
class _Starved:
    """What the rest of this critical section need not look at."""

    pools: set[str] = field(default_factory=set)
    dags: set[int] = field(default_factory=set)
    tasks: set[tuple[int, int]] = field(default_factory=set)
    tasks_of_runs: set[tuple[int, int]] = field(default_factory=set)

    def learn(self, found: _Starved) -> bool:
        """Leave these out as well; False when there is nothing new among them."""
        before = self._size()
        self.pools |= found.pools
        self.dags |= found.dags
        self.tasks |= found.tasks
        self.tasks_of_runs |= found.tasks_of_runs
        return self._size() > before

    def _size(self) -> int:
        return len(self.pools) + len(self.dags) + len(self.tasks) + len(self.tasks_of_runs)

    def covers(self, ti: TaskInstance) -> bool:
        """Whether a repeated query leaves this candidate out."""
        task, run = ti.task, ti.run
        number = run.dag.plan.number
        return (
            task.pool in self.pools
            or number in self.dags
            or (number, task.number) in self.tasks
            or (run.entity, task.number) in self.tasks_of_runs
        )
