"""What a step takes from storage before it begins, and what it hands over at its end.

Source: Dagster 1.13.29, _core/execution/plan/execute_step.py. Invariant: what a step takes down of
its inputs is as of its beginning, however long it takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import WHOLE, AssetGraphView
from sim.orchestrators.dagster.data_versions import Inputs

if TYPE_CHECKING:
    from sim.model.work import Outcome
    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.macros import StepTry


class StepData:
    """The data of the steps of a run."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._catalog = instance.catalog

    def ready(self, tried: StepTry) -> bool:
        """Take down the versions of the inputs; whether all that is loaded is there."""
        view = self._view()
        versions = self._catalog.versions
        tried.inputs = {
            asset: versions.inputs(asset, tried.partition_keys, view) for asset in tried.node.assets
        }
        return all(self._loadable(tried, asset, by, view) for asset, by in tried.node.loads)

    def _view(self) -> AssetGraphView:
        at = self._instance.partitions_at(self._instance.kernel.now)
        return AssetGraphView(self._instance.definitions.graph, at)

    def _loadable(self, tried: StepTry, asset: str, by: str, view: AssetGraphView) -> bool:
        """Whether the IO manager finds every partition of an asset that the step's own need."""
        keys: PartitionKeys = frozenset(tried.partition_keys) or WHOLE
        needed, nonexistent = view.parents_of(asset, by, keys)
        stored = self._catalog.stored
        return not nonexistent and all(stored(asset, key) for key in view.in_order(asset, needed))

    def hand_over(self, tried: StepTry, outcome: Outcome, cause: int) -> None:
        """A step of assets yields its materializations, upstream first, or what it observed."""
        graph, said = self._instance.definitions.graph, outcome.returned
        for asset in tried.node.assets:
            version = None
            if graph[asset].observable and said is not None:
                version = f"{said.length}:{said.size}"
            inputs = self._with_siblings(tried, asset)
            for key in tried.partition_keys or (None,):
                self._catalog.add(
                    asset,
                    key,
                    tried.run,
                    inputs,
                    task_instance=tried.entity,
                    cause=cause,
                    data_version=version,
                )

    def _with_siblings(self, tried: StepTry, asset: str) -> Inputs:
        """What was taken down, and of assets that the same step has just made their new version."""
        before = tried.inputs[asset]
        siblings = [name for name in before.versions if name in tried.node.assets and name != asset]
        if not siblings:
            return before
        now = self._catalog.versions.inputs(asset, tried.partition_keys, self._view())
        return Inputs(
            {**before.versions, **{name: now.versions[name] for name in siblings}},
            {**before.pointers, **{name: now.pointers[name] for name in siblings}},
        )
