"""Mappings of multi-partitions, dimension by dimension.

A dimension that no dependency names goes with every key of the other side.
Source: Dagster 1.13.29, _core/definitions/partitions/mapping/multi/. Invariant: both directions
come from the same list of dimension dependencies.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from sim.orchestrators.dagster.partitions.definition import (
    NO_KEYS,
    Keys,
    MultiPartitionsDefinition,
)
from sim.orchestrators.dagster.partitions.mapping import (
    CHECK,
    INVALID_DEFINITION,
    UNPARTITIONED,
    IdentityPartitionMapping,
    PartitionMapping,
    PartitionMappingError,
    UpstreamPartitions,
)
from sim.orchestrators.dagster.partitions.time_window import TimeWindowPartitionsDefinition
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.partitions.definition import (
        PartitionLoadingContext,
        PartitionsDefinition,
    )


class DimensionDependency(NamedTuple):
    """Which dimensions go together and how; None: a definition without dimensions."""

    partition_mapping: PartitionMapping
    upstream_dimension_name: str | None = None
    downstream_dimension_name: str | None = None


class DimensionPartitionMapping(NamedTuple):
    """The downstream dimension of an upstream one, and the mapping between them."""

    dimension_name: str
    partition_mapping: PartitionMapping


@dataclass(frozen=True, slots=True)
class MultiToSingleDimensionPartitionMapping:
    """Multi-partitions on one side, one of their dimensions on the other."""

    partition_dimension_name: str | None = None

    @property
    def name(self) -> str:
        """Dagster's class."""
        return "MultiToSingleDimensionPartitionMapping"

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """There must be one dimension that it can mean, whatever name it has been given."""
        if downstream is None:
            message = "downstream_partitions_def must be provided"
            raise PartitionMappingError(INVALID_DEFINITION, message)
        shared_dimension(upstream=upstream, downstream=downstream)

    def upstream_of(
        self,
        keys: Keys | None,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,
        at: PartitionLoadingContext,
    ) -> UpstreamPartitions:
        """Every upstream key with the right part in the shared dimension."""
        below = _partitioned(downstream)
        shared = [shared_dimension(upstream=upstream, downstream=below)]
        return _upstream_of(shared, keys, upstream, below, at)

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,
    ) -> Keys:
        """Every downstream key with the right part in the shared dimension."""
        shared = [shared_dimension(upstream=upstream, downstream=downstream)]
        return _downstream_of(shared, keys, upstream, downstream, at)


@dataclass(frozen=True)
class MultiPartitionMapping:
    """Multi-partitions on both sides, with a mapping for each pair of dimensions."""

    downstream_mappings_by_upstream_dimension: Mapping[str, DimensionPartitionMapping]

    @property
    def name(self) -> str:
        """Dagster's class."""
        return "MultiPartitionMapping"

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Both sides must be multi-partitions and have the dimensions that are named."""
        if not (
            isinstance(upstream, MultiPartitionsDefinition)
            and isinstance(downstream, MultiPartitionsDefinition)
        ):
            message = "both partitions definitions must be multi-partitioned"
            raise PartitionMappingError(CHECK, message)
        above, below = list(upstream.names), list(downstream.names)
        for name, mapping in self.downstream_mappings_by_upstream_dimension.items():
            for wanted, left, side in (
                (name, above, "up"),
                (mapping.dimension_name, below, "down"),
            ):
                if wanted not in left:
                    message = f"{wanted!r} is no {side}stream dimension that is left to map"
                    raise PartitionMappingError(CHECK, message)
                left.remove(wanted)

    def upstream_of(
        self,
        keys: Keys | None,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,
        at: PartitionLoadingContext,
    ) -> UpstreamPartitions:
        """Each dimension by its mapping."""
        self.validate(upstream=upstream, downstream=downstream)
        below = _partitioned(downstream)
        return _upstream_of(self._dependencies, keys, upstream, below, at)

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,
    ) -> Keys:
        """Each dimension by its mapping."""
        self.validate(upstream=upstream, downstream=downstream)
        return _downstream_of(self._dependencies, keys, upstream, downstream, at)

    @property
    def _dependencies(self) -> list[DimensionDependency]:
        return [
            DimensionDependency(mapping.partition_mapping, name, mapping.dimension_name)
            for name, mapping in self.downstream_mappings_by_upstream_dimension.items()
        ]


def shared_dimension(
    *, upstream: PartitionsDefinition, downstream: PartitionsDefinition
) -> DimensionDependency:
    """The dimension of multi-partitions that the other side stands for.

    The one with the same definition, or else the only one of time beside windows of time
    (get_infer_single_to_multi_dimension_deps_result). Raises `PartitionMappingError`.
    """
    sides = (upstream, downstream)
    multi = [side for side in sides if isinstance(side, MultiPartitionsDefinition)]
    if len(multi) != 1:
        message = f"one side must be multi-partitioned, not {len(multi)}"
        raise PartitionMappingError(CHECK, message)
    above = isinstance(upstream, MultiPartitionsDefinition)
    single = downstream if above else upstream
    same = [name for name, definition in multi[0].dimensions if definition == single]
    times = [
        name
        for name, definition in multi[0].dimensions
        if isinstance(definition, TimeWindowPartitionsDefinition)
    ]
    if len(same) == 1:
        return _dependency(IdentityPartitionMapping(), same[0], above=above)
    if not same and len(times) == 1 and isinstance(single, TimeWindowPartitionsDefinition):
        return _dependency(TimeWindowPartitionMapping(), times[0], above=above)
    message = "no single dimension of the multi-partitions is that of the other side"
    raise PartitionMappingError(CHECK, message)


def _dependency(mapping: PartitionMapping, name: str, *, above: bool) -> DimensionDependency:
    return DimensionDependency(mapping, name if above else None, None if above else name)


def _partitioned(downstream: PartitionsDefinition | None) -> PartitionsDefinition:
    if downstream is None:
        raise PartitionMappingError(CHECK, UNPARTITIONED)
    return downstream


def _upstream_of(
    dependencies: list[DimensionDependency],
    keys: Keys | None,
    upstream: PartitionsDefinition,
    downstream: PartitionsDefinition,
    at: PartitionLoadingContext,
) -> UpstreamPartitions:
    missing: set[str] = set()
    links: dict[str | None, tuple[str | None, dict[str, Keys]]] = {}
    for dependency in dependencies:
        below, above = dependency.downstream_dimension_name, dependency.upstream_dimension_name
        table: dict[str, Keys] = {}
        for part in _parts(downstream, below, keys or NO_KEYS):
            found = dependency.partition_mapping.upstream_of(
                frozenset({part}),
                upstream=_side(upstream, above),
                downstream=_side(downstream, below),
                at=at,
            )
            table[part] = found.keys
            missing.update(found.required_but_nonexistent)
        links[below] = above, table
    return UpstreamPartitions(
        _combined(links, keys or NO_KEYS, downstream, upstream, at), frozenset(missing)
    )


def _downstream_of(
    dependencies: list[DimensionDependency],
    keys: Keys,
    upstream: PartitionsDefinition,
    downstream: PartitionsDefinition,
    at: PartitionLoadingContext,
) -> Keys:
    links: dict[str | None, tuple[str | None, dict[str, Keys]]] = {}
    for dependency in dependencies:
        below, above = dependency.downstream_dimension_name, dependency.upstream_dimension_name
        table = {
            part: dependency.partition_mapping.downstream_of(
                frozenset({part}),
                upstream=_side(upstream, above),
                downstream=_side(downstream, below),
                at=at,
            )
            for part in _parts(upstream, above, keys)
        }
        links[above] = below, table
    return _combined(links, keys, upstream, downstream, at)


def _combined(
    links: dict[str | None, tuple[str | None, dict[str, Keys]]],
    keys: Keys,
    source: PartitionsDefinition,
    target: PartitionsDefinition,
    at: PartitionLoadingContext,
) -> Keys:
    """Every key of the target that the dimensions of a source key allow."""
    free: dict[str | None, tuple[str, ...]] = {}
    if isinstance(target, MultiPartitionsDefinition):
        linked = [name for name, _ in links.values()]
        free = {name: each.keys(at) for name, each in target.dimensions if name not in linked}
    found: set[str] = set()
    for key in keys:
        sides: dict[str | None, Keys | tuple[str, ...]] = {
            name: table[_part(source, dimension, key)] for dimension, (name, table) in links.items()
        }
        sides |= free
        for values in product(*sides.values()):
            chosen = dict(zip(sides, values, strict=True))
            if isinstance(target, MultiPartitionsDefinition):
                found.add(target.join({name: chosen[name] for name in target.names}))
            else:
                found.add(values[0])
    return frozenset(found)


def _side(definition: PartitionsDefinition, name: str | None) -> PartitionsDefinition:
    if name is not None and isinstance(definition, MultiPartitionsDefinition):
        return definition.dimension(name)
    return definition


def _parts(definition: PartitionsDefinition, name: str | None, keys: Keys) -> list[str]:
    return sorted({_part(definition, name, key) for key in keys})


def _part(definition: PartitionsDefinition, name: str | None, key: str) -> str:
    if name is not None and isinstance(definition, MultiPartitionsDefinition):
        return definition.split(key)[name]
    return key
