"""Runs that are asked for: which assets together, for which partitions.

Source: Dagster 1.13.29, _core/definitions/automation_tick_evaluation_context.py. Between groups of
assets Dagster leaves the order to a Python set; here it is that of the graph. Invariant: every
asset partition that was to be requested stands in exactly one request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import WHOLE, AssetGraphSubset, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.asset_graph import AssetSpec, BackfillPolicy
    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView, PartitionKeys
    from sim.orchestrators.dagster.partitions.definition import (
        Keys,
        PartitionLoadingContext,
        PartitionsDefinition,
    )


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run."""

    asset_selection: tuple[str, ...]
    """In order of keys."""
    partition_key: str | None = None
    partition_range: tuple[str, str] | None = None
    """First and last key of a run over several (the tags dagster/asset_partition_range_...)."""

    def partitions(self, view: AssetGraphView) -> AssetGraphSubset:
        """The asset partitions that it is to materialize."""
        return AssetGraphSubset.of({key: self._of(key, view) for key in self.asset_selection})

    def partition_keys(self, view: AssetGraphView) -> tuple[str, ...]:
        """The keys it is about, in order; none for assets without partitions."""
        definition = view.graph[self.asset_selection[0]].partitions_def
        if definition is None or (self.partition_key is None and self.partition_range is None):
            return ()
        if self.partition_range is None:
            assert self.partition_key is not None
            return (self.partition_key,)
        return definition.keys_in_range(*self.partition_range, view.at)

    def _of(self, key: str, view: AssetGraphView) -> PartitionKeys:
        return (
            WHOLE
            if view.graph[key].partitions_def is None
            else frozenset(self.partition_keys(view))
        )


@dataclass(frozen=True, slots=True)
class _Together:
    """What assets must share to be in the same runs."""

    partitions_def: PartitionsDefinition | None
    keys: Keys
    backfill_policy: BackfillPolicy | None
    code_location: str
    observable: bool

    @classmethod
    def of(cls, spec: AssetSpec, partitions: PartitionKeys) -> _Together:
        """What one asset would share."""
        keys = named(partitions)
        return cls(
            spec.partitions_def,
            keys,
            spec.backfill_policy,
            spec.code_location,
            spec.observable,
        )


def requests_by_policy(view: AssetGraphView, subset: AssetGraphSubset) -> list[RunRequest]:
    """The runs of a subset, by the backfill policies of its assets.

    No policy: a run for each key, in order of their text. Else a run for each contiguous range, or
    for each so many keys of one (build_run_requests_with_backfill_policies).
    """
    groups: dict[_Together, list[str]] = {}
    for key in view.graph.topological(subset):
        groups.setdefault(_Together.of(view.graph[key], subset[key]), []).append(key)
    return [
        request for shared, assets in groups.items() for request in _group(shared, assets, view)
    ]


def requests_by_key(view: AssetGraphView, subset: AssetGraphSubset) -> list[RunRequest]:
    """The runs of a subset without regard to policies: one for each key, in order of their text.

    So automation conditions ask for runs (_build_run_requests_from_partitions_def_mapping).
    """
    groups: dict[_Together, list[str]] = {}
    for asset in view.graph.topological(subset):
        spec = view.graph[asset]
        for key in view.in_order(asset, subset[asset]):
            one = frozenset() if key is None else frozenset({key})
            shared = _Together(spec.partitions_def, one, None, spec.code_location, spec.observable)
            groups.setdefault(shared, []).append(asset)
    found = [
        request for shared, assets in groups.items() for request in _group(shared, assets, view)
    ]
    return sorted(found, key=lambda request: request.partition_key or "")


def _all_groups(groups: dict[_Together, list[str]], view: AssetGraphView) -> list[RunRequest]:
    return [each for shared, assets in groups.items() for each in _group(shared, assets, view)]


def _group(shared: _Together, assets: list[str], view: AssetGraphView) -> Iterator[RunRequest]:
    selection = tuple(sorted(assets))
    if shared.partitions_def is None:
        yield RunRequest(selection)
    elif shared.backfill_policy is None:
        for key in sorted(shared.keys):
            yield RunRequest(selection, partition_key=key)
    else:
        size = shared.backfill_policy.max_partitions_per_run
        for chunk in ranges(shared.partitions_def, shared.keys, size, view.at):
            yield RunRequest(selection, partition_range=chunk)


def ranges(
    definition: PartitionsDefinition, keys: Keys, size: int | None, at: PartitionLoadingContext
) -> Iterator[tuple[str, str]]:
    """The contiguous ranges of a subset, cut into pieces of at most so many keys."""
    for start, end in definition.key_ranges(keys, at):
        if size is None:
            yield start, end
            continue
        inside = definition.keys_in_range(start, end, at)
        for first in range(0, len(inside), size):
            piece = inside[first : first + size]
            yield piece[0], piece[-1]
