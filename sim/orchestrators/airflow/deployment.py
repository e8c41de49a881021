"""An Airflow deployment: one scheduler with its LocalExecutor on one host, put together.

Implements `sim.platform.contract.Orchestrator`. With the host the scheduler and every worker go
down; what the metadata database says stays. Source of what happens after that: Airflow 2.11.2 and
3.3.2, jobs/scheduler_job_runner.py `adopt_or_reset_orphaned_tasks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.kernel.loop import DECIDE_LAST, NORMAL
from sim.model.facts import Entity, Fact
from sim.model.work import Attempt
from sim.orchestrators.airflow.assets import Assets
from sim.orchestrators.airflow.backfill_job import BACKFILL_BEAT, BackfillJob
from sim.orchestrators.airflow.clockwork import Clockwork
from sim.orchestrators.airflow.creation import Creation
from sim.orchestrators.airflow.critical_section import CriticalSection
from sim.orchestrators.airflow.dag_files import DagFiles, Importing
from sim.orchestrators.airflow.deadlines import Deadlines
from sim.orchestrators.airflow.examination import Examination
from sim.orchestrators.airflow.executor import Executor
from sim.orchestrators.airflow.external_tasks import ExternalTasks, external_sensors
from sim.orchestrators.airflow.lifecycle import Lifecycle
from sim.orchestrators.airflow.macros import run_macros
from sim.orchestrators.airflow.metadata import Metadata
from sim.orchestrators.airflow.mini_scheduler import MiniScheduler
from sim.orchestrators.airflow.operations import Operations
from sim.orchestrators.airflow.paused import PausedRuns
from sim.orchestrators.airflow.plan import DEFAULT_POOL, plan_dags
from sim.orchestrators.airflow.rows import NONE, QUEUED, RESTARTING, RUN_FAILED, RUNNING
from sim.orchestrators.airflow.scheduler import Scheduler
from sim.orchestrators.airflow.slas import Slas
from sim.orchestrators.airflow.versions import VERSIONS
from sim.orchestrators.airflow.window import Window
from sim.orchestrators.airflow.worker import Workers

if TYPE_CHECKING:
    from sim.model.interventions import Intervention
    from sim.model.work import Workshop
    from sim.orchestrators.airflow.config import AirflowConfig
    from sim.orchestrators.airflow.intervals import RunInfo
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.orchestrators.airflow.rows import DagRow, Run, TaskInstance
    from sim.platform.contract import Platform


class Airflow:
    """One deployment. `cold=True`: no DAG has ever run before the clock starts."""

    def __init__(self, config: AirflowConfig, platform: Platform, *, cold: bool = False) -> None:
        self._config = config
        self._platform = platform
        self._kernel = kernel = platform.kernel
        self._cold = cold
        self._up = True
        self._orphans: list[tuple[TaskInstance, int]] = []
        version = VERSIONS[config.version]
        core, scheduler = config.cfg.core, config.cfg.scheduler
        self._threshold = parse_span(scheduler.scheduler_health_check_threshold)
        self._orphan_interval = parse_span(scheduler.orphaned_tasks_check_interval)
        self.metadata = metadata = Metadata(kernel, version)
        self.clockwork = clockwork = Clockwork(kernel, span=parse_span(config.loop))
        metadata.wake = clockwork.wake
        metadata.again = clockwork.again
        self.assets = Assets(metadata)
        self.executor = executor = Executor(core.parallelism, clockwork)
        self.workers = workers = self._new_workers(executor)
        self.deadlines = Deadlines(metadata, clockwork, self._send)
        self.slas = Slas(metadata, clockwork, self._send)
        self.creation = creation = Creation(
            metadata,
            dags_per_loop=scheduler.max_dagruns_to_create_per_loop,
            end=platform.end,
            parse_interval=parse_span(scheduler.min_file_process_interval),
            clockwork=clockwork,
            assets=self.assets,
            deadlines=self.deadlines,
        )
        limit = scheduler.max_dagruns_per_loop_to_schedule
        window = Window(limit, by_logical_date=version.pointer_stops)
        self.lifecycle = lifecycle = Lifecycle(
            metadata, creation, window, runs_per_loop=limit, announce=self._announce
        )
        examination = Examination(metadata, lifecycle.end)
        if version.mini_scheduler and scheduler.schedule_after_task_execution:
            workers.after_try = MiniScheduler(metadata, examination).after_try
        self.scheduler = Scheduler(
            metadata,
            clockwork,
            creation=creation,
            lifecycle=lifecycle,
            window=window,
            examination=examination,
            critical_section=CriticalSection(
                metadata, max_tis_per_query=scheduler.max_tis_per_query
            ),
            executor=executor,
            workers=workers,
            start_delay=parse_span(config.task_start_delay),
        )
        clockwork.loop = self.scheduler.loop
        metadata.paused_changed = PausedRuns(metadata, clockwork, examination).plan
        self._plans: dict[str, DagPlan] = {}
        self.dag_files = DagFiles(config, metadata, creation, lifecycle, self._register)
        self.operations = Operations(
            metadata, creation, lifecycle, workers, slas=self.slas, new_job=self._new_job
        )

    # -- the orchestrator's contract --------------------------------------------------------

    def start(self) -> None:
        """Register pools and DAGs, point each DAG at its next run, plan the host's outages."""
        kernel, metadata, config = self._kernel, self.metadata, self._config
        pools = {name: pool.slots for name, pool in config.pools.items()}
        pools.setdefault(DEFAULT_POOL, config.cfg.core.default_pool_task_slot_count)
        for name, slots in pools.items():
            metadata.new_pool(name, slots)
        self._plans = {plan.dag_id: plan for plan in plan_dags(config, metadata.version)}
        for dag_id in self._plans:
            if not self.dag_files.hidden(dag_id):
                self._register(dag_id, cold=self._cold)
        self.dag_files.start()
        for off, on in self._platform.host_outages:
            if on > kernel.now:
                kernel.at(max(off, kernel.now), self._power_off, priority=NORMAL)
                kernel.at(on, self._power_on, max(off, kernel.now))

    def _register(self, dag_id: str, *, cold: bool = True) -> None:
        """Airflow sees a DAG for the first time since the clock started."""
        plan = self._plans[dag_id]
        dag = self.metadata.new_dag(plan)
        self.assets.register(dag)
        if plan.deadlines:
            self.scheduler.deadlines = self.deadlines
        if plan.slas:
            self.scheduler.slas = self.slas
            self.slas.register(dag, warm=not cold)
        begin = self.creation.start_cold if cold else self.creation.start_warm
        begin(dag, self._kernel.now)

    def intervene(self, action: Intervention) -> None:
        """Carry an operator's action out, now; refused while the host is off."""
        if self._up:
            self.operations.perform(action)
        else:
            self.operations.refuse(action, "host_off")

    def _workshop(self) -> Workshop:
        """Who performs tries: sensors of other DAGs are answered from the metadata database."""
        sensors = external_sensors(self._config)
        others = self._platform.workshop
        if self._config.dag_files:
            others = Importing(self.metadata, others, lambda: self.dag_files)
        if not sensors:
            return others
        return ExternalTasks(self.metadata, sensors, others, warm=not self._cold)

    def _new_workers(self, executor: Executor) -> Workers:
        workers = Workers(
            self.metadata,
            executor,
            self._workshop(),
            self._platform.announcer,
            heartbeat=parse_span(self._config.cfg.scheduler.job_heartbeat_sec),
        )
        workers.updated = self.assets.updated_by
        return workers

    def _new_job(
        self, dag: DagRow, infos: list[RunInfo], reprocess: str, cause: int
    ) -> BackfillJob:
        """A backfill process (2.x), with an executor of its own on the same host."""
        return BackfillJob(
            self.metadata,
            self.lifecycle,
            self._new_workers,
            parallelism=self._config.cfg.core.parallelism,
            heartbeat=parse_span(self._config.cfg.scheduler.job_heartbeat_sec) or BACKFILL_BEAT,
            dag=dag,
            infos=infos,
            reprocess=reprocess,
            cause=cause,
        )

    # -- callbacks of a DAG -----------------------------------------------------------------

    def _announce(self, run: Run) -> None:
        plan = run.dag.plan
        failed = run.state == RUN_FAILED
        self._send(run, plan.on_failure if failed else plan.on_success, run.row)

    def _send(self, run: Run, alerts: tuple[str, ...], cause: int) -> None:
        """Send alerts about a run; they name the task whose state changed last."""
        plan = run.dag.plan
        if not alerts or not run.tis:
            return
        last = max(run.tis, key=lambda ti: ti.row)
        attempt = Attempt(
            last.entity,
            plan.dag_id,
            last.task.task_id,
            run.run_id,
            max(last.try_number, 1),
            lambda: run_macros(run),
            run.row,
        )
        for alert in alerts:
            self._platform.announcer.send(alert, attempt, cause=cause)

    # -- the host ---------------------------------------------------------------------------

    def _power_off(self) -> None:
        """Scheduler and workers die; nobody is left to write a state."""
        self._up = False
        row = self._host_fact(on=False)
        self.clockwork.stop()
        self.dag_files.power_off()
        for job in self.operations.jobs:
            job.die()
        self.executor.clear()
        for dag in self.metadata.dags.values():
            for run in dag.runs:
                for ti in run.tis:
                    if ti.state in {QUEUED, RUNNING, RESTARTING}:
                        self._orphan(ti, row)

    def _orphan(self, ti: TaskInstance, row: int) -> None:
        if ti.process is not None:
            ti.process.kill("host_off")
            ti.process = None
        ti.token += 1
        if ti.run.job is None:
            # nobody resets what a backfill process left behind
            self._orphans.append((ti, ti.token))
        self._kernel.fact(Fact.FAULT, ti.entity, 0, row, fault="host_off")

    def _power_on(self, off: int) -> None:
        """A new scheduler starts. Orphans are reset once the old one counts as dead."""
        kernel = self._kernel
        self._up = True
        row = self._host_fact(on=True)
        self.dag_files.power_on()
        self.clockwork.restart()
        for dag in self.metadata.dags.values():
            self.creation.parsed(dag, kernel.now)
        if kernel.now - off >= self._threshold:
            self._reset_orphans(row)
        else:
            at = kernel.now + self._orphan_interval
            kernel.at(at, self._reset_orphans, row, priority=DECIDE_LAST + 1)

    def _reset_orphans(self, row: int) -> None:
        orphans, self._orphans = self._orphans, []
        for ti, token in orphans:
            if ti.token == token and ti.state in {QUEUED, RUNNING, RESTARTING}:
                self.metadata.set_state(ti, NONE, row, {"reason": "orphaned"})

    def _host_fact(self, *, on: bool) -> int:
        host = self._kernel.journal.entity(Entity.HOST, self._config.host)
        return self._kernel.fact(Fact.HOST, host, int(on))
