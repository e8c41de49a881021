"""What automation conditions ask of a running instance (`automation.records.AssetRecords`).

Source: Dagster 1.13.29, _core/asset_graph_view/asset_graph_view.py, _core/storage/
partition_status_cache.py, _utils/caching_instance_queryer.py. Invariant: updates are numbered in
the order in which they were stored.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import NOTHING
from sim.orchestrators.dagster.automation.records import Update
from sim.orchestrators.dagster.check_records import CheckRecords
from sim.orchestrators.dagster.definitions import ASSET_JOB
from sim.orchestrators.dagster.runs import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.orchestrators.dagster.asset_catalog import Materialization
    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.automation.records import CheckKey, CheckState
    from sim.orchestrators.dagster.freshness import FreshnessState
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.runs import Run


class InstanceRecords:
    """The state of every asset of an instance, as of now."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._updates: dict[tuple[str, str | None], Update] = {}
        self._count = 0
        self._failed: dict[tuple[str, str | None], None] = {}
        self._history: dict[str, list[tuple[str | None, Update]]] = {}
        self._open: dict[str, dict[str | None, Run]] = {}
        """By asset and partition, the run that planned it last; until made, or the run is over."""
        self._known: set[str] = set()
        """Runs that were seen, by id."""
        self._checks = CheckRecords(instance)
        instance.catalog.listeners.append(self._materialized)
        instance.catalog.listeners.append(self._remember)
        instance.listeners.append(self._run_changed)

    def last_number(self) -> int:
        """The number of the newest update of all."""
        return self._count

    def materialized(self, key: str) -> PartitionKeys:
        """The partitions that were ever materialized."""
        return frozenset(partition for asset, partition in self._updates if asset == key)

    def updates(self, key: str) -> Sequence[tuple[str | None, Update]]:
        """Every update of an asset with its partition, in order."""
        return self._history.get(key, ())

    def run_in_progress(self, key: str) -> PartitionKeys:
        """What runs that are not over have planned and have not materialized."""
        return frozenset(self._open.get(key, ()))

    def backfill_in_progress(self, key: str) -> PartitionKeys:
        """What asset backfills that are not over target, and have neither made nor lost."""
        found = NOTHING
        for backfill in self._instance.backfills.open:
            data = backfill.data
            if data is not None:
                found |= data.target[key] - data.materialized[key] - data.failed_and_downstream[key]
        return found

    def failed(self, key: str) -> PartitionKeys:
        """What was planned by a run that failed, and not materialized since."""
        return frozenset(partition for asset, partition in self._failed if asset == key)

    def freshness(self, key: str) -> FreshnessState | None:
        """What the freshness daemon wrote last; None: the asset has no policy."""
        if self._instance.definitions.assets[key].freshness_policy is None:
            return None
        return self._instance.freshness.get(key, "UNKNOWN")

    def check(self, key: CheckKey) -> CheckState:
        """The latest execution of a check."""
        return self._checks.state(key)

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

    def _remember(self, event: Materialization) -> None:
        """Put the update that it was at the end of its asset's, and close its attempt."""
        known = self._updates[event.asset, event.partition]
        history = self._history.setdefault(event.asset, [])
        if not history or history[-1][1].number < known.number:
            run = event.run
            planned = known.planned if self._of_selected_assets(run) else frozenset()
            update = replace(known, planned=planned, tags=run.tags, run_id=run.run_id)
            history.append((event.partition, update))
        attempts = self._open.get(event.asset, {})
        if event.partition is not None or attempts.get(None) is event.run:
            attempts.pop(event.partition, None)

    def _of_selected_assets(self, run: Run) -> bool:
        """Whether a run says which assets it is of (`asset_selection`).

        One that a condition or a backfill of assets asked for does; one of a job does not.
        """
        while run.parent is not None:
            run = run.parent
        backfill = self._instance.backfills.of(run)
        return run.job.name == ASSET_JOB or (backfill is not None and backfill.data is not None)

    def _run_changed(self, run: Run) -> None:
        if run.run_id not in self._known:
            self._known.add(run.run_id)
            for asset, partition in planned(run):
                self._open.setdefault(asset, {})[partition] = run
                if partition is None:
                    # of an asset without partitions only the latest attempt counts
                    self._failed.pop((asset, None), None)
        if not run.finished:
            return
        for asset, partition in planned(run):
            if self._open.get(asset, {}).get(partition) is run:
                del self._open[asset][partition]
                if run.status is RunStatus.FAILURE:
                    self._failed[asset, partition] = None


def planned(run: Run) -> Iterator[tuple[str, str | None]]:
    """The assets and partitions that a run is to materialize."""
    for step in run.plan.steps:
        node = run.job.nodes[step.key]
        for asset in node.assets:
            for partition in run.keys_for(node) or (None,):
                yield asset, partition
