"""The services of a Prefect server together: what goes on by itself while the server is up.

Source: Prefect 3.8.8, server/services. The server tells them of every change of a flow run, and
does what they decide; they start and stop with it. What they remember lies in its database and
outlives a restart. Invariant: while the server is down, none of them decides anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sim.orchestrators.prefect.automations import Automations
from sim.orchestrators.prefect.cleanup import CancellationCleanup, PauseExpirations
from sim.orchestrators.prefect.deployment_concurrency import DeploymentConcurrency
from sim.orchestrators.prefect.events import work_pool_event
from sim.orchestrators.prefect.flow_run_index import FlowRunIndex
from sim.orchestrators.prefect.late_runs import LateRuns
from sim.orchestrators.prefect.leases import Leases
from sim.orchestrators.prefect.pickup import DeploymentsSource, PoolSource, runner, worker
from sim.orchestrators.prefect.scheduler_service import SchedulerService
from sim.orchestrators.prefect.worker_health import WorkerHealth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.automations_config import Action, Automation
    from sim.orchestrators.prefect.event_trigger import Firing
    from sim.orchestrators.prefect.leases import Lease
    from sim.orchestrators.prefect.poller import Poller
    from sim.orchestrators.prefect.service_loop import ServiceLoop
    from sim.orchestrators.prefect.settings import Settings
    from sim.orchestrators.prefect.work_queues import WorkPool


class FlowRuns(Protocol):
    """What the services ask of whoever keeps the flow runs."""

    def create(self, deployment: str, schedule: str, date: int) -> str:
        """Create a flow run, Scheduled for a date; its id."""

    def delete(self, flow_run: str) -> None:
        """Delete one that has not run."""

    def mark_late(self, flow_run: str) -> None:
        """Bring one into Late, or into what the deployment's limit makes of that."""

    def fail_pause(self, flow_run: str) -> None:
        """It was paused and never resumed."""

    def cancel(self, flow_run: str) -> None:
        """It was Cancelling for too long."""

    def cancel_children(self, flow_run: str) -> None:
        """Cancel what has not ended of a cancelled run: task runs and subflow runs."""

    def lease_revoked(self, lease: Lease) -> None:
        """Slots were taken back from a holder that did not renew."""

    def act(self, automation: str, action: Action, firing: Firing) -> None:
        """Do what an automation says."""

    def submit(self, flow_run: str, poller: Poller) -> bool:
        """Propose Pending for a run that was picked up, and start its process if it may."""

    def gave_up(self, poller: Poller) -> None:
        """The API did not answer a worker or runner for too long: its process ended."""


class ServerServices:
    """All services, and the workers and runners that poll the server."""

    def __init__(
        self,
        kernel: Kernel,
        settings: Settings,
        flow_runs: FlowRuns,
        automations: Mapping[str, Automation],
        *,
        end: int | None = None,
    ) -> None:
        """`end`: schedules have no dates from then on."""
        self._kernel, self._settings, self._flow_runs = kernel, settings, flow_runs
        self.index = FlowRunIndex()
        self.scheduler = SchedulerService(
            kernel,
            settings,
            self.index,
            create=flow_runs.create,
            delete=flow_runs.delete,
            end=end,
        )
        self.late_runs = LateRuns(kernel, settings, self.index, mark=flow_runs.mark_late)
        self.leases = Leases(kernel, settings, revoked=flow_runs.lease_revoked)
        self.deployment_concurrency = DeploymentConcurrency(kernel, settings, self.leases)
        self.pauses = PauseExpirations(kernel, settings, fail=flow_runs.fail_pause)
        self.cancellations = CancellationCleanup(
            kernel,
            settings,
            cancel=flow_runs.cancel,
            cancel_children=flow_runs.cancel_children,
        )
        self.health = WorkerHealth(kernel, settings, ready=self._pool_ready)
        self.automations = Automations(kernel, settings, automations, act=flow_runs.act)
        self.pollers: dict[str, Poller] = {}
        self._pool_of: dict[str, str] = {}
        """The pool of each poller that is a worker."""

    def start(self) -> None:
        """The server is up."""
        for loop in self._loops():
            loop.start()
        self.automations.start()
        self.health.api(up=True)
        for poller in self.pollers.values():
            poller.api(up=True)

    def stop(self) -> None:
        """The server is down. Workers and runners notice at their next poll."""
        for loop in self._loops():
            loop.stop()
        self.automations.stop()
        self.health.api(up=False)
        for poller in self.pollers.values():
            poller.api(up=False)

    def add_worker(
        self,
        name: str,
        pool_name: str,
        pool: Callable[[], WorkPool],
        *,
        queues: Sequence[str] = (),
        limit: int | None = None,
    ) -> Poller:
        """A worker of a pool; `start_poller` starts it."""
        source = PoolSource(self.index, pool_name, pool, queues)
        made = worker(
            self._kernel,
            self._settings,
            self.index,
            name,
            source,
            limit=limit,
            submit=lambda flow_run: self._flow_runs.submit(flow_run, self.pollers[name]),
            gave_up=lambda: self._gave_up(name),
        )
        self.pollers[name], self._pool_of[name] = made, pool_name
        return made

    def add_runner(
        self, name: str, deployments: Sequence[str], *, limit: int | None = None
    ) -> Poller:
        """A `serve()` of some deployments; `start_poller` starts it."""
        made = runner(
            self._kernel,
            self._settings,
            self.index,
            name,
            DeploymentsSource(self.index, deployments),
            limit=limit,
            submit=lambda flow_run: self._flow_runs.submit(flow_run, self.pollers[name]),
            gave_up=lambda: self._gave_up(name),
        )
        self.pollers[name] = made
        return made

    def start_poller(self, name: str) -> None:
        """The process of a worker or runner starts."""
        if name in self._pool_of:
            self.health.started(name, self._pool_of[name])
        self.pollers[name].start()

    def stop_poller(self, name: str) -> None:
        """The process of a worker or runner is gone, in whatever way."""
        if self.pollers[name].running:
            self.pollers[name].stop()
            if name in self._pool_of:
                self.health.gone(name)

    def _gave_up(self, name: str) -> None:
        if name in self._pool_of:
            self.health.gone(name)
        self._flow_runs.gave_up(self.pollers[name])

    def wake_pollers(self) -> None:
        """A pool, a queue or a limit was changed by hand: polls may see what they did not."""
        for poller in self.pollers.values():
            poller.wake()

    def _pool_ready(self, pool: str, is_ready: bool) -> None:  # noqa: FBT001 - told by position
        self.automations.emit(work_pool_event(self._kernel.now, pool, is_ready=is_ready))

    def _loops(self) -> list[ServiceLoop]:
        return [
            self.scheduler.main,
            self.scheduler.recent,
            self.late_runs.loop,
            self.leases.loop,
            self.pauses.loop,
            self.cancellations.loop,
            self.health.loop,
        ]
