"""Run monitoring: what becomes of runs that do not start, take too long, or have lost their worker.

Source: Dagster 1.13.29, _daemon/monitoring/run_monitoring.py and concurrency.py. Off by default.
Invariant: without it nobody notices that a run's process is gone; the run stays STARTED and keeps
its place and its slots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.dagster.daemon_loop import DaemonLoop
from sim.orchestrators.dagster.runs import MAX_RUNTIME, Run, RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.run_launcher import RunLauncher


class RunMonitoring:
    """Looks at every run that is under way, each `poll_interval_seconds`."""

    def __init__(self, instance: Instance, launcher: RunLauncher) -> None:
        self._instance = instance
        self._launcher = launcher
        self._config = config = instance.config.run_monitoring
        self.loop = DaemonLoop(
            instance.kernel, config.poll_interval_seconds * SECOND, self._iterate
        )
        self._holding: dict[str, Run] = {}
        """Runs that ended while they may still hold slots."""
        instance.listeners.append(self._changed)

    def worker_lost(self) -> None:
        """The process of a run is gone; only the monitor of a launcher that sees it finds out."""
        if self._launcher.sees_health:
            self.loop.wake()

    def _changed(self, run: Run) -> None:
        if run.finished and run.pools.all_pools:
            self._holding[run.run_id] = run
        self._plan()

    def _plan(self) -> None:
        due = min(self._due(), default=None)
        if due is not None:
            self.loop.wake(max(due, self._instance.kernel.now))

    def _due(self) -> Iterator[int]:
        """The instants from which on an iteration would find something."""
        config = self._config
        for run in self._instance.active.values():
            if run.status is RunStatus.STARTING and config.start_timeout_seconds:
                yield (run.launched_at or 0) + config.start_timeout_seconds * SECOND
            elif run.status is RunStatus.CANCELING and config.cancel_timeout_seconds:
                yield (run.canceling_at or 0) + config.cancel_timeout_seconds * SECOND
            elif run.status is RunStatus.STARTED:
                longest = self._longest(run)
                if longest:
                    yield (run.started_at or 0) + longest + 1
                if run.worker is None and self._launcher.sees_health:
                    yield self._instance.kernel.now
        patience = config.free_slots_after_run_end_seconds * SECOND
        if patience:
            holders = {row.run_id for row in self._instance.pools.rows}
            for run in self._holding.values():
                if run.run_id in holders:
                    yield (run.ended_at or 0) + patience + 1

    def _iterate(self) -> int:
        if not self._instance.database_off:
            for run in list(self._instance.active.values()):
                self._look_at(run)
            self._free_slots()
        self._plan_later()
        return 0

    def _plan_later(self) -> None:
        """What is due later; what an iteration has just seen to does not come again."""
        now = self._instance.kernel.now
        due = min((instant for instant in self._due() if instant > now), default=None)
        if due is not None:
            self.loop.wake(due)

    def _look_at(self, run: Run) -> None:
        now, config = self._instance.kernel.now, self._config
        match run.status:
            case RunStatus.STARTING:
                patience = config.start_timeout_seconds * SECOND
                if patience and now - (run.launched_at or 0) >= patience:
                    self._fail(run, "start_timeout")
            case RunStatus.CANCELING:
                patience = config.cancel_timeout_seconds * SECOND
                if patience and now - (run.canceling_at or 0) >= patience:
                    self._instance.set_status(run, RunStatus.CANCELED, reason="cancel_timeout")
            case RunStatus.STARTED:
                longest = self._longest(run)
                if run.worker is None and self._launcher.sees_health:
                    self._fail(run, "worker_lost")
                elif longest and now - (run.started_at or 0) > longest:
                    self._instance.set_status(run, RunStatus.CANCELING, reason="max_runtime")
                    if run.worker is not None:
                        run.worker.cancel()
                    self._fail(run, "max_runtime")

    def _fail(self, run: Run, reason: str) -> None:
        run.failure_reason = reason
        self._instance.set_status(run, RunStatus.FAILURE, reason=reason)
        if run.lost_worker is not None:
            run.lost_worker.give_up(reason)

    def _longest(self, run: Run) -> int:
        """The longest that a run may take, microseconds; 0: as long as it takes."""
        for tag in MAX_RUNTIME:
            if tag in run.tags:
                try:
                    return round(float(run.tags[tag]) * SECOND)
                except ValueError:
                    return 0
        return self._config.max_runtime_seconds * SECOND

    def _free_slots(self) -> None:
        """Slots that a dead run holds are freed a while after its end."""
        patience = self._config.free_slots_after_run_end_seconds * SECOND
        if not patience:
            return
        for run in list(self._holding.values()):
            if (run.ended_at or 0) + patience < self._instance.kernel.now:
                del self._holding[run.run_id]
                self._instance.pools.free_run(run.run_id)
