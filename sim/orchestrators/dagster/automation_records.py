"""What automation conditions ask of a running instance (`automation.records.AssetRecords`).

Source: Dagster 1.13.29, _core/asset_graph_view/asset_graph_view.py. Invariant: updates are numbered
in the order in which they were stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import NOTHING
from sim.orchestrators.dagster.automation.records import Update
from sim.orchestrators.dagster.runs import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.asset_catalog import Materialization
    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.runs import Run

_LOST = frozenset({RunStatus.FAILURE, RunStatus.CANCELED})


class InstanceRecords:
    """The state of every asset of an instance, as of now."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._updates: dict[tuple[str, str | None], Update] = {}
        self._count = 0
        self._failed: dict[tuple[str, str | None], None] = {}
        instance.catalog.listeners.append(self._materialized)
        instance.listeners.append(self._run_changed)

    def last_number(self) -> int:
        """The number of the newest update of all."""
        return self._count

    def materialized(self, key: str) -> PartitionKeys:
        """The partitions that were ever materialized."""
        return frozenset(partition for asset, partition in self._updates if asset == key)

    def latest(self, key: str, partition: str | None) -> Update | None:
        """The latest update of a partition."""
        return self._updates.get((key, partition))

    def run_in_progress(self, key: str) -> PartitionKeys:
        """What runs that are not over have planned."""
        runs = {**self._instance.queued, **self._instance.active}.values()
        return frozenset(one for run in runs for asset, one in planned(run) if asset == key)

    def backfill_in_progress(self, key: str) -> PartitionKeys:
        """What asset backfills that are not over target."""
        found = NOTHING
        for backfill in self._instance.backfills.open:
            if backfill.data is not None:
                found |= backfill.data.target[key]
        return found

    def failed(self, key: str) -> PartitionKeys:
        """What was planned by a run that failed, and not materialized since."""
        return frozenset(partition for asset, partition in self._failed if asset == key)

    def freshness(self, key: str) -> None:
        """No condition that can be written here asks for it."""
        del key

    def blocking_checks_passed(self, key: str) -> PartitionKeys:
        """What was materialized: a blocking check that did not pass keeps its readers from it."""
        return self.materialized(key)

    def _materialized(self, event: Materialization) -> None:
        known = self._updates.get((event.asset, event.partition))
        if event.observed and known is not None and known.data_version == event.data_version:
            return  # an observation is an update when it found another version
        self._count += 1
        assets = frozenset(asset for asset, _ in planned(event.run))
        self._updates[event.asset, event.partition] = Update(
            self._count, event.time, assets, event.data_version
        )
        self._failed.pop((event.asset, event.partition), None)

    def _run_changed(self, run: Run) -> None:
        if run.status not in _LOST:
            return
        for asset, partition in planned(run):
            known = self._updates.get((asset, partition))
            if known is None or known.at < run.created:
                self._failed[asset, partition] = None


def planned(run: Run) -> Iterator[tuple[str, str | None]]:
    """The assets and partitions that a run is to materialize."""
    for step in run.plan.steps:
        node = run.job.nodes[step.key]
        for asset in node.assets:
            for partition in run.keys_for(node) or (None,):
                yield asset, partition
