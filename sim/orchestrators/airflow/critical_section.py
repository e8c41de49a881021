"""The critical section: which scheduled task instances become queued in this loop.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py
`_executable_task_instances_to_queued`. The window of candidates is cut before pools and bounds are
looked at, and is only cut again when nothing in it could be chosen: that is how a blocked block of
high priority delays others, and how small tasks overtake big ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.orchestrators.airflow.rows import QUEUED, RUN_RUNNING, TRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import Entry, Run, TaskInstance

_INFINITE = float("inf")
_TASK_STATE = int(Fact.TASK_STATE)


class CriticalSection:
    """Queues task instances of one deployment."""

    def __init__(self, metadata: Metadata, *, max_tis_per_query: int) -> None:
        self._metadata = metadata
        self._window = max_tis_per_query or _INFINITE

    def queue(self, executor_slots: int) -> list[TaskInstance]:
        """Queue what may be queued, best first, when the executor has so many free slots."""
        metadata = self._metadata
        if not metadata.scheduled:
            metadata.candidates.clear()
            return []
        pools_open = sum(max(0, pool.open) for pool in metadata.pools.values())
        budget = min(self._window, executor_slots, pools_open)
        if budget <= 0:
            return []
        starved = _Starved()
        chosen: list[TaskInstance] = []
        while True:
            found, window = _Starved(), 0
            for entry in self._candidates(starved):
                ti = entry[-1]
                window += 1
                if self._fits(ti, found):
                    self._to_queued(ti)
                    chosen.append(ti)
                if window >= budget:
                    break
            if chosen or window < budget or not starved.learn(found):
                break
        if chosen:
            self._drop_stale()
        return chosen

    def _candidates(self, starved: _Starved) -> Iterator[Entry]:
        """What the query of the critical section selects, in its order, without its LIMIT.

        Lazy: pools and bounds are as they were when the query ran, so those that the loop over the
        window changes are looked at through copies.
        """
        metadata = self._metadata
        per_run = metadata.version.max_active_tasks_of_run
        full = {name for name, pool in metadata.pools.items() if pool.open <= 0}
        ranks: dict[int, int] = {}
        active: dict[int, int] = {}
        for entry in metadata.candidates:
            ti = entry[-1]
            if ti.entry is not entry:
                continue
            run, task = ti.run, ti.task
            dag = run.dag
            if run.state != RUN_RUNNING or dag.paused or task.pool in full:
                continue
            if starved.covers(ti):
                continue
            if per_run:
                bound, key = dag.plan.max_active_tasks, run.entity
                if key not in ranks:
                    ranks[key], active[key] = 0, run.active
                if active[key] >= bound:
                    continue
                ranks[key] += 1
                if ranks[key] > bound:
                    continue
            yield entry

    def _fits(self, ti: TaskInstance, starved: _Starved) -> bool:
        """Whether pool and bounds let this candidate through; what is starved is remembered."""
        metadata = self._metadata
        task, run = ti.task, ti.run
        dag = run.dag
        pool = metadata.pools[task.pool]
        if pool.open <= 0:
            starved.pools.add(task.pool)
            return False
        if task.pool_slots > pool.open:
            starved.tasks.add((dag.plan.number, task.number))
            return False
        active = run.active if metadata.version.max_active_tasks_of_run else dag.active
        if active >= dag.plan.max_active_tasks:
            starved.dags.add(dag.plan.number)
            return False
        return not task.limited or self._within_bounds(ti, run, starved)

    @staticmethod
    def _within_bounds(ti: TaskInstance, run: Run, starved: _Starved) -> bool:
        task, dag = ti.task, run.dag
        bound = task.max_active_tis_per_dag
        if bound is not None and dag.task_active.get(task.number, 0) >= bound:
            starved.tasks.add((dag.plan.number, task.number))
            return False
        bound = task.max_active_tis_per_dagrun
        assert run.task_active is not None
        if bound is not None and run.task_active.get(task.number, 0) >= bound:
            starved.tasks_of_runs.add((run.entity, task.number))
            return False
        return True

    def _to_queued(self, ti: TaskInstance) -> None:
        metadata = self._metadata
        ti.entry = None
        metadata.scheduled -= 1
        metadata.occupy(ti)
        ti.state = QUEUED
        ti.row = metadata.add(
            metadata.kernel.now,
            _TASK_STATE,
            ti.entity,
            QUEUED + TRY * ti.try_number,
            ti.row,
        )

    def _drop_stale(self) -> None:
        """Take the entries before the first live one out of the list, and all when many are stale."""
        candidates = self._metadata.candidates
        if len(candidates) > 2 * self._metadata.scheduled:
            candidates[:] = [entry for entry in candidates if entry[-1].entry is entry]
            return
        stale = 0
        for entry in candidates:
            if entry[-1].entry is entry:
                break
            stale += 1
        del candidates[:stale]


class _Starved:
    """What the rest of this critical section need not look at."""

    __slots__ = ("dags", "pools", "tasks", "tasks_of_runs")

    def __init__(self) -> None:
        self.pools: set[str] = set()
        self.dags: set[int] = set()
        self.tasks: set[tuple[int, int]] = set()
        self.tasks_of_runs: set[tuple[int, int]] = set()

    def learn(self, found: _Starved) -> bool:
        """Leave these out as well; False when there is nothing new among them."""
        pairs = (
            (self.pools, found.pools),
            (self.dags, found.dags),
            (self.tasks, found.tasks),
            (self.tasks_of_runs, found.tasks_of_runs),
        )
        new = any(not theirs <= mine for mine, theirs in pairs)
        for mine, theirs in pairs:
            mine |= theirs
        return new

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
