"""Task instances of one run that change state together, in one piece: by far the most do.

A loop schedules what ended tasks have made ready, and queues what it has just scheduled; each batch
goes to the journal as one list of facts. What comes out is what `Metadata.schedule` and
`Metadata.queue` say for one after the other, and whatever is out of the ordinary goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.orchestrators.airflow.rows import (
    NULL_FIRST,
    QUEUED,
    RUN_RUNNING,
    SCHEDULED,
    SUCCESS,
    TRY,
)

if TYPE_CHECKING:
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import Run, TaskInstance

_TASK_STATE = int(Fact.TASK_STATE)
_FIRST_TRY = SCHEDULED + TRY


def schedule(metadata: Metadata, run: Run, ready: list[TaskInstance], now: int) -> None:
    """Schedule task instances of one run whose dependencies are met."""
    journal, candidates = metadata.kernel.journal, metadata.candidates
    fresh, sequence = candidates.fresh, candidates.sequence
    candidates.fresh_run = None if fresh else run
    append = fresh.append
    date = NULL_FIRST if run.logical_date is None else run.logical_date
    row = len(journal)
    rows: list[int] = []
    for ti in ready:
        task = ti.task
        if ti.row >= 0 or task.instant:
            # not its first state, or one that it skips; what there is so far comes first
            metadata.scheduled += sequence - candidates.sequence
            candidates.sequence = sequence
            journal.add_all(now, rows)
            rows.clear()
            _schedule_alone(metadata, ti, now)
            row, sequence = len(journal), candidates.sequence
            continue
        ti.try_number = 1
        ti.state = SCHEDULED
        rows += (now, _TASK_STATE, ti.entity, _FIRST_TRY, ti.cause)
        ti.row = row
        row += 1
        sequence += 1
        ti.entry = entry = (task.rank, date, ti.map_index, sequence, ti)
        append(entry)
    metadata.scheduled += sequence - candidates.sequence
    candidates.sequence = sequence
    journal.add_all(now, rows)


def _schedule_alone(metadata: Metadata, ti: TaskInstance, now: int) -> None:
    if ti.task.instant:
        ti.try_number += 1
        metadata.set_state(ti, SUCCESS, ti.cause)
    else:
        metadata.schedule(ti, now)


def queue(
    metadata: Metadata, budget: float, now: int, *, per_run: bool
) -> list[TaskInstance]:
    """Queue what was just scheduled, when it is of one run and all of it may go; else nothing.

    `budget`: how many may be queued at most. `per_run`: max_active_tasks is a bound of a run, not
    of its DAG.
    """
    candidates = metadata.candidates
    fresh, run = candidates.fresh, candidates.fresh_run
    count = len(fresh)
    if run is None or count > budget or run.state != RUN_RUNNING or run.job is not None:
        return []
    dag = run.dag
    plan = dag.plan
    active = run.active if per_run else dag.active
    if plan.pool is None or dag.held or active + count > plan.max_active_tasks:
        return []
    pool = metadata.pools[plan.pool]
    if pool.used + count > pool.slots != -1:
        return []
    if count > 1:
        fresh.sort()
    journal = metadata.kernel.journal
    row = len(journal)
    rows: list[int] = []
    chosen: list[TaskInstance] = []
    for entry in fresh:
        ti = entry[4]
        if ti.entry is entry:
            ti.entry = None
            ti.state = QUEUED
            rows += (now, _TASK_STATE, ti.entity, QUEUED + TRY * ti.try_number, ti.row)
            ti.row = row
            row += 1
            chosen.append(ti)
    fresh.clear()
    count = len(chosen)
    pool.used += count
    run.active += count
    dag.active += count
    metadata.scheduled -= count
    journal.add_all(now, rows)
    return chosen
