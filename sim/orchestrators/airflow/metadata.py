"""The metadata database: rows, the one way to change a state, and the facts that go with it.

Whoever changes a state comes through here, so that counters (slots used, tasks active, upstream
counts), the list of candidates and the journal never disagree with the states.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import format_instant
from sim.model.facts import Entity, Fact
from sim.model.states import FINISHED
from sim.orchestrators.airflow.candidates import Candidates
from sim.orchestrators.airflow.macros import run_macros
from sim.orchestrators.airflow.mapping import expand_at_creation, looks_at
from sim.orchestrators.airflow.occupancy import count_active, occupy_deferred
from sim.orchestrators.airflow.rows import (
    DEFERRED,
    NONE,
    NULL_FIRST,
    QUEUED,
    RESTARTING,
    RUN_RUNNING,
    RUNNING,
    SCHEDULED,
    TRY,
    UP_FOR_RESCHEDULE,
    UP_FOR_RETRY,
    DagRow,
    Pool,
    Run,
    TaskInstance,
    of_task,
)
from sim.orchestrators.airflow.trigger_rules import UNIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.kernel.loop import Kernel
    from sim.orchestrators.airflow.intervals import DataInterval
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.orchestrators.airflow.versions import Version

TASK_STATE = int(Fact.TASK_STATE)
RUN_STATE = int(Fact.RUN_STATE)
TASK_INSTANCE = int(Entity.TASK_INSTANCE)

_FINISHED = tuple(state in FINISHED for state in range(16))
_NEW_ID = frozenset({NONE, UP_FOR_RETRY, RESTARTING})
_SAME_TRY = frozenset({UP_FOR_RESCHEDULE, QUEUED, DEFERRED})
_WAITS = frozenset({UP_FOR_RETRY, UP_FOR_RESCHEDULE, DEFERRED})
_REPEATS = _NEW_ID | _WAITS


class Metadata:
    """All rows of one deployment."""

    def __init__(self, kernel: Kernel, version: Version) -> None:
        self.kernel = kernel
        self.version = version
        self.add = kernel.journal.add
        self.dags: dict[str, DagRow] = {}
        self.pools: dict[str, Pool] = {}
        self.queued_runs: list[Run] = []
        """Queued runs in order of their (latest) queueing."""
        self.candidates = Candidates()
        """Scheduled task instances in the critical section's order."""
        self.scheduled = 0
        """How many task instances are scheduled."""
        self.dirty = 0
        """How many running runs an examination could decide something about."""
        self.wake: Callable[[], None] = lambda: None
        """Called when the next loop has something to decide; inside a loop it does nothing."""
        self.again: Callable[[], None] = lambda: None
        """Called when a loop leaves something for the next one."""
        self.paused_changed: Callable[[], None] = lambda: None
        """Called when something changed in a running run of a paused DAG."""
        self.generations: dict[int, int] = {}
        """By task instance: how many ids the row has had; in 3.x an archived try leaves a new one.
        Here and below: of the few that have any, since there are thousands of others."""
        self.archived_at: dict[int, int] = {}
        """By task instance, 3.x: when a try of it was last archived unfinished, which ends it
        [models/taskinstancehistory.py `record_ti`]."""
        self.left_behind: Callable[[TaskInstance], None] = lambda _: None
        """Called when a state is changed from outside while a process has the task instance.

        A worker that writes a state itself takes its `process` off the row before."""
        self.left_deferred: Callable[[TaskInstance], None] = lambda _: None
        """Called when a task instance is deferred no longer, for whatever reason."""

    # -- rows -------------------------------------------------------------------------------

    def new_dag(self, plan: DagPlan) -> DagRow:
        """Register a DAG and intern its tasks."""
        journal = self.kernel.journal
        entity = journal.entity(Entity.PIPELINE, plan.dag_id)
        for task in plan.tasks:
            journal.entity(Entity.TASK, task.task_id, entity)
        dag = self.dags[plan.dag_id] = DagRow(plan, entity)
        if dag.paused:
            self.kernel.fact(Fact.PAUSED, entity, 1)
        return dag

    def new_pool(self, name: str, slots: int, *, include_deferred: bool = False) -> None:
        """Register a pool."""
        entity = self.kernel.journal.entity(Entity.POOL, name)
        self.pools[name] = Pool(name, slots, entity, include_deferred=include_deferred)
        self.kernel.fact(Fact.POOL, entity, slots)

    def new_run(
        self,
        dag: DagRow,
        run_type: str,
        logical_date: int | None,
        *,
        run_after: int,
        interval: DataInterval | None,
        conf: Mapping[str, str] | None = None,
    ) -> Run:
        """A run with its task instances, which is not in any list of runs yet.

        A logical date outside of the DAG's start_date and end_date makes no task instances at all,
        except in a backfill [models/dagrun.py `verify_integrity`].
        """
        plan, journal = dag.plan, self.kernel.journal
        run = Run(dag, run_type, logical_date, run_after)
        dag.runs.append(run)
        if logical_date is not None:
            dag.runs_by_date[logical_date] = run
            newest = dag.newest
            if run_type != "manual" and (
                newest is None or logical_date > (newest.logical_date or 0)
            ):
                dag.newest = run
        if interval is not None:
            run.start, run.end = interval.start, interval.end
        run.conf = conf
        run.run_id = (
            f"{run_type}__{format_instant(run_after if logical_date is None else logical_date)}"
        )
        run.entity = journal.entity(Entity.RUN, run.run_id, dag.entity, run.number)
        if run_type == "backfill" or _inside(plan, logical_date):
            entities = journal.new_entities(TASK_INSTANCE, plan.task_ids, run.entity, -1)
            run.tis = list(map(TaskInstance, repeat(run), plan.tasks, entities))
            run.unfinished = len(run.tis)
            run.touched = [run.tis[number] for number in plan.starters]
            for ti in run.touched:
                ti.touched = True
        if plan.limited:
            run.task_active = {}
        if plan.literal and run.tis:
            expand_at_creation(self, run)
        return run

    def set_run_state(
        self, run: Run, state: int, *, cause: int = -1, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Write a run's new state down; the lists that it is in are the caller's business."""
        run.state = state
        run.row = self.add(self.kernel.now, RUN_STATE, run.entity, state, cause, detail)

    def describe(self, run: Run) -> dict[str, Any]:
        """What a run's first fact says about it."""
        return {
            "run_type": run.run_type,
            "logical_date": run.logical_date,
            "data_interval_start": run.start,
            "data_interval_end": run.end,
            "run_after": run.run_after,
        }

    def mark(self, run: Run) -> None:
        """An examination of this run could decide something."""
        if run.dirty or run.state != RUN_RUNNING:
            return
        if run.job is not None:
            run.job.wake()
            return
        if run.dag.held:
            if not run.dag.stale:
                self.paused_changed()
            return
        run.dirty = True
        self.dirty += 1
        self.wake()

    def unmark(self, run: Run) -> None:
        """Nothing is left to decide about this run for now."""
        if run.dirty:
            run.dirty = False
            self.dirty -= 1

    def macros(self, run: Run) -> dict[str, Any]:
        """The template names of a run."""
        return run_macros(run)

    # -- states of task instances -----------------------------------------------------------

    def set_state(
        self, ti: TaskInstance, state: int, cause: int = -1, detail: dict[str, Any] | None = None
    ) -> None:
        """Put a task instance into a state, from any other one."""
        old, run = ti.state, ti.run
        if old == state:
            return
        if _FINISHED[old]:
            run.unfinished += 1
            self._tell_downstream(ti, -UNIT[old])
        elif old in (QUEUED, RUNNING):
            self.release(ti)
            if ti.process is not None:
                self.left_behind(ti)
        elif old in (SCHEDULED, DEFERRED):
            self._take_back(ti)
        if state in _REPEATS:
            self._comes_again(ti, state)
        ti.state = state
        ti.row = self.add(
            self.kernel.now, TASK_STATE, ti.entity, state + TRY * ti.try_number, cause, detail
        )
        if _FINISHED[state]:
            run.unfinished -= 1
            self._tell_downstream(ti, UNIT[state])
            self.finished(ti)
        elif state == NONE:
            ti.cause = ti.row
            self.touch(ti)
        elif state in _WAITS:
            self._wait(ti)

    def _comes_again(self, ti: TaskInstance, state: int) -> None:
        """It is to be scheduled once more."""
        ti.run.repeats = True
        if state in _NEW_ID:
            self.generations[ti.entity] = self.generations.get(ti.entity, 0) + 1

    def _wait(self, ti: TaskInstance) -> None:
        """It goes on when its time has come, or its trigger fires."""
        if ti.state == DEFERRED:
            occupy_deferred(self, ti, 1)
        else:
            ti.run.waiting.append(ti)

    def _take_back(self, ti: TaskInstance) -> None:
        """It waits for the critical section, or for its trigger, no longer."""
        if ti.state == DEFERRED:
            self._unpark(ti)
        else:
            ti.entry = None
            self.scheduled -= 1

    def _unpark(self, ti: TaskInstance) -> None:
        occupy_deferred(self, ti, -1)
        self.left_deferred(ti)
        if self.scheduled:
            self.wake()

    def archive(self, ti: TaskInstance) -> None:
        """3.x, before a clear or a reset: a try that is archived unfinished ends at that moment."""
        if self.version.answers_by_http and not _FINISHED[ti.state]:
            self.archived_at[ti.entity] = self.kernel.now

    def touch(self, ti: TaskInstance) -> None:
        """Have a task instance looked at in the next examination of its run."""
        if not ti.touched:
            ti.touched = True
            ti.run.touched.append(ti)
        self.mark(ti.run)

    def _tell_downstream(self, ti: TaskInstance, unit: int) -> None:
        run, task = ti.run, ti.task
        shape, tis = task.shape, run.tis
        if shape is None:
            for number in task.downstream:
                _tell(tis[number], unit, ti.row)
            return
        below = [tis[number] for number in task.downstream]
        if run.extra is not None:
            below += [other for number in task.downstream for other in run.extra.get(number, ())]
        for other in below:
            if not shape.pairs or looks_at(other, ti):
                _tell(other, unit, ti.row)
        for number in shape.watchers:
            for other in of_task(run, number):
                other.cause = ti.row
                if not other.touched:
                    other.touched = True
                    run.touched.append(other)

    def finished(self, ti: TaskInstance) -> None:
        """After a task instance finished: wake whoever may go on because of it."""
        run = ti.run
        if not run.dirty and (run.touched or run.unfinished == 0 or run.active == 0):
            self.mark(run)
        if run.dag.plan.looks_back:
            for other in run.dag.live:
                if other.waiting or other.touched:
                    self.mark(other)
        if self.scheduled:
            self.wake()

    def schedule(self, ti: TaskInstance, now: int) -> None:
        """To `scheduled`: a new try, unless a reschedule, a trigger or one stuck goes on."""
        old = ti.state
        if old == NONE or old not in _SAME_TRY:
            ti.try_number += 1
            ti.parked = None
            if ti.sensor_clock is not None and self.version.sensor_clock_per_try:
                ti.sensor_clock = None
        elif old == DEFERRED:
            self._unpark(ti)
        ti.state = SCHEDULED
        ti.row = self.add(
            now,
            TASK_STATE,
            ti.entity,
            SCHEDULED + TRY * ti.try_number,
            ti.cause if old == NONE else ti.row,
        )
        self.enter(ti)

    def enter(self, ti: TaskInstance) -> None:
        """A scheduled task instance is a candidate of the critical section from now on."""
        date = NULL_FIRST if ti.run.logical_date is None else ti.run.logical_date
        candidates = self.candidates
        candidates.sequence = sequence = candidates.sequence + 1
        ti.entry = entry = (ti.task.rank, date, ti.map_index, sequence, ti)
        self.scheduled += 1
        candidates.fresh.append(entry)

    def queue(self, ti: TaskInstance, now: int) -> None:
        """From scheduled to queued, where it occupies slots."""
        task, run = ti.task, ti.run
        ti.entry = None
        self.scheduled -= 1
        self.pools[task.pool].used += task.pool_slots
        run.active += 1
        run.dag.active += 1
        if task.limited:
            count_active(ti, 1)
        ti.state = QUEUED
        ti.row = self.add(now, TASK_STATE, ti.entity, QUEUED + TRY * ti.try_number, ti.row)

    def release(self, ti: TaskInstance) -> None:
        """Give back the slots of a queued or running task instance."""
        task, run = ti.task, ti.run
        self.pools[task.pool].used -= task.pool_slots
        run.active -= 1
        run.dag.active -= 1
        if task.limited:
            count_active(ti, -1)
        if self.scheduled:
            self.wake()


def _tell(below: TaskInstance, unit: int, row: int) -> None:
    """A task directly above one has ended, or has not any more."""
    below.counts += unit
    below.cause = row
    if not below.touched and (below.counts >= below.total or below.task.eager):
        below.touched = True
        below.run.touched.append(below)


def _inside(plan: DagPlan, logical_date: int | None) -> bool:
    if logical_date is None:
        return True
    after_start = plan.start_date is None or plan.start_date <= logical_date
    return after_start and (plan.end_date is None or logical_date <= plan.end_date)
