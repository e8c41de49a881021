"""What by far the most task instances go through, in one piece.

A loop schedules what ended tasks have made ready, and queues what it has just scheduled: several at
a time, which go to the journal as one list of facts. Most tries are work that succeeds, and tell
nobody but those downstream. What comes out is what `Metadata` and the executor say step by step;
whatever is out of the ordinary goes there.
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
    from sim.orchestrators.airflow.rows import Entry, Run, TaskInstance

_TASK_STATE = int(Fact.TASK_STATE)
_FIRST_TRY = SCHEDULED + TRY


def schedule(metadata: Metadata, run: Run, ready: list[TaskInstance], now: int) -> None:
    """Schedule task instances of one run whose dependencies are met."""
    journal, candidates = metadata.kernel.journal, metadata.candidates
    append, sequence = candidates.fresh.append, candidates.sequence
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
    run: Run | None = None
    room = at = 0
    for entry in fresh:
        ti = entry[4]
        if ti.entry is entry:
            if ti.run is not run:
                run = ti.run
                dag = run.dag
                if run.state != RUN_RUNNING or dag.held or run.job:
                    break
                room = dag.plan.max_active_tasks - (run.active if per_run else dag.active)
            task = ti.task
            pool = pools[task.pool]
            used = pool.used + task.pool_slots
            if room <= 0 or used > pool.slots != -1 or task.limited:
                break
            room -= 1
            pool.used = used
            run.active += 1
            dag.active += 1
            ti.entry = None
            ti.state = QUEUED
            rows += (now, _TASK_STATE, ti.entity, QUEUED + TRY * ti.try_number, ti.row)
            ti.row = row
            row += 1
            chosen.append(ti)
            budget -= 1
        at += 1
        if budget <= 0:
            break
    metadata.scheduled -= len(chosen)
    journal.add_all(now, rows)
    del fresh[:at]
    return chosen


def succeed(metadata: Metadata, ti: TaskInstance, token: int) -> None:
    """The end of a simple task's try, by far the most: success, and its slots are free.

    What `Metadata.set_state` and the executor would be told one after the other.
    """
    task, run = ti.task, ti.run
    dag = run.dag
    ti.process = ti.attempt = None
    metadata.pools[task.pool].used -= task.pool_slots
    run.active -= 1
    dag.active -= 1
    ti.state = SUCCESS
    ti.row = row = metadata.add(
        metadata.kernel.now, _TASK_STATE, ti.entity, SUCCESS + TRY * ti.try_number, ti.row
    )
    run.unfinished -= 1
    touched = run.touched
    if task.downstream:
        tis = run.tis
        for number in task.downstream:
            below = tis[number]
            below.cause = row
            below.counts = counts = below.counts + 1
            if (counts >= below.total or below.task.eager) and not below.touched:
                below.touched = True
                touched.append(below)
    if dag.plan.looks_back:
        metadata.finished(ti)
    else:
        if not run.dirty and (touched or run.unfinished == 0 or run.active == 0):
            metadata.mark(run)
        if metadata.scheduled:
            metadata.wake()
    if ti.job is not None:
        ti.job.executor.ended(ti, token)
