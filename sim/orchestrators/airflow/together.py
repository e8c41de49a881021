"""Task instances of one run that change state together, in one piece: by far the most do.

A loop schedules what ended tasks have made ready, and queues what it has just scheduled; each batch
goes to the journal as one list of facts. What comes out is what `Metadata.schedule` and
`Metadata.queue` say for one after the other, and whatever is out of the ordinary goes there.
"""

from __future__ import annotations

from operator import attrgetter
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
_FIRST_SCHEDULED = SCHEDULED + TRY
_FIRST_QUEUED = QUEUED + TRY
_RANK = attrgetter("task.rank")


def pass_through(metadata: Metadata, ready: list[TaskInstance], now: int) -> None:
    """Schedule and queue task instances of one run, best first; the caller has taken their slots.

    Only for a run that neither `repeats` nor has tasks that differ in what they need.
    """
    journal = metadata.kernel.journal
    row = len(journal)
    rows: list[int] = []
    for ti in ready:
        ti.try_number = 1
        rows += (now, _TASK_STATE, ti.entity, _FIRST_SCHEDULED, ti.cause)
        ti.row = row
        row += 1
    if len(ready) > 1:
        ready.sort(key=_RANK)
    for ti in ready:
        ti.state = QUEUED
        rows += (now, _TASK_STATE, ti.entity, _FIRST_QUEUED, ti.row)
        ti.row = row
        row += 1
    journal.add_all(now, rows)


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
        rows += (now, _TASK_STATE, ti.entity, _FIRST_SCHEDULED, ti.cause)
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
