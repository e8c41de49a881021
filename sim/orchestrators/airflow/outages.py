"""Outages: the host, the database, schedulers, workers, triggerers and the broker off and on.

With the host the schedulers go, and every worker that has no host of its own; what the metadata
database says stays. What died wrote no state: its task instances stay running or queued until
something else notices [jobs/scheduler_job_runner.py `adopt_or_reset_orphaned_tasks`]. A span that
names nobody of this deployment does nothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.kernel.loop import NORMAL, WORLD_FIRST
from sim.model.facts import Entity, Fact
from sim.orchestrators.airflow.database_outage import REASON as DATABASE_OFF
from sim.orchestrators.airflow.executors.celery import Celery
from sim.orchestrators.airflow.rows import QUEUED, RESTARTING, RUNNING, instances

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.config import AirflowConfig
    from sim.orchestrators.airflow.database_outage import DatabaseOutage
    from sim.orchestrators.airflow.deployment import Airflow
    from sim.orchestrators.airflow.executors.several import ExecutorLoader
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.platform.contract import Platform, SchedulerOutage


class Downtime:
    """When what of a deployment is off."""

    def __init__(
        self,
        airflow: Airflow,
        platform: Platform,
        config: AirflowConfig,
        database: DatabaseOutage,
    ) -> None:
        self._airflow = airflow
        self._platform = platform
        self._config = config
        self._database = database
        self._kernel = platform.kernel
        self._down: dict[str, None] = {}
        """Why no scheduler can run now, in order."""

    @property
    def reason(self) -> str | None:
        """Why nobody could take an action now; None: somebody can."""
        return next(iter(self._down), None)

    def plan(self, loader: ExecutorLoader) -> None:
        """Have everything go off and on at its times."""
        platform, deferrals = self._platform, self._airflow.deferrals
        celeries = [kind for kind in loader.kinds if isinstance(kind, Celery)]
        for name, off, on in platform.worker_outages:
            names = [name]
            self._span(off, on, partial(deferrals.stop, names), partial(deferrals.start, names))
            for celery in celeries:
                stop = partial(celery.stop_workers, names)
                self._span(off, on, stop, partial(celery.start_workers, names))
        for off, on in platform.broker_outages:
            for celery in celeries:
                self._span(off, on, celery.break_broker, celery.mend_broker)
        for off, on in platform.host_outages:
            self._span(off, on, self._power_off, self._power_on, priority=NORMAL)
        for off, on in platform.database_outages:
            self._span(off, on, partial(self._database_off, on), self._database_on, priority=NORMAL)
        for outage in platform.scheduler_outages:
            self._plan_death(outage)
        for at in platform.shells_closed:
            if at >= self._kernel.now:
                self._kernel.at(at, self._shell_closed, priority=WORLD_FIRST)

    def _span(
        self,
        off: int,
        on: int,
        stop: Callable[[], None],
        start: Callable[[], None],
        *,
        priority: int = WORLD_FIRST,
    ) -> None:
        kernel = self._kernel
        if on > kernel.now:
            kernel.at(max(off, kernel.now), stop, priority=priority)
            kernel.at(on, start, priority=priority)

    # -- schedulers -------------------------------------------------------------------------

    def _plan_death(self, outage: SchedulerOutage) -> None:
        kernel = self._kernel
        if outage.at >= kernel.now:
            kernel.at(outage.at, self._scheduler_dies, outage, priority=WORLD_FIRST)
        if outage.restart is not None and outage.restart >= kernel.now:
            kernel.at(outage.restart, self._scheduler_starts)

    def _scheduler_dies(self, outage: SchedulerOutage) -> None:
        self._airflow.failover.crash(
            outage.number, workers_survive=outage.workers_survive, reason="scheduler_crash"
        )

    def _scheduler_starts(self) -> None:
        if not self._down:
            self._airflow.failover.start(reason="restarted")

    def _shell_closed(self) -> None:
        """The backfills of 2.x end that somebody started from a shell; their runs stay running."""
        going = [backfill for backfill in self._airflow.operations.jobs if not backfill.over]
        if going:
            laptop = self._kernel.journal.entity(Entity.HOST, "laptop")
            self._kernel.fact(Fact.FAULT, laptop, fault="shell_closed")
        for backfill in going:
            backfill.die("shell_closed")

    # -- host and database ------------------------------------------------------------------

    def _power_off(self) -> None:
        """Schedulers and workers die; nobody is left to write a state."""
        row = self._host_fact(on=False)
        held = [
            ti
            for ti in self._instances(QUEUED, RUNNING, RESTARTING)
            if not (ti.job and ti.job.executor.of(ti).survives(ti, ti.token))
        ]
        self._go_down("host_off", row, workers_survive=False)
        for ti in held:
            self._kernel.fact(Fact.FAULT, ti.entity, 0, row, fault="host_off")

    def _power_on(self) -> None:
        """New schedulers start. Orphans are reset once the old ones count as dead."""
        self._host_fact(on=True)
        self._come_up("host_off", "host_on")

    def _database_off(self, until: int) -> None:
        """Nobody can read or write a row: only work that is under way goes on."""
        row = self._database.begin(self._instances(RUNNING, RESTARTING), until)
        self._go_down(DATABASE_OFF, row, workers_survive=True)

    def _database_on(self) -> None:
        self._database.end()
        self._come_up(DATABASE_OFF, "database_on")

    def _instances(self, *states: int) -> list[TaskInstance]:
        """Every task instance in one of these states."""
        return [
            ti
            for dag in self._airflow.metadata.dags.values()
            for run in dag.runs
            for ti in instances(run)
            if ti.state in states
        ]

    def _go_down(self, reason: str, row: int, *, workers_survive: bool) -> None:
        airflow = self._airflow
        self._down[reason] = None
        airflow.dag_files.power_off()
        airflow.deferrals.stop()
        for job in list(airflow.scheduler.jobs):
            airflow.failover.crash(
                job.number, workers_survive=workers_survive, reason=reason, cause=row
            )
        for backfill in airflow.operations.jobs:
            backfill.die(reason)

    def _come_up(self, ended: str, reason: str) -> None:
        airflow = self._airflow
        self._down.pop(ended, None)
        if self._down:
            return
        airflow.dag_files.power_on()
        airflow.deferrals.start()
        for dag in airflow.metadata.dags.values():
            airflow.creation.parsed(dag, self._kernel.now)
        for _ in range(self._config.schedulers):
            airflow.failover.start(reason=reason)

    def _host_fact(self, *, on: bool) -> int:
        host = self._kernel.journal.entity(Entity.HOST, self._config.host)
        return self._kernel.fact(Fact.HOST, host, int(on))
