"""The limit of a deployment: who gets a slot when it is picked up, and what becomes of the others.

Source: Prefect 3.8.8, server/orchestration/core_policy.py: SecureFlowConcurrencySlots (on the way
to PENDING), ValidateDeploymentConcurrencyAtRunning, ReleaseFlowConcurrencySlots and
EnforceDeploymentConcurrencyOnLate. There is no queue: who waits is scheduled again, and whoever
asks first after a slot is free gets it. Invariant: never more leases than the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

from sim.orchestrators.prefect.concurrency import ConcurrencyLimit, give, take
from sim.orchestrators.prefect.settings import micros

if TYPE_CHECKING:
    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.leases import Lease, Leases
    from sim.orchestrators.prefect.settings import Settings

CollisionStrategy = Literal["ENQUEUE", "CANCEL_NEW"]


class Verdict(Enum):
    """What the rules make of a run that is to become PENDING or RUNNING, or to be marked late."""

    ACCEPT = "accept"
    ENQUEUE = "enqueue"
    """It becomes AwaitingConcurrencySlot, scheduled anew."""
    CANCEL = "cancel"
    ABORT = "abort"
    """Nothing changes: a limit of 0 lets nobody in, ever."""


@dataclass(frozen=True, slots=True)
class DeploymentLimit:
    """`concurrency_limit` of a deployment."""

    limit: int
    collision_strategy: CollisionStrategy = "ENQUEUE"
    grace_period_seconds: float | None = None
    """How long a run may take to start; None: as the server's setting says."""


class DeploymentConcurrency:
    """The rules about deployments' limits, over all flow runs."""

    def __init__(self, kernel: Kernel, settings: Settings, leases: Leases) -> None:
        self._kernel, self._leases = kernel, leases
        self.slot_wait = micros(settings.concurrency_slot_wait_seconds)
        """After how long an enqueued run is scheduled again, microseconds."""
        self._grace = settings.initial_deployment_lease_duration
        self._options: dict[str, DeploymentLimit] = {}
        self.rows: dict[str, ConcurrencyLimit] = {}
        """The row of each deployment that has a limit."""
        self._lease_of: dict[str, Lease] = {}
        self._deployment_of: dict[str, str] = {}
        """Flow runs that hold a slot, and of which deployment."""

    def put(self, deployment: str, options: DeploymentLimit | None) -> None:
        """Give a deployment a limit, another one, or none."""
        if options is None:
            self._options.pop(deployment, None)
            self.rows.pop(deployment, None)
            return
        self._options[deployment] = options
        row = self.rows.get(deployment)
        if row is None:
            name = f"deployment:{deployment}"
            self.rows[deployment] = ConcurrencyLimit(name, options.limit, updated=self._kernel.now)
        else:
            row.limit = options.limit

    def to_pending(self, flow_run: str, deployment: str | None) -> Verdict:
        """A worker or runner has picked a run up."""
        row = self.rows.get(deployment or "")
        if row is None or deployment is None or flow_run in self._lease_of:
            return Verdict.ACCEPT
        if row.limit == 0:
            return Verdict.ABORT
        options = self._options[deployment]
        if take([row], 1, self._kernel.now) is None:
            lease = self._leases.create([row], 1, self._grace_of(options))
            self._lease_of[flow_run], self._deployment_of[flow_run] = lease, deployment
            return Verdict.ACCEPT
        enqueues = options.collision_strategy == "ENQUEUE"
        return Verdict.ENQUEUE if enqueues else Verdict.CANCEL

    def to_running(self, flow_run: str) -> Verdict:
        """Its process wants to start it. A slot that was lost meanwhile is asked for again."""
        lease = self._lease_of.get(flow_run)
        deployment = self._deployment_of.get(flow_run)
        if lease is None or deployment is None or deployment not in self.rows:
            return Verdict.ACCEPT
        grace = self._grace_of(self._options[deployment])
        if not self._leases.renew(lease, grace):
            row = self.rows[deployment]
            if take([row], 1, self._kernel.now) is not None:
                return Verdict.CANCEL
            lease = self._lease_of[flow_run] = self._leases.create([row], 1, grace)
        self._leases.hold(lease)
        return Verdict.ACCEPT

    def released(self, flow_run: str) -> None:
        """It left PENDING, RUNNING and CANCELLING, and is in no retry of its own process."""
        lease = self._lease_of.pop(flow_run, None)
        deployment = self._deployment_of.pop(flow_run, None)
        if lease is not None and not self._leases.release(lease) and deployment in self.rows:
            # the real rule gives a slot back even when the lease's was taken back before
            give([self.rows[deployment]], 1, None, self._kernel.now)

    def process_died(self, flow_run: str) -> None:
        """Its process is gone without a state: nobody renews its lease."""
        if flow_run in self._lease_of:
            self._leases.holder_died(self._lease_of[flow_run])

    def to_late(self, deployment: str | None) -> Verdict:
        """A run is to be marked late; where the new ones are cancelled and it is full, it is."""
        row = self.rows.get(deployment or "")
        if row is None or deployment is None:
            return Verdict.ACCEPT
        cancels = self._options[deployment].collision_strategy == "CANCEL_NEW"
        return Verdict.CANCEL if cancels and row.active_slots >= row.limit else Verdict.ACCEPT

    def _grace_of(self, options: DeploymentLimit) -> int:
        seconds = options.grace_period_seconds
        return micros(self._grace if seconds is None else seconds)
