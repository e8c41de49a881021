"""Which partitions of an asset may be requested in an iteration of a backfill, and why not others.

A child waits for its parents, unless it can be materialized in the same run with them.
Source: Dagster 1.13.29, _core/execution/asset_backfill.py,
_should_backfill_atomic_asset_subset_unit and _get_cant_run_because_of_parent_reason. Invariant:
what is returned is a part of what was asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import (
    NOTHING,
    AssetGraphSubset,
    PartitionKeys,
)
from sim.orchestrators.dagster.backfill_target import INVARIANT, BackfillError
from sim.orchestrators.dagster.partitions.mapping import IdentityPartitionMapping
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping

if TYPE_CHECKING:
    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is."""

    target: AssetGraphSubset
    requested: AssetGraphSubset
    materialized: AssetGraphSubset
    failed_and_downstream: AssetGraphSubset


def ready_partitions(
    view: AssetGraphView,
    progress: Progress,
    key: str,
    partitions: PartitionKeys,
    so_far: AssetGraphSubset,
) -> PartitionKeys:
    """Those of an asset's partitions that are requested now; `so_far`: what already is.

    Raises `BackfillError` for a partition that needs one that does not exist.
    """
    left = partitions & progress.target[key]
    left -= progress.failed_and_downstream[key] | progress.materialized[key]
    left -= progress.requested[key]
    parents = view.graph.parents(key)
    parent_requested_now = any(so_far[parent] for parent in parents)
    for parent in parents:
        if not left:
            break
        needed, missing = view.parents_of(parent, key, left)
        if missing:
            names = ", ".join(sorted(str(each) for each in missing))
            message = f"{key} depends on partitions of {parent} that do not exist: {names}"
            raise BackfillError(INVARIANT, message)
        open_parents = (needed & progress.target[parent]) - progress.materialized[parent]
        waiting = view.children_of(key, parent, open_parents) & left
        if not waiting:
            continue
        question = _Question(view, progress, key, parent, left, open_parents, so_far[parent])
        if question.must_wait:
            # with a parent in this very iteration all of them wait, so that both do not come into
            # different runs
            left = NOTHING if parent != key and parent_requested_now else left - waiting
        if parent == key:
            left = _first_of(view, key, left)
    return left


def _first_of(view: AssetGraphView, key: str, partitions: PartitionKeys) -> PartitionKeys:
    """As many as one run of an asset that reads itself may take."""
    policy = view.graph[key].backfill_policy
    if policy is None or policy.max_partitions_per_run is None:
        return partitions
    return frozenset(view.in_order(key, partitions)[: policy.max_partitions_per_run])


@dataclass(frozen=True, slots=True)
class _Question:
    """Whether partitions must wait for a parent that is not materialized yet."""

    view: AssetGraphView
    progress: Progress
    key: str
    parent: str
    partitions: PartitionKeys
    open_parents: PartitionKeys
    parent_now: PartitionKeys
    """What of the parent is requested in this iteration."""

    @property
    def must_wait(self) -> bool:
        """Whether they cannot be in one run with their parents."""
        graph = self.view.graph
        spec, above = graph[self.key], graph[self.parent]
        itself = self.key == self.parent
        same = spec.partitions_def == above.partitions_def and self.parent_now == self.partitions
        if not itself and not same:
            return True
        if (spec.backfill_policy, spec.code_location, spec.partitions_def) != (
            above.backfill_policy,
            above.code_location,
            above.partitions_def,
        ):
            return True
        if graph.reads_itself(self.key) and not itself and self.parent_now:
            return True
        if itself:
            return self._must_wait_for_itself
        return not (self._identity or self._one_run_for_all)

    @property
    def _must_wait_for_itself(self) -> bool:
        """With a policy, its own earlier partitions may be in the same run."""
        if self.view.graph[self.key].backfill_policy is None:
            return bool(self.open_parents)
        return bool(self.open_parents - self.partitions - self.progress.materialized[self.key])

    @property
    def _identity(self) -> bool:
        """Whether a key needs the same key of the parent and nothing else."""
        if self.view.graph[self.key].partitions_def is None:
            return True
        mapping = self.view.graph.mapping(self.key, self.parent)
        return isinstance(mapping, IdentityPartitionMapping) or (
            isinstance(mapping, TimeWindowPartitionMapping) and mapping.is_identity
        )

    @property
    def _one_run_for_all(self) -> bool:
        """Whether one run takes the whole target of both, so that the mapping does not matter."""
        policy = self.view.graph[self.parent].backfill_policy
        target = self.progress.target
        return (
            policy is not None
            and target[self.parent] == target[self.key]
            and (
                policy.max_partitions_per_run is None
                or policy.max_partitions_per_run > len(self.parent_now)
            )
            and len(self.parent_now) == len(target[self.parent])
        )
