"""The versions of an instance's assets: what each event remembers, and what is stale because of it.

Source: Dagster 1.13.29, _core/execution/context/data_version_cache.py (what a step takes down
before it begins) and _core/definitions/data_version.py (`CachingStaleStatusResolver`). It knows
events, not runs, and so serves a running instance and a journal alike. Invariant: events are put
in the order of their ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import WHOLE
from sim.orchestrators.dagster.staleness import (
    FRESH,
    VERSION_DIGITS,
    Staleness,
    Versions,
    staleness,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView, PartitionKeys

PARTITIONS_MAX = 100
"""From so many upstream partitions on, an input is looked at as a whole and never makes stale
(SKIP_PARTITION_DATA_VERSION_DEPENDENCY_THRESHOLD; of an asset that reads itself, so many of it)."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a step takes down of its upstream assets before it begins."""

    versions: Mapping[str, str | None]
    """The data version of each; None: it had never been materialized."""
    pointers: Mapping[str, int | None]
    """The id of the newest event of each, whatever its partition."""


@dataclass(frozen=True, slots=True)
class VersionedEvent:
    """A materialization or an observation, as far as versions go."""

    number: int
    versions: Versions
    pointers: Mapping[str, int | None]


class VersionBook:
    """The versions of every event so far."""

    def __init__(self, graph: AssetGraph) -> None:
        self._graph = graph
        self._newest: dict[str, VersionedEvent] = {}
        self._events: dict[tuple[str, str | None], list[VersionedEvent]] = {}

    def put(self, asset: str, partition: str | None, event: VersionedEvent) -> None:
        """An event of an asset, or of one of its partitions."""
        self._newest[asset] = event
        self._events.setdefault((asset, partition), []).append(event)

    def latest(self, asset: str, partition: str | None) -> VersionedEvent | None:
        """The newest event of an asset, or of a partition of it."""
        events = self._events.get((asset, partition))
        return events[-1] if events else None

    def inputs(self, asset: str, partitions: Sequence[str], view: AssetGraphView) -> Inputs:
        """What a step that is to make an asset takes down, as of now."""
        versions: dict[str, str | None] = {}
        pointers: dict[str, int | None] = {}
        keys: PartitionKeys = frozenset(partitions) or WHOLE
        for parent in self._graph.parents(asset):
            newest = self._newest.get(parent)
            pointers[parent] = None if newest is None else newest.number
            versions[parent] = None if newest is None else newest.versions.data_version
            if newest is None or not self._graph[parent].is_partitioned:
                continue
            needed, _ = view.parents_of(parent, asset, keys)
            if len(needed) < PARTITIONS_MAX:
                found = [self.latest(parent, one) for one in sorted(needed, key=str)]
                known = [one.versions.data_version for one in found if one is not None]
                versions[parent] = sha256("".join(known).encode()).hexdigest()[:VERSION_DIGITS]
        return Inputs(versions, pointers)

    def staleness(self, asset: str, partition: str | None, view: AssetGraphView) -> Staleness:
        """Whether an asset, or a partition of it, is stale, and why."""
        spec = self._graph[asset]
        if spec.observable or (spec.is_partitioned and partition is None):
            return FRESH
        latest = self.latest(asset, partition)
        parents = self._graph.parents(asset)
        changed = [] if latest is None else self._changed(asset, partition, latest, view)
        versions = None if latest is None else latest.versions
        return staleness(spec.code_version, parents, versions, changed)

    def _changed(
        self, asset: str, partition: str | None, event: VersionedEvent, view: AssetGraphView
    ) -> list[str]:
        """The upstream assets whose data is another than the event remembers."""
        found = []
        for parent in self._graph.parents(asset):
            if parent not in event.versions.upstream:
                continue
            if not self._graph[parent].is_partitioned:
                now = self.latest(parent, None)
                current = None if now is None else now.versions.data_version
                if current != event.versions.upstream[parent]:
                    found.append(parent)
                continue
            keys: PartitionKeys = WHOLE if partition is None else frozenset({partition})
            needed, _ = view.parents_of(parent, asset, keys)
            looked_at = view.full(asset) if parent == asset else needed
            if len(looked_at) < PARTITIONS_MAX and any(
                self._replaced(parent, one, event.pointers.get(parent)) for one in needed
            ):
                found.append(parent)
        return found

    def _replaced(self, parent: str, partition: str | None, pointer: int | None) -> bool:
        """Whether a partition has another version than up to an event."""
        events = self._events.get((parent, partition), [])
        before = [one for one in events if pointer is not None and one.number <= pointer]
        if len(before) == len(events):
            return False
        then = before[-1].versions.data_version if before else None
        return events[-1].versions.data_version != then
