"""A Prefect server without engines: flow runs are rows, and a run lasts as long as it is told to.

For tests of what the services decide and when. Every state that a flow run comes into is one line
of `told`: seconds from the start, flow run, name of the state.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND, parse_instant
from sim.kernel.loop import Kernel
from sim.orchestrators.prefect.deployment_concurrency import Verdict
from sim.orchestrators.prefect.events import flow_run_event
from sim.orchestrators.prefect.flow_run_index import FlowRunRow
from sim.orchestrators.prefect.server_services import ServerServices
from sim.orchestrators.prefect.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.prefect.automations_config import Action, Automation
    from sim.orchestrators.prefect.event_trigger import Firing
    from sim.orchestrators.prefect.leases import Lease
    from sim.orchestrators.prefect.poller import Poller

START = parse_instant("2024-03-04T00:00:00Z")


class Stage:
    """A kernel, the services, and flow runs."""

    def __init__(
        self,
        *,
        automations: Mapping[str, Automation] | None = None,
        settings: Settings | None = None,
        seed: int = 1,
        lasts: int = 60,
        queue: tuple[str, str] | None = ("pool", "default"),
        up: bool = True,
    ) -> None:
        """`lasts`: seconds that a run takes; `queue`: where runs of schedules are put."""
        self.kernel = Kernel(seed=seed, start=START)
        self.lasts, self.queue = lasts, queue
        self.told: list[tuple[float, str, str]] = []
        self.acted: list[tuple[float, str, str]] = []
        self.ended: list[tuple[float, str]] = []
        self.services = ServerServices(self.kernel, settings or Settings(), self, automations or {})
        if up:
            self.services.start()

    def run(self, seconds: float) -> None:
        """Let time pass until so many seconds after the start."""
        self.kernel.run(START + round(seconds * SECOND))

    def after(self, seconds: float, function: object, *args: object) -> None:
        """Do something so many seconds after the start."""
        assert callable(function)
        self.kernel.at(START + round(seconds * SECOND), function, *args)

    def put(
        self,
        flow_run: str,
        at: float,
        *,
        deployment: str | None = None,
        queue: tuple[str, str] | None = ("pool", "default"),
    ) -> None:
        """A flow run, Scheduled for so many seconds after the start."""
        due = START + round(at * SECOND)
        row = FlowRunRow(flow_run, "SCHEDULED", "Scheduled", due, deployment, queue=queue)
        self.services.index.put(row)

    def state(self, flow_run: str, state_type: str, name: str, *, due: int | None = None) -> None:
        """A flow run comes into a state; nothing when it is gone."""
        row = self.services.index.rows[flow_run]
        at = row.next_scheduled_start_time if due is None else due
        self.told.append((self.seconds, flow_run, name))
        new = replace(row, state_type=state_type, state_name=name, next_scheduled_start_time=at)
        if state_type not in {"PENDING", "RUNNING", "CANCELLING"}:
            self.services.deployment_concurrency.released(flow_run)
        self.services.index.put(new)
        event = flow_run_event(
            self.kernel.now,
            state_type,
            name,
            flow_run=flow_run,
            flow="flow",
            deployment=row.deployment,
        )
        self.services.automations.emit(event)

    @property
    def seconds(self) -> float:
        """How much time has passed."""
        return (self.kernel.now - START) / SECOND

    def names(self, state: str) -> list[tuple[float, str]]:
        """Who came into a state, and when."""
        return [(at, flow_run) for at, flow_run, name in self.told if name == state]

    # -- what the services ask of whoever keeps flow runs -------------------------------------

    def create(self, deployment: str, schedule: str, date: int) -> str:
        """Create a flow run, named for its schedule and its date."""
        flow_run = f"{schedule}@{(date - START) // SECOND}"
        row = FlowRunRow(flow_run, "SCHEDULED", "Scheduled", date, deployment, schedule, self.queue)
        self.told.append((self.seconds, flow_run, "Created"))
        self.services.index.put(row)
        return flow_run

    def delete(self, flow_run: str) -> None:
        """Delete a flow run."""
        self.told.append((self.seconds, flow_run, "Deleted"))
        self.services.index.drop(flow_run)

    def mark_late(self, flow_run: str) -> None:
        """Late, unless the deployment's limit says otherwise."""
        deployment = self.services.index.rows[flow_run].deployment
        if self.services.deployment_concurrency.to_late(deployment) is Verdict.CANCEL:
            self.state(flow_run, "CANCELLED", "Cancelled")
        else:
            self.state(flow_run, "SCHEDULED", "Late")

    def fail_pause(self, flow_run: str) -> None:
        """Never resumed."""
        self.state(flow_run, "FAILED", "Failed")

    def cancel(self, flow_run: str) -> None:
        """Cancelling for too long."""
        self.state(flow_run, "CANCELLED", "Cancelled")

    def cancel_children(self, flow_run: str) -> None:
        """Noted, no more."""
        self.told.append((self.seconds, flow_run, "children cancelled"))

    def lease_revoked(self, lease: Lease) -> None:
        """Noted, no more."""
        self.told.append((self.seconds, lease.limits[0].name, "revoked"))

    def act(self, automation: str, action: Action, firing: Firing) -> None:
        """Noted, no more."""
        event = "" if firing.event is None else firing.event.resource["prefect.resource.name"]
        self.acted.append((self.seconds, automation, f"{action.type} {event}".strip()))

    def submit(self, flow_run: str, poller: Poller) -> bool:
        """Pending; Running at its time; Completed after `lasts`."""
        concurrency = self.services.deployment_concurrency
        row = self.services.index.rows[flow_run]
        verdict = concurrency.to_pending(flow_run, row.deployment)
        if verdict is Verdict.ENQUEUE:
            due = self.kernel.now + concurrency.slot_wait
            self.state(flow_run, "SCHEDULED", "AwaitingConcurrencySlot", due=due)
        elif verdict is Verdict.CANCEL:
            self.state(flow_run, "CANCELLED", "Cancelled")
        elif verdict is Verdict.ACCEPT:
            self.state(flow_run, "PENDING", "Pending")
            start = max(self.kernel.now, row.next_scheduled_start_time)
            self.kernel.at(start, self._start, flow_run, poller)
        return verdict is Verdict.ACCEPT

    def _start(self, flow_run: str, poller: Poller) -> None:
        if self.services.deployment_concurrency.to_running(flow_run) is Verdict.CANCEL:
            self.state(flow_run, "CANCELLED", "Cancelled")
            return
        self.state(flow_run, "RUNNING", "Running")
        self.kernel.after(self.lasts * SECOND, self._end, flow_run, poller)

    def _end(self, flow_run: str, poller: Poller) -> None:
        self.state(flow_run, "COMPLETED", "Completed")
        poller.released(flow_run)

    def gave_up(self, poller: Poller) -> None:
        """Noted, no more."""
        self.ended.append((self.seconds, poller.name))
