"""From a flow run that is due to the process that runs it: what the services decide is done here.

Implements `sim.orchestrators.prefect.server_services.FlowRuns`. Services and pollers decide when;
the rules of a deployment's limit decide whether. Invariant: a run has one process at most.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.catalog import schedule_of
from sim.orchestrators.prefect.deployment_concurrency import DeploymentLimit, Verdict
from sim.orchestrators.prefect.events import flow_run_event
from sim.orchestrators.prefect.pauses import NEVER_RESUMED
from sim.orchestrators.prefect.scheduler_service import DeploymentSchedule, ScheduledDeployment
from sim.orchestrators.prefect.server_services import ServerServices
from sim.orchestrators.prefect.states import StateType
from sim.orchestrators.prefect.work_queues import DEFAULT_QUEUE, WorkPool, WorkQueue, priorities

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.prefect.automations_config import Action
    from sim.orchestrators.prefect.event_trigger import Firing
    from sim.orchestrators.prefect.infrastructure import Infrastructure
    from sim.orchestrators.prefect.leases import Lease
    from sim.orchestrators.prefect.poller import Poller
    from sim.orchestrators.prefect.runs import FlowRun
    from sim.orchestrators.prefect.server import Server
    from sim.orchestrators.prefect.states import State

RUNNER = "serve"
"""The runner of every deployment without a work pool."""
_HOLDS = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})


class Delivery:
    """The services, workers and runner of one server, and what they do to flow runs."""

    def __init__(self, server: Server, infrastructure: Infrastructure) -> None:
        self._server = server
        self._kernel = server.kernel
        self._infrastructure = infrastructure
        config = server.config
        self.schedules: dict[str, ScheduledDeployment] = {}
        self.pools = {name: self._pool(name) for name in config.work_pools}
        self.services = ServerServices(
            self._kernel, config.settings, self, config.automations, end=server.platform.end
        )
        self.on_action: Callable[[str, Action, Firing], None] = lambda *_: None
        """Does what an automation says."""
        server.index = self.services.index
        self._concurrency = self.services.deployment_concurrency
        for name, one in config.deployments.items():
            if one.concurrency_limit is not None:
                limit = DeploymentLimit(one.concurrency_limit, one.collision_strategy)
                self._concurrency.put(name, limit)
        served = [name for name, one in config.deployments.items() if one.work_pool is None]
        if served:
            self.services.add_runner(RUNNER, served)
        for name, worker in config.workers.items():
            pool = partial(self.pools.__getitem__, worker.pool)
            self.services.add_worker(
                name, worker.pool, pool, queues=worker.work_queues, limit=worker.limit
            )
        server.listeners.append(self._changed)
        infrastructure.ended = self._ended
        infrastructure.lost = lambda run: self._concurrency.process_died(run.run_id)
        infrastructure.may_run = self._may_run

    def start(self) -> None:
        """The server is up, and so is everything that asks it for work."""
        self.services.start()
        for name, deployment in self._server.config.deployments.items():
            made = tuple(
                DeploymentSchedule(
                    f"{name}#{number}",
                    schedule_of(schedule, start=self._kernel.now),
                    schedule.active,
                )
                for number, schedule in enumerate(deployment.schedules)
            )
            self.schedules[name] = ScheduledDeployment(name, made, deployment.paused)
            self.services.scheduler.put(self.schedules[name])
        for name in self.services.pollers:
            self.services.start_poller(name)

    def pause(self, deployment: str, *, paused: bool) -> None:
        """Pause or resume a deployment: what was planned and has not run is deleted."""
        self.schedules[deployment] = after = replace(self.schedules[deployment], paused=paused)
        self.services.scheduler.pause(after)

    def change_pool(self, name: str, pool: WorkPool) -> None:
        """A work pool was changed by hand or by an automation."""
        self.pools[name] = pool
        self.services.wake_pollers()

    def _pool(self, name: str) -> WorkPool:
        config = self._server.config.work_pools[name]
        order = [
            (queue, one.priority)
            for queue, one in config.work_queues.items()
            if queue != DEFAULT_QUEUE or one.priority is not None
        ]
        queues = []
        for queue, priority in priorities(order).items():
            said = config.work_queues.get(queue)
            limit, paused = (
                (None, False) if said is None else (said.concurrency_limit, said.is_paused)
            )
            queues.append(WorkQueue(queue, priority, limit, paused))
        return WorkPool(queues, config.concurrency_limit, config.is_paused)

    # -- what the services ask for ----------------------------------------------------------

    def create(self, deployment: str, schedule: str, date: int) -> str:
        """Create a flow run, Scheduled for a date; its id."""
        config = self._server.config.deployments[deployment]
        number = int(schedule.rpartition("#")[2])
        run = self._server.create_run(
            self._server.flows[config.flow],
            scheduled=date,
            run_type="scheduled",
            deployment=deployment,
            schedule=schedule,
            parameters={**config.parameters, **config.schedules[number].parameters},
        )
        return run.run_id

    def delete(self, flow_run: str) -> None:
        """Delete one that has not run."""
        self._server.delete(flow_run)

    def mark_late(self, flow_run: str) -> None:
        """Late; or Cancelled, where new runs are when the limit is full."""
        run = self._server.runs[flow_run]
        if self._concurrency.to_late(run.deployment) is Verdict.CANCEL:
            self._server.set_state(run, states.CANCELLED, reason="concurrency_limit")
        else:
            at = self._server.index.rows[flow_run].next_scheduled_start_time
            self._server.set_state(run, states.LATE, at=at)

    def fail_pause(self, flow_run: str) -> None:
        """It was paused and never resumed; a blocked process finds that out by itself."""
        self._server.set_state(self._server.runs[flow_run], states.failed(None, NEVER_RESUMED))

    def cancel(self, flow_run: str) -> None:
        """It was Cancelling for too long."""
        self._server.set_state(self._server.runs[flow_run], states.CANCELLED)

    def cancel_children(self, flow_run: str) -> None:
        """What has not ended of a cancelled run was cancelled with its process."""

    def lease_revoked(self, lease: Lease) -> None:
        """Slots were taken back: the next who asks gets them."""
        del lease
        self.services.wake_pollers()

    def act(self, automation: str, action: Action, firing: Firing) -> None:
        """Do what an automation says."""
        self.on_action(automation, action, firing)

    def gave_up(self, poller: Poller) -> None:
        """The API did not answer for too long: its supervisor starts it when the API is back."""
        del poller

    def submit(self, flow_run: str, poller: Poller) -> bool:
        """Propose Pending, and start the process; False: the server says no."""
        run = self._server.runs[flow_run]
        if run.state.type is not StateType.SCHEDULED:
            return False
        match self._concurrency.to_pending(flow_run, run.deployment):
            case Verdict.ACCEPT:
                at = self._server.index.rows[flow_run].next_scheduled_start_time
                self._server.set_state(run, states.PENDING, worker=poller.name)
                run.starts = at
                self._infrastructure.start(run, poller.name)
                return True
            case Verdict.ENQUEUE:
                due = self._kernel.now + self._concurrency.slot_wait
                state = states.AWAITING_CONCURRENCY_SLOT
                self._server.set_state(run, state, at=due, until=due)
            case Verdict.CANCEL:
                self._server.set_state(run, states.CANCELLED, reason="concurrency_limit")
            case Verdict.ABORT:
                pass
        return False

    # -- what becomes of runs ---------------------------------------------------------------

    def _may_run(self, run: FlowRun) -> bool:
        """Whether its process may start the function: its slot may have been taken back."""
        if self._concurrency.to_running(run.run_id) is not Verdict.CANCEL:
            return True
        self._server.set_state(run, states.CANCELLED, reason="concurrency_limit")
        return False

    def _ended(self, run: FlowRun, by: str) -> None:
        if by in self.services.pollers:
            self.services.pollers[by].released(run.run_id)

    def _changed(self, run: FlowRun, before: State) -> None:
        """Slots are given back when a run leaves what holds them, and automations are told."""
        del before
        in_process = run.state == states.AWAITING_RETRY and run.process is not None
        if run.state.type not in _HOLDS and not in_process:
            self._concurrency.released(run.run_id)
        row = self._server.index.rows[run.run_id]
        self.services.automations.emit(
            flow_run_event(
                self._kernel.now,
                run.state.type.value,
                run.state.name,
                flow_run=run.run_id,
                flow=run.flow.name,
                deployment=run.deployment,
                queue=row.queue,
                cause=run.row,
            )
        )
