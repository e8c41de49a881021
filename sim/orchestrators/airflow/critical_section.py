"""The critical section: which scheduled task instances become queued in this loop.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py
`_executable_task_instances_to_queued`. The window of candidates is cut before pools and bounds are
looked at, and is only cut again when nothing in it could be chosen: that is how a blocked block of
high priority delays others, and how small tasks overtake big ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.rows import RUN_RUNNING

if TYPE_CHECKING:
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

    def queue(self, executor_slots: int, now: int) -> list[TaskInstance]:
        """Queue what may be queued, best first, when the executor has so many free slots."""
        metadata = self._metadata
        if not metadata.scheduled:
            metadata.candidates.clear()
            return []
        pools_open: float = 0
        full: list[str] = []
        for pool in metadata.pools.values():
            slots_open = pool.open
            if slots_open > 0:
                pools_open += slots_open
            else:
                full.append(pool.name)
        budget = min(self._window, executor_slots, pools_open)
        if budget <= 0:
            return []
        starved: _Starved = set()
        chosen, seen, found = self._examine(budget, full, starved, now)
        while not chosen and seen >= budget and not found <= starved:
            # nothing in a full window could be chosen: cut another one without what is starved
            starved |= found
            chosen, seen, found = self._examine(budget, full, starved, now)
        if chosen:
            self._drop_stale()
        return chosen

    def _examine(
        self, budget: float, full: list[str], starved: _Starved, now: int
    ) -> tuple[list[TaskInstance], int, _Starved]:
        """Go through one window: what was chosen from it, how many it held, what is starved."""
        found: _Starved = set()
        ranks: dict[int, int] = {}
        chosen: list[TaskInstance] = []
        seen = 0
        metadata, per_run = self._metadata, self._per_run
        for entry in metadata.candidates:
            ti = entry[4]
            run = ti.run
            # an entry is stale when its task instance is not scheduled any more, or anew
            if ti.entry is not entry or run.state != RUN_RUNNING or run.dag.held or run.job:
                continue
            if full and ti.task.pool in full:
                continue
            if starved and _covers(starved, ti):
                continue
            if per_run:
                # a run that is full has no candidate; otherwise as many as max_active_tasks, best
                # first: `ranks` holds how many each may still have, as of the query
                left = ranks.get(run.entity)
                if left is None:
                    bound = run.dag.plan.max_active_tasks
                    left = bound if run.active < bound else 0
                ranks[run.entity] = left - 1
                if left <= 0:
                    continue
            seen += 1
            if self._fits(ti, run, found):
                metadata.queue(ti, now)
                chosen.append(ti)
            if seen >= budget:
                break
        return chosen, seen, found

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
        return not task.limited or self._within_bounds(ti, run, found)

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


def _covers(starved: _Starved, ti: TaskInstance) -> bool:
    """Whether a repeated query leaves this candidate out."""
    task, run = ti.task, ti.run
    number = run.dag.plan.number
    return (
        (_POOL, task.pool) in starved
        or (_DAG, number) in starved
        or (_TASK, number, task.number) in starved
        or (_TASK_OF_RUN, run.entity, task.number) in starved
    )
