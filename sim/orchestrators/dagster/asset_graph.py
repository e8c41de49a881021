"""Assets and what they are made from: pure values, and the graph they make.

Nothing here runs, knows an instant or keeps a state. What a subset of partitions means for the
neighbours of an asset is `asset_graph_view`'s matter. Source: Dagster 1.13.29,
_core/definitions/assets/graph/. Invariant: an asset that reads other partitions of itself is its
own parent and child, and yet does not count for levels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.partitions.inference import inferred_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition
    from sim.orchestrators.dagster.partitions.mapping import PartitionMapping


@dataclass(frozen=True, slots=True)
class BackfillPolicy:
    """How many partitions one run of a backfill may take (definitions/backfill_policy.py)."""

    max_partitions_per_run: int | None = 1
    """None: as many as there are in a range."""

    @classmethod
    def single_run(cls) -> BackfillPolicy:
        """All partitions of a range in one run."""
        return cls(None)

    @classmethod
    def multi_run(cls, max_partitions_per_run: int = 1) -> BackfillPolicy:
        """Some partitions of a range in each run."""
        return cls(max_partitions_per_run)


@dataclass(frozen=True, slots=True)
class AssetDep:
    """One thing that an asset is made from."""

    key: str
    partition_mapping: PartitionMapping | None = None
    """None: inferred from the two partitions definitions."""
    argument: bool = False
    """Whether it is loaded through an IO manager, as the argument of a function."""


@dataclass(frozen=True, slots=True)
class AssetSpec:
    """What is declared of one asset."""

    key: str
    deps: tuple[AssetDep, ...] = ()
    partitions_def: PartitionsDefinition | None = None
    backfill_policy: BackfillPolicy | None = None
    code_version: str | None = None
    automation_condition: object = None
    """As declared; who evaluates conditions knows what it is."""
    checks: tuple[str, ...] = ()
    """The names of its asset checks."""
    blocking_checks: frozenset[str] = frozenset()
    """Those of them that are blocking."""
    pool: str | None = None
    code_location: str = ""
    observable: bool = False
    """Whether runs only observe it: others make it (`@observable_source_asset`)."""

    @property
    def is_partitioned(self) -> bool:
        """Whether it has partitions at all."""
        return self.partitions_def is not None


@dataclass(frozen=True)
class AssetGraph:
    """All assets of an instance, by key."""

    assets: Mapping[str, AssetSpec]
    _mappings: dict[tuple[str, str], PartitionMapping] = field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def of(cls, specs: Iterable[AssetSpec]) -> AssetGraph:
        """The graph of these assets."""
        return cls({spec.key: spec for spec in specs})

    def __getitem__(self, key: str) -> AssetSpec:
        return self.assets[key]

    def __contains__(self, key: object) -> bool:
        return key in self.assets

    def parents(self, key: str) -> tuple[str, ...]:
        """What an asset is made from, in order of keys; itself too if it reads itself."""
        return self._parents[key]

    def children(self, key: str) -> tuple[str, ...]:
        """What is made from an asset, in order of keys; itself too if it reads itself."""
        return self._children.get(key, ())

    def reads_itself(self, key: str) -> bool:
        """Whether an asset depends on other partitions of itself."""
        return key in self._parents[key]

    def mapping(self, child: str, parent: str) -> PartitionMapping:
        """How partitions of a child and its parent go together, declared or inferred.

        Of two assets that have nothing to do with each other too, as conditions may ask.
        """
        known = self._mappings.get((child, parent))
        if known is None:
            declared = (
                dep.partition_mapping for dep in self.assets[child].deps if dep.key == parent
            )
            known = self._mappings[child, parent] = next(declared, None) or inferred_mapping(
                upstream=self.assets[parent].partitions_def,
                downstream=self.assets[child].partitions_def,
            )
        return known

    @cached_property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """Topological levels, parents first; each in order of keys.

        Raises `ValueError` for assets that wait for each other.
        """
        waiting = {
            key: {parent for parent in parents if parent != key}
            for key, parents in self._parents.items()
        }
        found: list[tuple[str, ...]] = []
        while waiting:
            ready = tuple(sorted(key for key, parents in waiting.items() if not parents))
            if not ready:
                message = f"assets wait for each other: {', '.join(sorted(waiting))}"
                raise ValueError(message)
            found.append(ready)
            done = set(ready)
            waiting = {key: parents - done for key, parents in waiting.items() if key not in done}
        return tuple(found)

    @cached_property
    def level_of(self) -> Mapping[str, int]:
        """The topological level of each asset, from 0."""
        return {key: level for level, keys in enumerate(self.levels) for key in keys}

    def topological(self, keys: Iterable[str]) -> list[str]:
        """Assets by level, and by key within a level."""
        return sorted(keys, key=lambda key: (self.level_of[key], key))

    @cached_property
    def _parents(self) -> dict[str, tuple[str, ...]]:
        return {
            key: tuple(sorted({dep.key for dep in spec.deps if dep.key in self.assets}))
            for key, spec in self.assets.items()
        }

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for key in sorted(self.assets):
            for parent in self._parents[key]:
                found.setdefault(parent, []).append(key)
        return {key: tuple(children) for key, children in found.items()}
