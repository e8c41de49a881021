"""The run queue daemon: every five seconds it launches what may start.

When an iteration can find something else than the one before, it is stepped; what it decides is
`run_queue`'s. Source: Dagster 1.13.29, _daemon/run_coordinator/queued_run_coordinator_daemon.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.dagster.daemon_loop import DaemonLoop
from sim.orchestrators.dagster.definitions import tag_limits
from sim.orchestrators.dagster.run_queue import PoolsNow, QueueLimits, runs_to_dequeue
from sim.orchestrators.dagster.runs import ACTIVE, Run, RunStatus

if TYPE_CHECKING:
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.run_launcher import RunLauncher

ALLOTTED_US = 5 * SECOND
"""How long a run that started keeps the slots of its root steps, although it may not have claimed
them (`DAGSTER_OP_CONCURRENCY_KEYS_ALLOTTED_FOR_STARTED_RUN_SECONDS`)."""


class RunQueueDaemon:
    """Dequeues runs."""

    def __init__(self, instance: Instance, launcher: RunLauncher) -> None:
        self._instance = instance
        self._launcher = launcher
        queue = instance.config.concurrency.runs
        pools = instance.config.concurrency.pools
        self._limits = QueueLimits(
            max_concurrent_runs=queue.max_concurrent_runs,
            tag_concurrency_limits=tag_limits(queue.tag_concurrency_limits),
            block_op_concurrency_limited_runs=queue.block_op_concurrency_limited_runs,
            granularity=pools.granularity,
            op_granularity_run_buffer=pools.op_granularity_run_buffer,
        )
        self.loop = DaemonLoop(
            instance.kernel, queue.dequeue_interval_seconds * SECOND, self._iterate
        )
        instance.listeners.append(self._changed)
        instance.pools.freed = self.wake

    def wake(self) -> None:
        """Something changed that may let a run start."""
        if self._instance.queued:
            self.loop.wake()

    def _changed(self, run: Run) -> None:
        if run.status not in ACTIVE:
            self.wake()
        elif run.status is RunStatus.STARTED and run.pools.roots and self._instance.queued:
            self.loop.wake(self._instance.kernel.now + ALLOTTED_US)

    def _iterate(self) -> int:
        instance = self._instance
        if instance.database_off:
            return 0
        chosen = runs_to_dequeue(
            list(instance.queued.values()),
            list(instance.active.values()),
            limits=self._limits,
            pools=self._pools_now(),
        )
        each = self._launcher.launch_us
        for number, run in enumerate(chosen):
            instance.kernel.after(number * each, self._launch, run)
        if chosen and len(instance.queued) > len(chosen):
            # what a launch changes is seen by the next iteration
            self.loop.wake(instance.kernel.now + 1)
        return len(chosen) * each

    def _launch(self, run: Run) -> None:
        if run.status is RunStatus.QUEUED and self.loop.running:
            self._launcher.launch(run)

    def _pools_now(self) -> PoolsNow:
        instance = self._instance
        named = {
            pool: 0
            for runs in (instance.queued, instance.active)
            for run in runs.values()
            for pool in run.pools.all_pools
        }
        if not named:
            return PoolsNow()
        allotted: dict[str, int] = {}
        for run in instance.active.values():
            started = run.started_at
            lately = started is None or instance.kernel.now - started < ALLOTTED_US
            if run.status is not RunStatus.CANCELING and lately:
                for pool, count in run.pools.roots.items():
                    allotted[pool] = allotted.get(pool, 0) + count
        return PoolsNow(instance.pools.limits(named), instance.pools.taken(), allotted)
