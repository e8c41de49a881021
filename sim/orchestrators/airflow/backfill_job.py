"""`airflow dags backfill` of 2.x: a process of its own, with its own loop and its own executor.

It takes as many dates as max_active_runs lets through, works on those runs until all of them are
over, and only then takes the next ones. The scheduler leaves its runs alone. In one loop it queues
what is ready, sleeps until its next heartbeat, and then starts what it queued. Source: Airflow
2.11.2, jobs/backfill_job_runner.py. Invariant: a run of this process is in no list of the
scheduler's; when the process dies, its runs stay running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.airflow import together
from sim.orchestrators.airflow.clockwork import Clockwork
from sim.orchestrators.airflow.examination import Examination
from sim.orchestrators.airflow.rows import (
    FAILED,
    NONE,
    QUEUED,
    RESTARTING,
    RUN_FAILED,
    RUN_QUEUED,
    RUN_RUNNING,
    RUN_SUCCESS,
    RUNNING,
    SCHEDULED,
    SKIPPED,
    SUCCESS,
    UPSTREAM_FAILED,
    instances,
    of_task,
)
from sim.orchestrators.airflow.scheduler_job import SchedulerJob

if TYPE_CHECKING:
    from sim.orchestrators.airflow.executors.several import ExecutorLoader
    from sim.orchestrators.airflow.intervals import RunInfo
    from sim.orchestrators.airflow.lifecycle import Lifecycle
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.processes import Processes
    from sim.orchestrators.airflow.rows import DagRow, Run, TaskInstance

BACKFILL_BEAT = 5 * SECOND
"""From one loop to the next when `[scheduler] job_heartbeat_sec` is switched off here."""
_DELAY_ON_LIMIT = 1 * SECOND
"""--delay-on-limit."""
_BAD = frozenset({FAILED, UPSTREAM_FAILED})
_HELD = frozenset({QUEUED, RUNNING, RESTARTING})
_ENDED = _BAD | {SUCCESS, SKIPPED}


class BackfillJob:
    """One backfill under way."""

    def __init__(
        self,
        metadata: Metadata,
        lifecycle: Lifecycle,
        loader: ExecutorLoader,
        processes: Processes,
        *,
        heartbeat: int,
        dag: DagRow,
        infos: list[RunInfo],
        reprocess: str,
        cause: int,
    ) -> None:
        self._metadata = metadata
        self._lifecycle = lifecycle
        self._dag = dag
        self._infos = infos
        """Dates not taken yet, in order."""
        self._reprocess = reprocess
        """`failed`: --rerun-failed-tasks; `completed`: --reset-dagruns."""
        self._cause = cause
        self._clockwork = clockwork = Clockwork(metadata.kernel, span=heartbeat)
        clockwork.loop = self._loop
        self._executor = loader.load(clockwork)
        self._processes = processes
        self._process = SchedulerJob(
            -1,
            clockwork=clockwork,
            executor=self._executor,
            started=metadata.kernel.now,
            heartbeat=heartbeat,
        )
        """What its task instances are queued by."""
        self._examination = Examination(metadata, self._end)
        self._runs: list[Run] = []
        """Runs that are not over, in the order in which they were taken."""
        self._queued: list[TaskInstance] = []
        """Queued in the latest loop, to be started after the next heartbeat."""
        self._failed = False
        self.over = False

    def start(self) -> None:
        """The process starts now."""
        self._take_runs()

    def wake(self) -> None:
        """Something changed in one of its runs."""
        if not self.over:
            self._clockwork.wake()

    def die(self, reason: str) -> None:
        """The host or the database went down."""
        if self.over:
            return
        self.over = True
        self._process.died = self._metadata.kernel.now
        held = [ti for run in self._runs for ti in instances(run) if ti.state in _HELD]
        self._processes.die_with(self._process, held, reason)
        self._clockwork.stop()

    # -- runs -------------------------------------------------------------------------------

    def _take_runs(self) -> None:
        """Take dates in order; one without a run is left for later when the DAG is full."""
        left = []
        for info in self._infos:
            run = self._dag.runs_by_date.get(info.logical_date)
            if run is None and self._dag.running >= self._dag.plan.max_active_runs:
                left.append(info)
            else:
                self._take(run, info)
        self._infos = left
        if self._runs:
            self._clockwork.again()
        elif left:
            self._metadata.kernel.after(_DELAY_ON_LIMIT, self._take_again)
        else:
            self.over = True

    def _take_again(self) -> None:
        if not self.over:
            self._take_runs()

    def _take(self, run: Run | None, info: RunInfo) -> None:
        """Make a date's run one of this process, whatever it was before."""
        metadata, dag = self._metadata, self._dag
        if run is None:
            run = metadata.new_run(
                dag,
                "backfill",
                info.logical_date,
                run_after=info.run_after,
                interval=info.interval,
            )
            detail = metadata.describe(run)
        else:
            self._take_over(run)
            detail = {**metadata.describe(run), "reason": "taken_over"}
        run.job = self
        run.run_type = "backfill"
        run.started = metadata.kernel.now if run.started is None else run.started
        dag.running += 1
        detail["run_type"] = run.run_type
        metadata.set_run_state(run, RUN_RUNNING, cause=self._cause, detail=detail)
        for ti in instances(run):
            ti.cause = run.row if ti.cause < 0 else ti.cause
            again = self._reprocess == "completed" or (
                self._reprocess == "failed" and ti.state in _BAD
            )
            if again and ti.state in _ENDED:
                ti.max_tries = ti.try_number + ti.task.retries
                metadata.set_state(ti, NONE, run.row, {"reason": "cleared"})
        self._runs.append(run)

    def _take_over(self, run: Run) -> None:
        """A run that the scheduler knows leaves its lists."""
        metadata, dag = self._metadata, run.dag
        if run.state == RUN_RUNNING and run.job is None:
            self._lifecycle.leave(run)
        elif run.state == RUN_QUEUED:
            metadata.queued_runs.remove(run)
            dag.queued -= 1

    # -- the loop ---------------------------------------------------------------------------

    def _loop(self) -> None:
        metadata, now = self._metadata, self._metadata.kernel.now
        self._clockwork.last = now
        started, self._queued = self._queued, []
        for ti in started:
            ti.token += 1
            ti.job = self._process
            self._executor.of(ti).send(ti, ti.token)
        self._executor.sync(now)
        for run in list(self._runs):
            self._examine(run, now)
        self._queue(now)
        if self._queued or (self._dag.plan.looks_back and any(run.waiting for run in self._runs)):
            self._clockwork.again()
        if not self._runs:
            self._batch_over()
        metadata.wake()

    def _examine(self, run: Run, now: int) -> None:
        """Schedule what is ready in a run; notice its end."""
        examination = self._examination
        if run.state != RUN_RUNNING:
            self._runs.remove(run)
            return
        if run.unfinished == 0:
            leaves = run.dag.plan.leaves if run.tis else ()
            bad = any(ti.state in _BAD for leaf in leaves for ti in of_task(run, leaf))
            self._end(run, RUN_FAILED if bad else RUN_SUCCESS, "")
            return
        ready, changes, _ = examination.decide(run, now)
        examination.apply(changes)
        together.schedule(self._metadata, run, ready, now)
        stuck = not (ready or changes or run.active or run.touched or run.waiting)
        if stuck and all(ti.state == NONE or ti.state in _ENDED for ti in instances(run)):
            self._end(run, RUN_FAILED, "deadlock")

    def _queue(self, now: int) -> None:
        """Queue in topological order, run by run; the first bound that is met ends the pass.

        Pools are asked for one open slot, whatever pool_slots says.
        """
        metadata, plan = self._metadata, self._dag.plan
        runs = [run for run in self._runs if run.tis]
        tis = (ti for task in plan.tasks for run in runs for ti in of_task(run, task.number))
        for ti in tis:
            if ti.state != SCHEDULED:
                continue
            full = self._executor.free(now) <= 0
            if full or self._bounded(ti):
                return
            metadata.queue(ti, now)
            self._executor.of(ti).take(1)
            self._queued.append(ti)

    def _bounded(self, ti: TaskInstance) -> bool:
        task, dag, run = ti.task, self._dag, ti.run
        if self._metadata.pools[task.pool].open <= 0:
            return True
        if dag.active >= dag.plan.max_active_tasks:
            return True
        in_dag, in_run = task.max_active_tis_per_dag, task.max_active_tis_per_dagrun
        if in_dag is not None and dag.task_active.get(task.number, 0) >= in_dag:
            return True
        active = 0 if run.task_active is None else run.task_active.get(task.number, 0)
        return in_run is not None and active >= in_run

    # -- ends -------------------------------------------------------------------------------

    def _end(self, run: Run, state: int, reason: str) -> None:
        self._runs.remove(run)
        self._dag.running -= 1
        self._failed = self._failed or any(ti.state in _BAD for ti in instances(run))
        self._failed = self._failed or reason == "deadlock"
        self._lifecycle.close(run, state, reason)

    def _batch_over(self) -> None:
        """Without --continue-on-failures a failed task ends the whole backfill."""
        if self._infos and not self._failed:
            self._metadata.kernel.after(_DELAY_ON_LIMIT, self._take_again)
        else:
            self.over = True
