"""The critical section: which scheduled task instances become queued in this loop.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py
`_executable_task_instances_to_queued`. The window of candidates is cut before pools and bounds are
looked at, and is only cut again when nothing in it could be chosen: that is how a blocked block of
high priority delays others, and how small tasks overtake big ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow import together
from sim.orchestrators.airflow.rows import RUN_RUNNING

if TYPE_CHECKING:
    from sim.orchestrators.airflow.candidates import Lane
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import Run, TaskInstance

_INFINITE = float("inf")
_Starved = set[tuple[str | int, ...]]
"""What the rest of a critical section need not look at: a kind and what names one of that kind."""
_POOL, _DAG, _TASK, _TASK_OF_RUN = "pool", "dag", "task", "task_of_run"


class CriticalSection:
    """Queues task instances of one deployment."""

    def __init__(self, metadata: Metadata, *, max_tis_per_query: int) -> None:
        self._metadata = metadata
        self._window = max_tis_per_query or _INFINITE
        self._per_run = metadata.version.max_active_tasks_of_run
        self._rooms: list[int] | None = None
        """Free slots of each executor, when there are several."""

    def pass_through(self, run: Run, ready: list[TaskInstance], free: int, now: int) -> bool:
        """Schedule and queue what is ready in a run, when nothing else is there to be queued.

        By far the most loops are of this kind. False: it is not so simple, and nothing was done.
        """
        dag, count = run.dag, len(ready)
        plan = dag.plan
        active = run.active if self._per_run else dag.active
        if (
            plan.pool is None
            or run.repeats
            or count > free
            or count > self._window
            or active + count > plan.max_active_tasks
        ):
            return False
        pool = self._metadata.pools[plan.pool]
        if pool.used + count > pool.slots != -1:
            return False
        pool.used += count
        run.active += count
        dag.active += count
        together.pass_through(self._metadata, ready, now)
        return True

    def queue(
        self, executor_slots: int, now: int, rooms: list[int] | None = None
    ) -> list[TaskInstance]:
        """Queue what may be queued, best first, when the executor has so many free slots.

        `rooms`: the free slots of each executor, when there are several.
        """
        metadata = self._metadata
        pools_open: float = 0
        full: list[str] = []
        for pool in metadata.pools.values():
            slots_open = _INFINITE if pool.slots == -1 else pool.slots - pool.used
            if slots_open > 0:
                pools_open += slots_open
            else:
                full.append(pool.name)
        budget = min(self._window, executor_slots, pools_open)
        if budget <= 0:
            return []
        candidates = metadata.candidates
        chosen: list[TaskInstance] = []
        self._rooms = rooms
        if not full and rooms is None and candidates.all_fresh:
            # nothing waits from before, and mostly all goes
            fresh = candidates.fresh
            fresh.sort()
            chosen = together.queue(metadata, fresh, budget, now, per_run=self._per_run)
            if not fresh:
                return chosen
        candidates.file()
        if len(chosen) >= budget:
            return chosen
        starved: _Starved = set()
        seen, found = self._examine(budget, full, starved, now, chosen)
        while not chosen and seen >= budget and not found <= starved:
            # nothing in a full window could be chosen: cut another one without what is starved
            starved |= found
            seen, found = self._examine(budget, full, starved, now, chosen)
        return chosen

    def _examine(  # noqa: C901 - one walk, whose bounds are the query's own
        self,
        budget: float,
        full: list[str],
        starved: _Starved,
        now: int,
        chosen: list[TaskInstance],
    ) -> tuple[int, _Starved]:
        """Go through one window: how many candidates it held, and what is starved.

        `chosen` holds what the window's head has already given, and gets what else is chosen.
        """
        found: _Starved = set()
        ranks: dict[int, int] = {}
        metadata, per_run = self._metadata, self._per_run
        candidates = metadata.candidates
        seen = len(chosen)
        if per_run:
            for ti in chosen:
                bound = ti.run.dag.plan.max_active_tasks
                ranks[ti.run.entity] = ranks.get(ti.run.entity, bound) - 1
        heaps = candidates.heaps(full)
        looked_at: dict[int, Lane] = {}
        while heaps and seen < budget:
            taken = candidates.take(heaps)
            if taken is None:
                break
            key, lane = taken
            looked_at[key] = lane
            if self._passes_over(lane, starved):
                continue
            run = lane.run
            left = self._left(run, ranks) if per_run else _INFINITE
            others = min(heaps)[0][0] if heaps else None
            first = seen
            entries, at = lane.entries, lane.at
            whole, end = at == lane.head, len(entries)
            while at < end and seen < budget and seen - first < left:
                entry = entries[at]
                if others is not None and others < entry:
                    candidates.resume(key, lane, at, heaps)
                    break
                ti = entry[4]
                seen += 1
                if self._fits(ti, run, found):
                    metadata.queue(ti, now)
                    chosen.append(ti)
                else:
                    whole = False
                at = lane.after(at)
            if whole:
                lane.head = at
            if per_run:
                ranks[run.entity] -= seen - first
        for key, lane in looked_at.items():
            candidates.give_back(key, lane)
        return seen, found

    @staticmethod
    def _passes_over(lane: Lane, starved: _Starved) -> bool:
        run = lane.run
        if run.state != RUN_RUNNING or run.dag.held or run.job:
            return True
        return bool(starved) and _covers(starved, lane)

    @staticmethod
    def _left(run: Run, ranks: dict[int, int]) -> float:
        """How many candidates a run may still have in this query.

        A run that is full has none; otherwise as many as max_active_tasks, best first. `ranks`
        holds how many are left, as of the query.
        """
        left = ranks.get(run.entity)
        if left is None:
            bound = run.dag.plan.max_active_tasks
            left = ranks[run.entity] = bound if run.active < bound else 0
        return left

    def _fits(self, ti: TaskInstance, run: Run, found: _Starved) -> bool:
        """Whether pool and bounds let this candidate through; what is starved is remembered."""
        task, dag = ti.task, run.dag
        pool = self._metadata.pools[task.pool]
        if pool.used + task.pool_slots > pool.slots != -1:
            # smaller tasks of a pool with open slots may pass
            whole = pool.open <= 0
            found.add((_POOL, pool.name) if whole else (_TASK, dag.plan.number, task.number))
            return False
        active = run.active if self._per_run else dag.active
        if active >= dag.plan.max_active_tasks:
            found.add((_DAG, dag.plan.number))
            return False
        if task.limited and not self._within_bounds(ti, run, found):
            return False
        rooms = self._rooms
        if rooms is not None:
            if rooms[task.executor] <= 0:
                found.add((_TASK, dag.plan.number, task.number))
                return False
            rooms[task.executor] -= 1
        return True

    @staticmethod
    def _within_bounds(ti: TaskInstance, run: Run, found: _Starved) -> bool:
        task, dag = ti.task, ti.run.dag
        bound = task.max_active_tis_per_dag
        if bound is not None and dag.task_active.get(task.number, 0) >= bound:
            found.add((_TASK, dag.plan.number, task.number))
            return False
        bound = task.max_active_tis_per_dagrun
        assert run.task_active is not None
        if bound is not None and run.task_active.get(task.number, 0) >= bound:
            found.add((_TASK_OF_RUN, run.entity, task.number))
            return False
        return True


def _covers(starved: _Starved, lane: Lane) -> bool:
    """Whether a repeated query leaves these candidates out."""
    task, run = lane.task, lane.run
    number = run.dag.plan.number
    return (
        (_POOL, task.pool) in starved
        or (_DAG, number) in starved
        or (_TASK, number, task.number) in starved
        or (_TASK_OF_RUN, run.entity, task.number) in starved
    )
