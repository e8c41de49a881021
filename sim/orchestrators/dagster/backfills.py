"""Backfills as the instance's storage knows them, with the runs that belong to each.

Rows only: what an iteration decides is `asset_backfill`'s and `job_backfill`'s, when it is one the
daemon's. Source: Dagster 1.13.29, _core/execution/backfill.py. Invariant: a run belongs to the
backfill whose id is its tag, retries of it too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_backfill import AssetBackfillData, BulkActionStatus
from sim.orchestrators.dagster.asset_graph_view import AssetGraphSubset, AssetGraphView
from sim.orchestrators.dagster.backfill_target import BACKFILL_FAILED, BackfillError, target_of_keys
from sim.orchestrators.dagster.job_backfill import job_requests
from sim.orchestrators.dagster.runs import Run, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.orchestrators.dagster.asset_catalog import Materialization
    from sim.orchestrators.dagster.definitions import JobPlan
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.run_requests import RunRequest

BACKFILL = "dagster/backfill"
"""The tag of a backfill's runs."""


@dataclass(slots=True, eq=False, kw_only=True)
class PartitionBackfill:
    """One backfill (a bulk action)."""

    backfill_id: str
    job: JobPlan
    requested_at: int
    """As of when partitions exist for it, however long it goes on."""
    row: int
    """The journal row of its latest change."""
    data: AssetBackfillData | None = None
    """Of an asset backfill."""
    requests: tuple[RunRequest, ...] = ()
    """Of a job backfill: every run of it, in order."""
    submitted: int = 0
    """How many of these there have been."""
    status: BulkActionStatus = BulkActionStatus.REQUESTED
    runs: dict[str, Run] = field(default_factory=dict)
    """By id, in order of creation."""
    made: dict[str, set[str | None]] = field(default_factory=dict)
    """What its runs have materialized, by asset."""

    @property
    def materialized(self) -> AssetGraphSubset:
        """What its runs have materialized up to now."""
        return AssetGraphSubset.of(self.made)

    @property
    def failed(self) -> AssetGraphSubset:
        """What was planned in runs that failed or were canceled, and not made since."""
        lost: dict[str, set[str | None]] = {}
        for run in self.runs.values():
            if run.status in {RunStatus.FAILURE, RunStatus.CANCELED}:
                for step in run.plan.steps:
                    node = run.job.nodes[step.key]
                    for asset in node.assets:
                        lost.setdefault(asset, set()).update(run.keys_for(node) or (None,))
        return AssetGraphSubset.of(lost) - self.materialized


class Backfills:
    """Every backfill of an instance."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.rows: dict[str, PartitionBackfill] = {}
        """By id, in the order in which they were requested."""
        self.changed: Callable[[], None] = lambda: None
        """Told when an iteration may find something new."""
        instance.listeners.append(self._run_changed)
        instance.catalog.listeners.append(self._materialized)

    @property
    def open(self) -> Iterator[PartitionBackfill]:
        """Those that are not over."""
        return (each for each in self.rows.values() if not each.status.over)

    def of(self, run: Run) -> PartitionBackfill | None:
        """The backfill that a run belongs to, if it does."""
        return self.rows.get(run.tags.get(BACKFILL, ""))

    def request(self, job: JobPlan, keys: tuple[str, ...], *, cause: int) -> PartitionBackfill:
        """Ask for a backfill of a job over some keys; the daemon sees to it.

        A job whose assets share their partitions is run key by key, as its page does it; the
        assets of any other are materialized as an asset backfill. Raises `BackfillError` for keys
        that have no meaning for its assets.
        """
        instance, kernel = self._instance, self._instance.kernel
        view = AssetGraphView(instance.definitions.graph, instance.partitions_at(kernel.now))
        data: AssetBackfillData | None = None
        requests: tuple[RunRequest, ...] = ()
        if job.partitions is None:
            data = AssetBackfillData(target_of_keys(view, job.assets, keys))
            if not data.target:
                message = "there is no such partition"
                raise BackfillError(BACKFILL_FAILED, message)
        else:
            requests = tuple(job_requests(view, job.assets, keys))
        number = len(self.rows)
        bits = kernel.streams.bits("dagster_backfill_id", job.name, number)
        backfill = PartitionBackfill(
            backfill_id=f"{bits:016x}"[:8],
            job=job,
            requested_at=kernel.now,
            row=cause,
            data=data,
            requests=requests,
        )
        self.rows[backfill.backfill_id] = backfill
        self.changed()
        instance.note_news()
        return backfill

    def cancel(self, backfill: PartitionBackfill, *, cause: int) -> None:
        """Ask for the end of a backfill: its runs are terminated by the daemon."""
        if backfill.status is BulkActionStatus.REQUESTED:
            backfill.status, backfill.row = BulkActionStatus.CANCELING, cause
            self.changed()

    def _run_changed(self, run: Run) -> None:
        backfill = self.of(run)
        if backfill is None:
            return
        backfill.runs.setdefault(run.run_id, run)
        if run.finished and not backfill.status.over:
            self.changed()

    def _materialized(self, event: Materialization) -> None:
        backfill = self.of(event.run)
        if backfill is None:
            return
        backfill.made.setdefault(event.asset, set()).add(event.partition)
        if not backfill.status.over:
            self.changed()
