"""The backfill daemon: every thirty seconds it takes each open backfill one iteration further.

It is stepped when something has changed for one of them: a run has ended, an asset was
materialized, the last iteration did something, somebody asked for its end. Backfills are seen to
one after another, oldest first. Source: Dagster 1.13.29, _daemon/backfill.py. Invariant: what is
over is never looked at again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import SECOND
from sim.orchestrators.dagster.asset_backfill import (
    BulkActionStatus,
    iterate,
    outcome,
    while_canceling,
)
from sim.orchestrators.dagster.asset_graph_view import AssetGraphView
from sim.orchestrators.dagster.backfill_target import BackfillError
from sim.orchestrators.dagster.backfills import BACKFILL, PartitionBackfill
from sim.orchestrators.dagster.daemon_loop import DaemonLoop
from sim.orchestrators.dagster.job_backfill import CHECKPOINT_COUNT, CHECKPOINT_INTERVAL_US
from sim.orchestrators.dagster.runs import RunStatus
from sim.orchestrators.dagster.ticks import tick_fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.run_launcher import RunLauncher
    from sim.orchestrators.dagster.run_requests import RunRequest
    from sim.orchestrators.dagster.runs import Run

INTERVAL_US = 30 * SECOND
"""`DEFAULT_DAEMON_INTERVAL_SECONDS`."""
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
_ENDING = {
    BulkActionStatus.CANCELING: BulkActionStatus.CANCELED,
    BulkActionStatus.FAILING: BulkActionStatus.FAILED,
}
_CANCELABLE = frozenset({RunStatus.QUEUED, RunStatus.NOT_STARTED, RunStatus.STARTED})


class BackfillDaemon:
    """Iterates backfills."""

    def __init__(
        self, instance: Instance, launcher: RunLauncher, *, waits_for_retry: Callable[[Run], bool]
    ) -> None:
        self._instance = instance
        self._launcher = launcher
        self._waits_for_retry = waits_for_retry
        """Whether a run that failed is about to be executed again."""
        self._kernel = instance.kernel
        self.loop = DaemonLoop(instance.kernel, INTERVAL_US, self._iterate)
        instance.backfills.changed = self.loop.wake

    def _iterate(self) -> int:
        """One iteration of each open backfill; how long it takes, microseconds."""
        if self._instance.database_off:
            return 0
        busy = 0
        for backfill in list(self._instance.backfills.open):
            if busy:
                self._kernel.after(busy, self._while_up, partial(self._evaluate, backfill))
            else:
                self._evaluate(backfill)
            busy += _sleeps(backfill)
        return busy

    def _while_up(self, act: Callable[[], None]) -> None:
        """What the iteration comes to later, unless the daemon has gone down meanwhile."""
        if self.loop.running and not self._instance.database_off:
            act()

    def _evaluate(self, backfill: PartitionBackfill) -> None:
        if backfill.status.over:
            return
        if backfill.status in _ENDING:
            self._end(backfill)
        elif backfill.data is None:
            self._submit_chunk(backfill)
        else:
            self._iterate_assets(backfill)
        self._instance.note_news()

    # -- asset backfills --------------------------------------------------------------------

    def _iterate_assets(self, backfill: PartitionBackfill) -> None:
        before, view = backfill.data, self._view(backfill)
        assert before is not None
        made = backfill.materialized
        try:
            step = iterate(view, before, materialized=made, failed=backfill.failed)
        except BackfillError as error:
            # Dagster takes its own errors for lasting ones, and so does not try again
            self._become(backfill, BulkActionStatus.FAILING, reason=str(error))
            self._look_again()
            return
        data = step.data
        for request in step.run_requests:
            data = data.submitted(request, view)
        if step.run_requests:
            self._note(backfill, requested=len(step.run_requests))
        for request in step.run_requests:
            self._submit(backfill, request, view)
        status, backfill.data = outcome(
            view,
            before,
            data,
            runs_complete=self._runs_complete(backfill),
            materialized=backfill.materialized,
        )
        if status is not backfill.status:
            self._become(backfill, status)
        elif backfill.data != before:
            self._look_again()

    # -- job backfills ----------------------------------------------------------------------

    def _submit_chunk(self, backfill: PartitionBackfill) -> None:
        if backfill.status is not BulkActionStatus.REQUESTED:
            return
        view, first = self._view(backfill), backfill.submitted
        chunk = backfill.requests[first : first + CHECKPOINT_COUNT]
        backfill.submitted += len(chunk)
        if chunk:
            self._note(backfill, requested=len(chunk))
        for request in chunk:
            self._submit(backfill, request, view)
        if backfill.submitted < len(backfill.requests):
            later = partial(self._submit_chunk, backfill)
            self._kernel.after(CHECKPOINT_INTERVAL_US, self._while_up, later)
        elif all(run.finished for run in backfill.runs.values()):
            lost = any(run.status is not RunStatus.SUCCESS for run in backfill.runs.values())
            ended = BulkActionStatus.COMPLETED_SUCCESS
            self._become(backfill, BulkActionStatus.COMPLETED_FAILED if lost else ended)

    # -- both -------------------------------------------------------------------------------

    def _end(self, backfill: PartitionBackfill) -> None:
        """Terminate what still runs; the backfill is over once nothing does."""
        running = [run for run in backfill.runs.values() if not run.finished]
        cancelable = [run for run in running if run.status in _CANCELABLE]
        # those in the queue first: they end at once
        for run in sorted(cancelable, key=lambda run: run.status is RunStatus.STARTED):
            self._launcher.terminate(run)
        before = backfill.data
        if before is not None:
            backfill.data = while_canceling(
                before, materialized=backfill.materialized, failed=backfill.failed
            )
        # Dagster asks what it knew before this iteration
        if not running or (before is not None and before.requested_all_ended):
            self._become(backfill, _ENDING[backfill.status])
        else:
            self._look_again()

    def _submit(
        self, backfill: PartitionBackfill, request: RunRequest, view: AssetGraphView
    ) -> None:
        job, tags = backfill.job, {BACKFILL: backfill.backfill_id}
        if request.partition_range is not None:
            tags[RANGE_START], tags[RANGE_END] = request.partition_range
        keys = job.plan.steps_of(request.asset_selection)
        whole = backfill.data is None or len(keys) == len(job.plan.steps)
        self._instance.create_run(
            job,
            run_type="backfill",
            cause=backfill.row,
            plan=None if whole else job.plan.only(keys),
            partition_keys=request.partition_keys(view),
            tags=tags,
        )

    def _runs_complete(self, backfill: PartitionBackfill) -> bool:
        return all(
            run.finished and not self._waits_for_retry(run) for run in backfill.runs.values()
        )

    def _view(self, backfill: PartitionBackfill) -> AssetGraphView:
        at = self._instance.partitions_at(backfill.requested_at)
        return AssetGraphView(self._instance.definitions.graph, at)

    def _become(
        self, backfill: PartitionBackfill, status: BulkActionStatus, *, reason: str | None = None
    ) -> None:
        backfill.status = status
        self._note(backfill, reason=reason)

    def _note(
        self, backfill: PartitionBackfill, *, requested: int = 0, reason: str | None = None
    ) -> None:
        """Write down what an iteration has done."""
        detail: dict[str, Any] = {"state": backfill.status.value, "requested": requested}
        if backfill.data is not None:
            detail["targeted"] = len(backfill.data.target)
            detail["materialized"] = len(backfill.data.materialized)
            detail["failed"] = len(backfill.data.failed_and_downstream)
        if reason is not None:
            detail["reason"] = reason
        backfill.row = tick_fact(
            self._kernel,
            backfill.backfill_id,
            "FAILURE" if reason is not None else "SUCCESS" if requested else "SKIPPED",
            kind="BACKFILL",
            job=backfill.job.name,
            cause=backfill.row,
            **detail,
        )

    def _look_again(self) -> None:
        """The next iteration may find more."""
        self.loop.wake(self._kernel.now + 1)


def _sleeps(backfill: PartitionBackfill) -> int:
    """How long an iteration is busy with a backfill from now on: it sleeps between its chunks."""
    if backfill.status is not BulkActionStatus.REQUESTED or backfill.data is not None:
        return 0
    left = len(backfill.requests) - backfill.submitted
    return -(-left // CHECKPOINT_COUNT) * CHECKPOINT_INTERVAL_US
