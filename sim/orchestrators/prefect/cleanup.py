"""What the server ends because nobody else did: pauses, cancellations, and what they leave behind.

Source: Prefect 3.8.8, server/services/pause_expirations.py and
server/services/cancellation_cleanup.py. Invariant: each run is ended at most once for each time it
came into the state that is cleaned up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.prefect.service_loop import CANCELLATIONS, PAUSES, ServiceLoop
from sim.orchestrators.prefect.settings import micros

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call, Kernel
    from sim.orchestrators.prefect.settings import Settings


class PauseExpirations:
    """The service `monitor_expired_pauses`: who was paused and never resumed has failed."""

    def __init__(self, kernel: Kernel, settings: Settings, *, fail: Callable[[str], None]) -> None:
        self._fail = fail
        self._until: dict[str, int] = {}
        every = micros(settings.pause_expirations_loop_seconds)
        self.loop = ServiceLoop(kernel, every, self._look, rank=PAUSES)

    def paused(self, flow_run: str, pause_timeout: int) -> None:
        """A run came into a PAUSED state that ends at an instant."""
        self._until[flow_run] = pause_timeout
        self.loop.wake_at(pause_timeout + 1)

    def left(self, flow_run: str) -> None:
        """It is not PAUSED any more."""
        self._until.pop(flow_run, None)

    def _look(self, now: int) -> int | None:
        for flow_run, until in sorted(self._until.items()):
            if until < now:
                del self._until[flow_run]
                self._fail(flow_run)
        return min((until + 1 for until in self._until.values()), default=None)


class CancellationCleanup:
    """Ends runs that stay Cancelling, and whatever runs on under cancelled ones."""

    def __init__(
        self,
        kernel: Kernel,
        settings: Settings,
        *,
        cancel: Callable[[str], None],
        cancel_children: Callable[[str], None],
    ) -> None:
        """`cancel(flow_run)` makes a Cancelling run Cancelled.

        `cancel_children(flow_run)` cancels the task runs and subflow runs of a cancelled run that
        have not ended.
        """
        self._kernel = kernel
        self._cancel, self._cancel_children = cancel, cancel_children
        self._timeout = micros(settings.cancellation_cleanup_cancelling_timeout_seconds)
        self._checks: dict[str, Call] = {}
        self._due: dict[str, int] = {}
        """When each run that is Cancelling is looked at."""
        self._cancelled: dict[str, None] = {}
        every = micros(settings.cancellation_cleanup_loop_seconds)
        self.loop = ServiceLoop(kernel, every, self._look, rank=CANCELLATIONS)

    def cancelling(self, flow_run: str) -> None:
        """A run came into Cancelling: it is looked at when its time is over, not at a loop."""
        self.left(flow_run)
        self._due[flow_run] = self._kernel.now + self._timeout
        self._checks[flow_run] = self._kernel.at(self._due[flow_run], self._timed_out, flow_run)

    def left(self, flow_run: str) -> None:
        """It is not Cancelling any more."""
        if flow_run in self._checks:
            self._checks.pop(flow_run).cancel()
            del self._due[flow_run]

    def cancelled(self, flow_run: str) -> None:
        """A run came into Cancelled."""
        self.left(flow_run)
        self._cancelled[flow_run] = None
        self.loop.wake()

    def _timed_out(self, flow_run: str) -> None:
        if self.loop.running:
            self.left(flow_run)
            self._cancel(flow_run)

    def _look(self, now: int) -> int | None:
        # checks that came while the server was down are made when it is up again
        for flow_run, at in list(self._due.items()):
            if at < now and flow_run in self._checks:
                self._timed_out(flow_run)
        found, self._cancelled = self._cancelled, {}
        for flow_run in found:
            self._cancel_children(flow_run)
        return None
