"""What an operator does: clear, rerun, trigger, backfill, pause, resize a pool.

Source: Airflow 2.11.2 and 3.3.2, models/taskinstance.py `clear_task_instances`, models/dag.py
`clear`, models/backfill.py (3.x), api/common/trigger_dag.py. What this version of Airflow would
refuse is refused and written down as such.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import MICROSECOND, start_of_day
from sim.model.facts import Entity, Fact
from sim.model.interventions import Backfill, Clear, Mark, Pause, Rerun, SetPool, Trigger
from sim.orchestrators.airflow.backfills import (
    REPROCESSED,
    left_alone,
    refuses_backfill,
    runs_between,
)
from sim.orchestrators.airflow.graph import subset as with_setups
from sim.orchestrators.airflow.macros import data_date
from sim.orchestrators.airflow.marking import Desk, Marking
from sim.orchestrators.airflow.redefinition import appear
from sim.orchestrators.airflow.rows import (
    FAILED,
    NONE,
    RESTARTING,
    RUN_FAILED,
    RUN_RUNNING,
    RUN_SUCCESS,
    RUNNING,
    UPSTREAM_FAILED,
    instances,
    of_task,
)
from sim.orchestrators.airflow.rows import Backfill as BackfillRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sim.model.interventions import Intervention
    from sim.orchestrators.airflow.backfill_job import BackfillJob
    from sim.orchestrators.airflow.creation import Creation
    from sim.orchestrators.airflow.earlier_runs import EarlierRuns
    from sim.orchestrators.airflow.intervals import RunInfo
    from sim.orchestrators.airflow.lifecycle import Lifecycle
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow, Run, TaskInstance
    from sim.orchestrators.airflow.slas import Slas


class Operations:
    """Carries interventions out on one deployment."""

    def __init__(
        self,
        metadata: Metadata,
        creation: Creation,
        lifecycle: Lifecycle,
        *,
        slas: Slas,
        earlier: EarlierRuns,
        new_job: Callable[[DagRow, list[RunInfo], str, int], BackfillJob],
    ) -> None:
        self._metadata = metadata
        self._kernel = metadata.kernel
        self._creation = creation
        self._lifecycle = lifecycle
        self._slas = slas
        self._earlier = earlier
        self._new_job = new_job
        self.jobs: list[BackfillJob] = []
        """Backfill processes of 2.x."""
        desk = Desk(self._runs_of, self._note, self._entity_of, self.clear)
        self._marking = Marking(metadata, creation, lifecycle, desk)

    def perform(self, action: Intervention) -> None:
        """Do it now. What cannot be done is only written down, with the reason."""
        perform: dict[type, Callable[[Any], None]] = {
            Rerun: self._rerun,
            Clear: self._clear,
            Trigger: self._trigger,
            Backfill: self._backfill,
            SetPool: self._set_pool,
            Pause: self._pause,
            Mark: self._marking.perform,
        }
        perform[type(action)](action)

    # -- rerun and clear --------------------------------------------------------------------

    def _rerun(self, action: Rerun) -> None:
        """Clear the runs of that data date in every DAG, as an operator does; else start one."""
        for dag in self._metadata.dags.values():
            runs = self._runs_of(dag, action.data_date)
            refused = self._refuses_clear(runs)
            row = self._note(
                dag.entity, action, "rerun", refused=refused, data_date=action.data_date
            )
            for run in runs if refused is None else ():
                appear(self._metadata, run)
                self.clear(run, instances(run), cause=row)
            if not runs:
                self.trigger(dag, self._date_to_trigger(dag, action.data_date), cause=row)

    def _clear(self, action: Clear) -> None:
        dag = self._metadata.dags.get(action.pipeline)
        entity = self._entity_of(action.pipeline)
        runs = [] if dag is None else self._runs_of(dag, action.data_date)
        unknown = [] if dag is None else [t for t in action.tasks if t not in dag.plan.numbers]
        refused = "no_such_run" if not runs else "no_such_task" if unknown else None
        refused = refused or self._refuses_clear(runs)
        row = self._note(
            entity,
            action,
            "clear",
            refused=refused,
            data_date=action.data_date,
            tasks=list(action.tasks),
            downstream=action.downstream,
            only_failed=action.only_failed,
        )
        if refused is None:
            for run in runs:
                appear(self._metadata, run)
                tis = select(
                    run,
                    action.tasks,
                    downstream=action.downstream,
                    only_failed=action.only_failed,
                    subset=True,
                )
                self.clear(run, tis, cause=row)

    def _refuses_clear(self, runs: Sequence[Run]) -> str | None:
        forbids = self._creation.deadlines.forbids_clear
        return "deadline_not_moved" if any(forbids(run) for run in runs) else None

    def clear(self, run: Run, tis: Sequence[TaskInstance], *, cause: int) -> str | None:
        """Set task instances back to no state with fresh tries; a finished run is queued again.

        Nothing at all happens to a run that Airflow cannot clear: the answer is the reason.
        """
        refused = self._refuses_clear([run]) if tis else None
        if not tis or refused is not None:
            return refused
        self._slas.cleared(run.dag)
        if run.state in {RUN_SUCCESS, RUN_FAILED}:
            self._lifecycle.requeue(run, cause)
        elif run.state == RUN_RUNNING and self._metadata.version.answers_by_http:
            run.queued_at = self._kernel.now
        for ti in tis:
            self._metadata.archive(ti)
            if ti.state == RUNNING:
                self._metadata.set_state(ti, RESTARTING, cause, {"reason": "cleared"})
                continue
            ti.max_tries = ti.try_number + ti.task.retries
            ti.sensor_clock = None
            self._metadata.set_state(ti, NONE, cause, {"reason": "cleared"})
        self._metadata.mark(run)
        return None

    def _runs_of(self, dag: DagRow, day: str) -> list[Run]:
        """The DAG's runs of a data date, those before the clock started included."""
        runs = [run for run in dag.runs if data_date(run) == day and run.tis]
        if runs:
            return runs
        run = self._earlier.of_day(dag, date.fromisoformat(day))
        return [] if run is None else [run]

    def _date_to_trigger(self, dag: DagRow, day: str) -> int:
        first = start_of_day(date.fromisoformat(day))
        info = self._creation.scheduled_run_of(dag, first)
        return first if info is None else info.logical_date

    # -- trigger and backfill ---------------------------------------------------------------

    def _trigger(self, action: Trigger) -> None:
        dag = self._metadata.dags.get(action.pipeline)
        logical_date = action.logical_date
        if logical_date is None and self._metadata.version.pointer_stops:
            logical_date = self._kernel.now
        refused = None
        if dag is None:
            refused = "no_such_dag"
        elif logical_date in dag.runs_by_date:
            refused = "run_exists"
        row = self._note(
            self._entity_of(action.pipeline),
            action,
            "trigger",
            refused=refused,
            logical_date=logical_date,
        )
        if dag is not None and refused is None:
            self.trigger(dag, logical_date, cause=row, conf=action.conf)

    def trigger(
        self,
        dag: DagRow,
        logical_date: int | None,
        *,
        cause: int,
        conf: dict[str, str] | None = None,
    ) -> None:
        """A manual run, unless there is one of that logical date."""
        if logical_date is not None and logical_date in dag.runs_by_date:
            return
        now = self._kernel.now
        interval = None
        if logical_date is not None:
            interval = dag.plan.timetable.manual_interval(logical_date)
        of_date = self._metadata.version.pointer_stops and logical_date is not None
        self._creation.queue_run(
            dag,
            "manual",
            logical_date,
            run_after=logical_date if of_date and logical_date is not None else now,
            interval=interval,
            conf=conf,
            cause=cause,
        )

    def _backfill(self, action: Backfill) -> None:
        dag = self._metadata.dags.get(action.pipeline)
        refused = None if dag is not None else "no_such_dag"
        left: dict[str, Any] = {}
        if dag is not None:
            refused = refuses_backfill(dag, action, self._metadata.version)
            zone = dag.plan.timezone
            after = date.fromisoformat(action.last) + timedelta(days=1)
            first = start_of_day(date.fromisoformat(action.first), zone)
            last = start_of_day(after, zone) - MICROSECOND
            infos = runs_between(dag.plan, first, last, now=self._kernel.now)
            self._earlier.remember(dag, infos)
            if refused is None and self._metadata.version.backfill_in_scheduler:
                again = partial(self._reprocesses, reprocess=action.reprocess)
                left = left_alone(dag, infos, again)
        row = self._note(
            self._entity_of(action.pipeline),
            action,
            "backfill",
            refused=refused,
            first=action.first,
            last=action.last,
            max_active_runs=action.max_active_runs,
            reverse=action.reverse,
            reprocess=action.reprocess,
            **left,
        )
        if dag is not None and refused is None:
            self.backfill(
                dag,
                first,
                last,
                max_active_runs=action.max_active_runs,
                reverse=action.reverse,
                reprocess=action.reprocess,
                cause=row,
            )

    def backfill(
        self,
        dag: DagRow,
        first: int,
        last: int,
        *,
        max_active_runs: int,
        reverse: bool,
        reprocess: str,
        cause: int,
    ) -> None:
        """Run the schedule with the logical dates from `first` to `last`.

        3.x queues those that are complete for the scheduler, 2.x starts a process for all of them,
        which keeps to the DAG's own max_active_runs.
        """
        infos = runs_between(dag.plan, first, last, now=self._kernel.now)
        if not self._metadata.version.backfill_in_scheduler:
            job = self._new_job(dag, infos[::-1] if reverse else infos, reprocess, cause)
            self.jobs.append(job)
            job.start()
            return
        infos = [info for info in infos if info.end < self._kernel.now]
        dag.backfill = backfill = BackfillRow(max_active_runs)
        ordinal = 0
        for info in reversed(infos) if reverse else infos:
            ordinal += 1
            run = dag.runs_by_date.get(info.logical_date)
            if run is not None and not self._reprocesses(run, reprocess=reprocess):
                continue
            if run is None:
                run = self._creation.queue_run(
                    dag,
                    "backfill",
                    info.logical_date,
                    run_after=info.run_after,
                    interval=info.interval,
                    cause=cause,
                )
                run.backfill, run.ordinal = backfill, ordinal
            else:
                run.backfill, run.ordinal, run.run_type = backfill, ordinal, "backfill"
                self.clear(run, instances(run), cause=cause)
            backfill.left += 1

    def _reprocesses(self, run: Run, *, reprocess: str) -> bool:
        """Whether a backfill of 3.x runs a run again that is there already."""
        return run.state in REPROCESSED[reprocess] and self._refuses_clear([run]) is None

    # -- pools and pauses -------------------------------------------------------------------

    def _set_pool(self, action: SetPool) -> None:
        pool = self._metadata.pools.get(action.pool)
        entity = self._kernel.journal.entity(Entity.POOL, action.pool)
        refused = None if pool is not None else "no_such_pool"
        row = self._note(entity, action, "set_pool", refused=refused, slots=action.slots)
        if pool is not None:
            pool.slots = action.slots
            self._kernel.fact(Fact.POOL, pool.entity, action.slots, row)
            if self._metadata.scheduled:
                self._metadata.wake()

    def _pause(self, action: Pause) -> None:
        dag = self._metadata.dags.get(action.pipeline)
        refused = None if dag is not None else "no_such_dag"
        if action.data_date is not None:
            refused = "one_run_cannot_be_paused"
        row = self._note(
            self._entity_of(action.pipeline), action, "pause", refused=refused, paused=action.paused
        )
        if refused is not None:
            return
        if dag is not None and action.paused:
            self._lifecycle.pause(dag, cause=row)
        elif dag is not None:
            self._lifecycle.unpause(dag, cause=row)

    # -- facts ------------------------------------------------------------------------------

    def refuse(self, action: Intervention, reason: str) -> None:
        """Write down that nothing was done."""
        name = type(action).__name__.lower()
        words = {"setpool": "set_pool"}
        self._note(
            self._kernel.journal.entity(Entity.WORLD, "world"),
            action,
            words.get(name, name),
            refused=reason,
        )

    def _note(
        self,
        entity: int,
        action: Intervention,
        name: str,
        *,
        refused: str | None = None,
        **detail: Any,
    ) -> int:
        if refused is not None:
            detail["refused"] = refused
        return self._kernel.fact(Fact.INTERVENTION, entity, action=name, by=action.by, **detail)

    def _entity_of(self, pipeline: str) -> int:
        return self._kernel.journal.entity(Entity.PIPELINE, pipeline)


def select(
    run: Run,
    task_ids: Collection[str],
    *,
    downstream: bool,
    only_failed: bool,
    upstream: bool = False,
    subset: bool = False,
) -> list[TaskInstance]:
    """The task instances of a run that a clear is about; no task ids means all tasks.

    `subset` takes the setups and teardowns along that the tasks need, as UI and API do.
    """
    plan = run.dag.plan
    numbers = {plan.numbers[task_id] for task_id in task_ids} or set(range(len(plan.tasks)))
    if subset:
        numbers = with_setups(plan.graph, numbers, downstream=downstream, upstream=upstream)
    elif downstream:
        numbers = numbers.union(*(plan.tasks[number].below for number in numbers))
    tis = [ti for number in sorted(numbers) for ti in of_task(run, number)] if run.tis else []
    if only_failed:
        tis = [ti for ti in tis if ti.state in {FAILED, UPSTREAM_FAILED}]
    return tis
