"""A new definition of a DAG while its runs exist: what becomes of their task instances.

Rows of runs follow the new definition at once. A running run sees it in its next examination: what
has no task any more is `removed`, whatever it was, a task that is new there begins without a state,
one that came back does so again. A finished run gets new tasks only when it is cleared. Source:
Airflow 2.11.2 and 3.3.2, models/dagrun.py `verify_integrity`, `_filter_tis_and_exclude_removed`; so
it is in 3.x with the default bundle, which has no versions that a run could be kept on. A slot that
is held counts in the task's new pool at once. Invariant: task instances of a run are in the order
of its DAG's plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sim.model.facts import Entity
from sim.orchestrators.airflow.graph import ORDINARY
from sim.orchestrators.airflow.mapping import expand, recount
from sim.orchestrators.airflow.occupancy import count_active
from sim.orchestrators.airflow.rows import (
    DEFERRED,
    NONE,
    QUEUED,
    REMOVED,
    RUN_FAILED,
    RUN_SUCCESS,
    RUNNING,
    SCHEDULED,
    SUCCESS,
    Change,
    TaskInstance,
    instances,
    of_task,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.orchestrators.airflow.rows import DagRow, Run
    from sim.orchestrators.airflow.task_plan import TaskPlan

_HOLDS_SLOT = frozenset({QUEUED, RUNNING})


def redefine(metadata: Metadata, dag: DagRow, plan: DagPlan) -> None:
    """Give a DAG a new definition."""
    old, dag.plan = dag.plan, plan
    for task in plan.tasks:
        metadata.kernel.journal.entity(Entity.TASK, task.task_id, dag.entity)
    for run in dag.runs:
        if run.tis:
            _align(metadata, run, old, plan)
    _count(metadata, dag)
    for run in dag.live:
        metadata.mark(run)


def verify_integrity(metadata: Metadata, run: Run) -> None:
    """An examination sees a run for the first time since its DAG changed."""
    change = run.change
    if change is None or change.seen:
        return
    change.seen = True
    for ti in change.gone:
        metadata.set_state(ti, REMOVED, -1, {"reason": "removed"})
    back, change.back = change.back, []
    for ti in back:
        if ti.state == REMOVED:
            metadata.set_state(ti, NONE, -1, {"reason": "restored"})


def appear(metadata: Metadata, run: Run) -> None:
    """Tasks that are new to the DAG get their task instances in this run."""
    if not run.absent:
        return
    run.absent = False
    for ti in run.tis:
        if ti.entity < 0:
            task = ti.task
            ti.entity = metadata.kernel.journal.entity(
                Entity.TASK_INSTANCE, task.task_id, run.entity, -1
            )
            ti.state = NONE
            run.unfinished += 1
            if task.number in run.dag.plan.literal and task.shape is not None:
                expand(metadata, ti, task.shape.literal)
    _look_anew(run)


def _align(metadata: Metadata, run: Run, old: DagPlan, plan: DagPlan) -> None:
    rows = {task.task_id: of_task(run, task.number) for task in old.tasks}
    away: dict[str, list[TaskInstance]] = {}
    for ti in run.change.gone if run.change is not None else ():
        away.setdefault(ti.task.task_id, []).append(ti)
    metadata.candidates.refile(run)
    run.tis, run.extra, run.repeats = [], None, True
    extra: dict[int, list[TaskInstance]] = {}
    back: list[TaskInstance] = []
    for task in plan.tasks:
        back += away.get(task.task_id, ())
        found = rows.pop(task.task_id, None) or away.pop(task.task_id, None)
        first, *others = found or [_absent(run, task)]
        for ti in (first, *others):
            _move(metadata, ti, task)
        run.tis.append(first)
        if others:
            extra[task.number] = others
    run.extra = extra or None
    _watch_strays(run, extra)
    run.absent = any(ti.entity < 0 for ti in run.tis)
    gone = [ti for left in (*rows.values(), *away.values()) for ti in left if ti.entity >= 0]
    for ti in gone:
        _move(metadata, ti, _alone(ti.task, len(plan.tasks)))
    run.change = Change(gone, back)
    _renumber(run, old, plan)
    if run.state in {RUN_SUCCESS, RUN_FAILED}:
        _look_anew(run)
    else:
        appear(metadata, run)
        _look_anew(run)


def _watch_strays(run: Run, extra: Mapping[int, list[TaskInstance]]) -> None:
    """Indices of a task that is not mapped any more stay: who is above them must know of all."""
    for number in extra:
        for above in run.tis[number].task.upstream:
            for ti in of_task(run, above):
                if ti.task.shape is None:
                    ti.task = replace(ti.task, simple=False, shape=ORDINARY)


def _absent(run: Run, task: TaskPlan) -> TaskInstance:
    """In a run that has ended there is none of a task that is new; nothing waits for it."""
    ti = TaskInstance(run, task, -1)
    ti.state = SUCCESS
    return ti


def _alone(task: TaskPlan, count: int) -> TaskPlan:
    """A task that is in no DAG any more: nobody is above or below it."""
    return replace(
        task,
        upstream=(),
        downstream=(),
        below=frozenset(),
        upstream_total=0,
        lane=count + task.number,
        limited=False,
        simple=False,
        shape=None,
    )


def _move(metadata: Metadata, ti: TaskInstance, task: TaskPlan) -> None:
    """A row follows its task; the slots that it holds go along."""
    pools, was = metadata.pools, ti.task
    ti.task = task
    if ti.state == SCHEDULED:
        metadata.scheduled -= 1
        metadata.enter(ti)
    elif ti.state in _HOLDS_SLOT:
        pools[was.pool].used -= was.pool_slots
        pools[task.pool].used += task.pool_slots
    elif ti.state == DEFERRED:
        for pool, sign, of in ((pools[was.pool], -1, was), (pools[task.pool], 1, task)):
            if pool.include_deferred:
                pool.used += sign * of.pool_slots


def _renumber(run: Run, old: DagPlan, plan: DagPlan) -> None:
    """What a run remembers by numbers of tasks."""
    to = {old.numbers[name]: number for name, number in plan.numbers.items() if name in old.numbers}
    if run.decisions is not None:
        run.decisions = {
            (to[number], index): frozenset(to[one] for one in skipped if one in to)
            for (number, index), skipped in run.decisions.items()
            if number in to
        }
    if run.returned is not None:
        run.returned = {
            (to[number], index): length
            for (number, index), length in run.returned.items()
            if number in to
        }


def _look_anew(run: Run) -> None:
    """Every task instance counts what is above it once more, and is looked at."""
    run.touched, run.going = [], None
    present = instances(run)
    for ti in present:
        recount(ti)
        ti.touched = ti.state == NONE
        if ti.touched:
            run.touched.append(ti)
    run.waiting = [ti for ti in run.waiting if ti.state != NONE and ti in present]


def _count(metadata: Metadata, dag: DagRow) -> None:
    """Bounds of single tasks, by their new numbers."""
    counted = _HOLDS_SLOT | ({DEFERRED} if metadata.version.bounds_count_deferred else frozenset())
    dag.task_active = {}
    for run in dag.runs:
        run.task_active = {} if dag.plan.limited else None
        for ti in instances(run):
            if ti.task.limited and ti.state in counted:
                count_active(ti, 1)
