"""Subsets of an asset graph, and what a subset of one asset means for its neighbours.

A subset of an asset is a frozenset of partition keys; an asset without partitions has the one key
None. Source: Dagster 1.13.29, _core/asset_graph_view/ and definitions/assets/graph/
asset_graph_subset.py. Invariant: no asset stands in a subset with no partition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.partitions.definition import NO_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext

PartitionKeys = frozenset[str | None]
"""Partitions of one asset; {None}: an asset without partitions, whole."""
NOTHING: PartitionKeys = frozenset()
WHOLE: PartitionKeys = frozenset({None})


@dataclass(frozen=True, slots=True)
class AssetGraphSubset:
    """Partitions of several assets."""

    partitions: Mapping[str, PartitionKeys] = field(default_factory=dict)

    @classmethod
    def of(cls, partitions: Mapping[str, Iterable[str | None]]) -> AssetGraphSubset:
        """A subset; assets without partitions in it are left out."""
        found = {key: frozenset(keys) for key, keys in partitions.items()}
        return cls({key: keys for key, keys in found.items() if keys})

    def __getitem__(self, key: str) -> PartitionKeys:
        return self.partitions.get(key, NOTHING)

    def __bool__(self) -> bool:
        return bool(self.partitions)

    def __or__(self, other: AssetGraphSubset) -> AssetGraphSubset:
        keys = dict.fromkeys((*self.partitions, *other.partitions))
        return AssetGraphSubset.of({key: self[key] | other[key] for key in keys})

    def __and__(self, other: AssetGraphSubset) -> AssetGraphSubset:
        return AssetGraphSubset.of({key: self[key] & other[key] for key in self.partitions})

    def __sub__(self, other: AssetGraphSubset) -> AssetGraphSubset:
        return AssetGraphSubset.of({key: self[key] - other[key] for key in self.partitions})

    def __len__(self) -> int:
        return sum(len(keys) for keys in self.partitions.values())

    def __iter__(self) -> Iterator[str]:
        """The assets that have a partition in it, by key."""
        return iter(sorted(self.partitions))

    def only(self, assets: Iterable[str]) -> AssetGraphSubset:
        """The part about some assets."""
        return AssetGraphSubset.of({key: self[key] for key in assets})


EMPTY = AssetGraphSubset()


@dataclass(frozen=True, slots=True)
class AssetGraphView:
    """A graph as of one instant, which decides what partitions there are."""

    graph: AssetGraph
    at: PartitionLoadingContext

    def full(self, key: str) -> PartitionKeys:
        """All of an asset."""
        definition = self.graph[key].partitions_def
        return WHOLE if definition is None else frozenset(definition.keys(self.at))

    def in_order(self, key: str, partitions: PartitionKeys) -> tuple[str | None, ...]:
        """Partitions of an asset in its definition's order."""
        definition = self.graph[key].partitions_def
        if definition is None:
            return tuple(partitions)
        return definition.in_order(named(partitions), self.at)

    def parents_of(
        self, parent: str, child: str, partitions: PartitionKeys
    ) -> tuple[PartitionKeys, PartitionKeys]:
        """The partitions of a parent that some of a child need, and those that do not exist."""
        upstream = self.graph[parent].partitions_def
        downstream = self.graph[child].partitions_def
        if not partitions:
            return NOTHING, NOTHING
        if upstream is None:
            return WHOLE, NOTHING
        found = self.graph.mapping(child, parent).upstream_of(
            None if downstream is None else named(partitions),
            upstream=upstream,
            downstream=downstream,
            at=self.at,
        )
        return frozenset(found.keys), frozenset(found.required_but_nonexistent)

    def children_of(self, child: str, parent: str, partitions: PartitionKeys) -> PartitionKeys:
        """The partitions of a child that need any of a parent's."""
        upstream = self.graph[parent].partitions_def
        downstream = self.graph[child].partitions_def
        if not partitions:
            return NOTHING
        if upstream is None or downstream is None:
            return self.full(child)
        keys = self.graph.mapping(child, parent).downstream_of(
            named(partitions), upstream=upstream, downstream=downstream, at=self.at
        )
        return frozenset(keys)

    def mapped(
        self, asset: str, other: str, partitions: PartitionKeys, *, down: bool
    ) -> PartitionKeys:
        """The partitions of another asset that some of one are about, up or down the graph."""
        if down:
            return self.children_of(other, asset, partitions)
        return self.parents_of(other, asset, partitions)[0]


def named(partitions: PartitionKeys) -> frozenset[str]:
    """The keys of a partitioned asset's partitions."""
    return frozenset(key for key in partitions if key is not None) if partitions else NO_KEYS
