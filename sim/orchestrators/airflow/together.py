"""Task instances that change state together: by far the most do, and so in one piece.

A loop schedules what ended tasks have made ready, and queues what it has just scheduled. Each batch
goes to the journal as one list of facts. What comes out is what `Metadata.schedule` and
`Metadata.queue` say for one after the other; whatever is out of the ordinary goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.orchestrators.airflow.rows import (
    NONE,
    NULL_FIRST,
    QUEUED,
    RUN_RUNNING,
    SCHEDULED,
    SUCCESS,
    TRY,
)

if TYPE_CHECKING:
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import Entry, Run, TaskInstance

_TASK_STATE = int(Fact.TASK_STATE)
_FIRST_TRY = SCHEDULED + TRY


def schedule(metadata: Metadata, run: Run, ready: list[TaskInstance], now: int) -> None:
    """Schedule task instances of one run whose dependencies are met."""
    journal, candidates = metadata.kernel.journal, metadata.candidates
    fresh, sequence = candidates.fresh, candidates.sequence
    date = NULL_FIRST if run.logical_date is None else run.logical_date
    row = len(journal)
    rows: list[int] = []
    count = 0
    for ti in ready:
        if ti.try_number or ti.state != NONE or ti.task.instant:
            # what there is so far comes first
            journal.add_all(now, rows)
            rows.clear()
            candidates.sequence = sequence
            _schedule_alone(metadata, ti, now)
            row, sequence = len(journal), candidates.sequence
            continue
        ti.try_number = 1
        ti.state = SCHEDULED
        rows += (now, _TASK_STATE, ti.entity, _FIRST_TRY, ti.cause)
        ti.row = row
        row += 1
        count += 1
        sequence += 1
        ti.entry = entry = (ti.task.rank, date, ti.map_index, sequence, ti)
        fresh.append(entry)
    metadata.scheduled += count
    candidates.sequence = sequence
    journal.add_all(now, rows)


def _schedule_alone(metadata: Metadata, ti: TaskInstance, now: int) -> None:
    if ti.task.instant:
        ti.try_number += 1
        metadata.set_state(ti, SUCCESS, ti.cause)
    else:
        metadata.schedule(ti, now)


def queue(
    metadata: Metadata, fresh: list[Entry], budget: float, now: int, *, per_run: bool
) -> list[TaskInstance]:
    """Queue the best of what was just scheduled, up to the first that needs a closer look.

    `fresh` is in order, and loses what was queued or is not scheduled any more. `budget`: how many
    may be queued at most. `per_run`: max_active_tasks is a bound of a run, not of its DAG.
    """
    journal, pools = metadata.kernel.journal, metadata.pools
    chosen: list[TaskInstance] = []
    row = len(journal)
    rows: list[int] = []
    at = 0
    for entry in fresh:
        ti = entry[4]
        if ti.entry is entry:
            task, run = ti.task, ti.run
            dag, pool = run.dag, pools[task.pool]
            used = pool.used + task.pool_slots
            active = run.active if per_run else dag.active
            if (
                run.state != RUN_RUNNING
                or dag.held
                or run.job
                or used > pool.slots != -1
                or active >= dag.plan.max_active_tasks
                or task.limited
            ):
                break
            pool.used = used
            run.active += 1
            dag.active += 1
            ti.entry = None
            ti.state = QUEUED
            rows += (now, _TASK_STATE, ti.entity, QUEUED + TRY * ti.try_number, ti.row)
            ti.row = row
            row += 1
            chosen.append(ti)
        at += 1
        if len(chosen) >= budget:
            break
    metadata.scheduled -= len(chosen)
    journal.add_all(now, rows)
    del fresh[:at]
    return chosen
