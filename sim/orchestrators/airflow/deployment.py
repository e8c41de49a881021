"""An Airflow deployment: its schedulers with their executors on one host, put together.

Implements `sim.platform.contract.Orchestrator`. With the host the schedulers and every worker go
down; what the metadata database says stays. Source of what happens after that: Airflow 2.11.2 and
3.3.2, jobs/scheduler_job_runner.py `adopt_or_reset_orphaned_tasks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.model.work import Attempt
from sim.orchestrators.airflow.assets import Assets
from sim.orchestrators.airflow.backfill_job import BACKFILL_BEAT, BackfillJob
from sim.orchestrators.airflow.clockwork import Clockwork
from sim.orchestrators.airflow.creation import Creation
from sim.orchestrators.airflow.critical_section import CriticalSection
from sim.orchestrators.airflow.dag_files import DagFiles
from sim.orchestrators.airflow.database import Connections, QueryTime
from sim.orchestrators.airflow.database_outage import DatabaseOutage
from sim.orchestrators.airflow.deadlines import Deadlines
from sim.orchestrators.airflow.deferral import Deferrals
from sim.orchestrators.airflow.earlier_runs import EarlierRuns
from sim.orchestrators.airflow.examination import Examination
from sim.orchestrators.airflow.executors.backend import Surroundings
from sim.orchestrators.airflow.executors.several import ExecutorLoader
from sim.orchestrators.airflow.external_tasks import ExternalTasks, external_sensors
from sim.orchestrators.airflow.failover import Failover
from sim.orchestrators.airflow.heartbeat_timeout import HeartbeatTimeout
from sim.orchestrators.airflow.importing import Importing
from sim.orchestrators.airflow.lifecycle import Lifecycle
from sim.orchestrators.airflow.liveness import Liveness
from sim.orchestrators.airflow.macros import run_macros
from sim.orchestrators.airflow.metadata import Metadata
from sim.orchestrators.airflow.mini_scheduler import MiniScheduler
from sim.orchestrators.airflow.operations import Operations
from sim.orchestrators.airflow.outages import Downtime
from sim.orchestrators.airflow.paused import PausedRuns
from sim.orchestrators.airflow.plan import plan_dag, plan_dags
from sim.orchestrators.airflow.processes import Processes
from sim.orchestrators.airflow.redefinition import redefine
from sim.orchestrators.airflow.redelivery import redelivery
from sim.orchestrators.airflow.rows import RUN_FAILED, instances
from sim.orchestrators.airflow.scheduler import Scheduler
from sim.orchestrators.airflow.slas import Slas
from sim.orchestrators.airflow.stuck import StuckInQueued
from sim.orchestrators.airflow.task_plan import DEFAULT_POOL
from sim.orchestrators.airflow.versions import VERSIONS
from sim.orchestrators.airflow.window import Window
from sim.orchestrators.airflow.worker import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.model.interventions import Intervention
    from sim.model.work import Workshop
    from sim.orchestrators.airflow.config import AirflowConfig, Dag
    from sim.orchestrators.airflow.executor import Traits
    from sim.orchestrators.airflow.intervals import RunInfo
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.orchestrators.airflow.rows import DagRow, Run, TaskInstance
    from sim.platform.contract import Platform


class Airflow:
    """One deployment. `cold=True`: no DAG has ever run before the clock starts.

    `published`: by DAG, the first data date of which something was published before.
    """

    def __init__(
        self,
        config: AirflowConfig,
        platform: Platform,
        *,
        cold: bool = False,
        traits: Traits | None = None,
        published: Mapping[str, str] | None = None,
    ) -> None:
        self._config = config
        self._platform = platform
        self._kernel = kernel = platform.kernel
        self._cold = cold
        version = VERSIONS[config.version]
        scheduler = config.cfg.scheduler
        self.metadata = metadata = Metadata(kernel, version)
        self.clockwork = clockwork = Clockwork(kernel, span=parse_span(config.loop))
        metadata.wake = clockwork.wake
        metadata.again = clockwork.again
        self.assets = Assets(metadata)
        liveness = Liveness.of(config)
        self._known_processes = processes = self._processes(liveness)
        self.workers = workers = self._workers(processes)
        workers.updated = self.assets.updated_by
        self._database = DatabaseOutage(metadata, processes)
        self.loader = self._loader(processes, traits)
        self.deadlines = Deadlines(metadata, clockwork, self._send)
        self.slas = Slas(metadata, clockwork, self._send)
        self.creation = creation = self._creation()
        limit = scheduler.max_dagruns_per_loop_to_schedule
        window = Window(limit, by_logical_date=version.pointer_stops)
        self.lifecycle = lifecycle = Lifecycle(
            metadata, creation, window, runs_per_loop=limit, announce=self._announce
        )
        examination = Examination(metadata, lifecycle.end)
        if version.mini_scheduler and scheduler.schedule_after_task_execution:
            after_try = MiniScheduler(metadata, examination).after_try
            workers.after_try = workers.simple.after_try = after_try
        stuck = self._stuck()
        if stuck.possible:
            self.loader.vanishes = stuck.queued
        self.scheduler = self._scheduler(window, examination)
        clockwork.loop = self.scheduler.tick
        self.deferrals = self._deferrals()
        workers.defer = self.deferrals.defer
        self.failover = self._failover(processes, liveness, examination, stuck)
        self._plans: dict[str, DagPlan] = {}
        self.dag_files = DagFiles(
            config, metadata, creation, lifecycle, begin=self._register, redefine=self._redefine
        )
        self.operations = Operations(
            metadata,
            creation,
            lifecycle,
            slas=self.slas,
            earlier=EarlierRuns(metadata, creation, since=published or {}),
            new_job=self._new_job,
        )
        self._downtime = Downtime(self, platform, config, self._database)

    def _scheduler(self, window: Window, examination: Examination) -> Scheduler:
        config, metadata = self._config, self.metadata
        limit = config.cfg.scheduler.max_tis_per_query
        scheduler = Scheduler(
            metadata,
            self.clockwork,
            creation=self.creation,
            lifecycle=self.lifecycle,
            window=window,
            examination=examination,
            critical_section=CriticalSection(metadata, max_tis_per_query=limit),
        )
        if parse_span(config.database.latency):
            scheduler.query_time = QueryTime(self._kernel, self.clockwork, config.database)
        return scheduler

    def _creation(self) -> Creation:
        scheduler = self._config.cfg.scheduler
        return Creation(
            self.metadata,
            dags_per_loop=scheduler.max_dagruns_to_create_per_loop,
            end=self._platform.end,
            parse_interval=parse_span(scheduler.min_file_process_interval),
            clockwork=self.clockwork,
            assets=self.assets,
            deadlines=self.deadlines,
        )

    def _processes(self, liveness: Liveness) -> Processes:
        processes = Processes(
            self.metadata,
            self.clockwork,
            heartbeat=liveness.heartbeat,
            threshold=liveness.timeout,
            most_failed=liveness.most_failed,
            fates=self._platform.fates,
        )
        self.metadata.left_behind = processes.left_behind
        return processes

    def _workers(self, processes: Processes) -> Workers:
        return Workers(
            self.metadata,
            processes,
            self._workshop(),
            self._platform.announcer,
            longest_list=self._config.cfg.core.max_map_length,
            database=self._config.database,
        )

    def _loader(self, processes: Processes, traits: Traits | None) -> ExecutorLoader:
        """What makes the executors of each scheduler."""
        config = self._config
        start: Callable[[TaskInstance, int], None] = self.workers.start
        limited = config.database.max_connections is not None
        if limited and self.metadata.version.workers_connect:
            connections = Connections(self._kernel, config.database)
            start = connections.admitting(start, processes.fail_unstarted)
        if self._platform.database_outages:
            start = self._database.admitting(start)
            self.workers.mutes = self._database.mutes
        around = Surroundings(
            kernel=self._kernel,
            config=config,
            start_delay=parse_span(config.task_start_delay),
            start=start,
            start_all=self.workers.start_all if start == self.workers.start else None,
            give_up=processes.give_up,
            lose=processes.lose,
            delivered_again=redelivery(self._platform.fates),
        )
        return ExecutorLoader(config, around, traits)

    def _deferrals(self) -> Deferrals:
        triggerer, scheduler = self._config.cfg.triggerer, self._config.cfg.scheduler
        return Deferrals(
            self.metadata,
            self.scheduler,
            triggerers=self._config.triggerers,
            capacity=triggerer.capacity,
            heartbeat=parse_span(triggerer.job_heartbeat_sec),
            health_threshold=parse_span(triggerer.triggerer_health_check_threshold),
            timeout_check_interval=parse_span(scheduler.trigger_timeout_check_interval),
        )

    def _stuck(self) -> StuckInQueued:
        config, platform = self._config, self._platform
        scheduler = config.cfg.scheduler
        return StuckInQueued(
            self.metadata,
            platform.announcer,
            timeout=parse_span(scheduler.task_queued_timeout),
            interval=parse_span(scheduler.task_queued_timeout_check_interval),
            retries=scheduler.num_stuck_in_queued_retries,
            start_delay=parse_span(config.task_start_delay),
            waits=self.loader.waits,
            fates=platform.fates,
        )

    def _failover(
        self,
        processes: Processes,
        liveness: Liveness,
        examination: Examination,
        stuck: StuckInQueued,
    ) -> Failover:
        """The schedulers with their timers."""
        config, metadata = self._config, self.metadata
        scheduler = config.cfg.scheduler
        timeout = HeartbeatTimeout(
            metadata,
            processes,
            self.workers,
            timeout=liveness.timeout,
            interval=liveness.interval,
            callback_delay=parse_span(config.callback_delay),
        )
        paused = PausedRuns(metadata, self.scheduler, examination)
        metadata.paused_changed = paused.plan
        failover = Failover(
            metadata,
            self.clockwork,
            self.scheduler,
            processes,
            loader=self.loader,
            heartbeat=parse_span(scheduler.scheduler_heartbeat_sec),
            threshold=parse_span(scheduler.scheduler_health_check_threshold),
            interval=parse_span(scheduler.orphaned_tasks_check_interval),
        )
        failover.on_start += [paused.started, self.deferrals.watch]
        failover.on_adopt += [timeout.adopted, stuck.adopted]
        return failover

    # -- the orchestrator's contract --------------------------------------------------------

    def start(self) -> None:
        """Register pools and DAGs, point each DAG at its next run, plan the host's outages."""
        metadata, config = self.metadata, self._config
        pools = {name: (pool.slots, pool.include_deferred) for name, pool in config.pools.items()}
        pools.setdefault(DEFAULT_POOL, (config.cfg.core.default_pool_task_slot_count, False))
        for name, (slots, include_deferred) in pools.items():
            metadata.new_pool(name, slots, include_deferred=include_deferred)
        self._plans = {plan.dag_id: plan for plan in plan_dags(config, metadata.version)}
        for dag_id in self._plans:
            if not self.dag_files.hidden(dag_id):
                self._register(dag_id, cold=self._cold)
        self.dag_files.start()
        for _ in range(config.schedulers):
            self.failover.start()
        self._downtime.plan(self.loader)

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

    def _redefine(self, dag_id: str, given: Dag) -> None:
        """A parse found another definition of a DAG."""
        metadata, dag = self.metadata, self.metadata.dags.get(dag_id)
        plan = plan_dag(dag_id, self._plans[dag_id].number, given, self._config, metadata.version)
        self._plans[dag_id] = plan
        if dag is None:
            return
        redefine(metadata, dag, plan)
        self.assets.register(dag)
        if plan.deadlines:
            self.scheduler.deadlines = self.deadlines
        self.creation.redefined(dag, self._kernel.now)

    def intervene(self, action: Intervention) -> None:
        """Carry an operator's action out, now; refused while nobody could take it."""
        down = self._downtime.reason
        if down is None:
            self.operations.perform(action)
        else:
            self.operations.refuse(action, down)

    def _workshop(self) -> Workshop:
        """Who performs tries: sensors of other DAGs are answered from the metadata database."""
        sensors = external_sensors(self._config)
        others = self._platform.workshop
        if self._config.dag_files:
            workers = self._config.cfg.workers
            others = Importing(self.metadata, others, workers, lambda: self.dag_files)
        if not sensors:
            return others
        return ExternalTasks(self.metadata, sensors, others, warm=not self._cold)

    def _new_job(
        self, dag: DagRow, infos: list[RunInfo], reprocess: str, cause: int
    ) -> BackfillJob:
        """A backfill process (2.x), with an executor of its own on the same host."""
        return BackfillJob(
            self.metadata,
            self.lifecycle,
            self.loader,
            self._known_processes,
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
        last = max(instances(run), key=lambda ti: ti.row)
        attempt = Attempt(
            last.entity,
            plan.dag_id,
            last.task.task_id,
            run.run_id,
            max(last.try_number, 1),
            run_macros,
            run,
            run.row,
        )
        for alert in alerts:
            self._platform.announcer.send(alert, attempt, cause=cause)
