"""What a step takes from storage before it begins, and what it hands over at its end.

Source: Dagster 1.13.29, _core/execution/plan/execute_step.py. Invariant: what a step takes down of
its inputs is as of its beginning, however long it takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import WHOLE, AssetGraphView

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
        view = AssetGraphView(
            self._instance.definitions.graph,
            self._instance.partitions_at(self._instance.kernel.now),
        )
        if tried.node.asset:
            versions = self._catalog.versions
            tried.inputs = versions.inputs(tried.step.node, tried.partition_keys, view)
        return all(self._loadable(tried, asset, view) for asset in tried.node.loads)

    def _loadable(self, tried: StepTry, asset: str, view: AssetGraphView) -> bool:
        """Whether the IO manager finds every partition of an asset that the step's own need."""
        keys: PartitionKeys = frozenset(tried.partition_keys) or WHOLE
        needed, nonexistent = view.parents_of(asset, tried.step.node, keys)
        stored = self._catalog.stored
        return not nonexistent and all(stored(asset, key) for key in view.in_order(asset, needed))

    def hand_over(self, tried: StepTry, outcome: Outcome, cause: int) -> None:
        """A step of an asset yields its materializations, or what it observed."""
        if not tried.node.asset:
            return
        assert tried.inputs is not None
        asset, said = tried.step.node, outcome.returned
        version = None
        if self._instance.definitions.graph[asset].observable and said is not None:
            version = f"{said.length}:{said.size}"
        for key in tried.partition_keys or (None,):
            self._catalog.add(
                asset,
                key,
                tried.run,
                tried.inputs,
                task_instance=tried.entity,
                cause=cause,
                data_version=version,
            )
