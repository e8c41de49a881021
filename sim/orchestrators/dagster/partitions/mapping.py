"""How partitions of a downstream asset go together with those of an upstream one.

One class a mapping, with Dagster's name and arguments; windows of time have theirs in
`window_mapping`, dimensions in `dimension_mapping`. Source: Dagster 1.13.29,
_core/definitions/partitions/mapping/. Invariant: asking changes nothing and depends on nothing but
the two definitions and the loading context.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sim.orchestrators.dagster.partitions.definition import (
    NO_KEYS,
    Keys,
    StaticPartitionsDefinition,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.partitions.definition import (
        PartitionLoadingContext,
        PartitionsDefinition,
    )


INVALID_DEFINITION = "DagsterInvalidDefinitionError"
CHECK = "CheckError"
VALUE = "ValueError"
UNPARTITIONED = "downstream asset is not partitioned"


class UpstreamPartitions(NamedTuple):
    """What partitions of a downstream asset need."""

    keys: Keys
    required_but_nonexistent: Keys = NO_KEYS
    """Needed, but the upstream asset has no such partition: an error when it is run."""


class PartitionMappingError(ValueError):
    """A mapping that does not suit its definitions; `error` is the class that Dagster raises."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(error, message)
        self.error = error
        self.message = message

    def __str__(self) -> str:
        return self.message


class PartitionMapping(Protocol):
    """A mapping."""

    @property
    def name(self) -> str:
        """Dagster's class."""

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Raise `PartitionMappingError` if it does not suit the two definitions."""

    def upstream_of(
        self,
        keys: Keys | None,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,
        at: PartitionLoadingContext,
    ) -> UpstreamPartitions:
        """What these downstream keys need; None: the downstream asset has no partitions."""

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,
    ) -> Keys:
        """What needs any of these upstream keys."""


@dataclass(frozen=True, slots=True)
class IdentityPartitionMapping:
    """The same key on both sides."""

    @property
    def name(self) -> str:
        """Dagster's class."""
        return "IdentityPartitionMapping"

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Both must be of the same class."""
        if downstream is None or upstream.kind != downstream.kind:
            message = (
                "upstream and downstream partitions definitions must match, or a different"
                f" partition mapping must be provided: {upstream.kind} and"
                f" {None if downstream is None else downstream.kind}"
            )
            raise PartitionMappingError(INVALID_DEFINITION, message)

    def upstream_of(
        self,
        keys: Keys | None,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,
        at: PartitionLoadingContext,
    ) -> UpstreamPartitions:
        """The same keys; those that the upstream asset lacks are required and do not exist."""
        if keys is None:
            raise PartitionMappingError(CHECK, UNPARTITIONED)
        if upstream == downstream:
            return UpstreamPartitions(keys)
        known = keys & frozenset(upstream.keys(at))
        return UpstreamPartitions(known, keys - known)

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,
    ) -> Keys:
        """The same keys, as far as they exist."""
        return keys if upstream == downstream else keys & frozenset(downstream.keys(at))


@dataclass(frozen=True, slots=True)
class AllPartitionMapping:
    """Every key needs every upstream key."""

    @property
    def name(self) -> str:
        """Dagster's class."""
        return "AllPartitionMapping"

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """It suits any two."""

    def upstream_of(
        self,
        keys: Keys | None,  # noqa: ARG002 - of one mapping's shape
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,  # noqa: ARG002
        at: PartitionLoadingContext,
    ) -> UpstreamPartitions:
        """All that exist."""
        return UpstreamPartitions(frozenset(upstream.keys(at)))

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,  # noqa: ARG002
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,
    ) -> Keys:
        """All that exist, if there is any upstream key."""
        return frozenset(downstream.keys(at)) if keys else NO_KEYS


@dataclass(frozen=True, slots=True)
class LastPartitionMapping:
    """Every key needs the last upstream key there is."""

    @property
    def name(self) -> str:
        """Dagster's class."""
        return "LastPartitionMapping"

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """It suits any two."""

    def upstream_of(
        self,
        keys: Keys | None,  # noqa: ARG002 - of one mapping's shape
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,  # noqa: ARG002
        at: PartitionLoadingContext,
    ) -> UpstreamPartitions:
        """The last key, if there is one."""
        last = upstream.last_key(at)
        return UpstreamPartitions(NO_KEYS if last is None else frozenset({last}))

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,
    ) -> Keys:
        """All that exist, if the last upstream key is among them."""
        return frozenset(downstream.keys(at)) if upstream.last_key(at) in keys else NO_KEYS


@dataclass(frozen=True, slots=True)
class SpecificPartitionsPartitionMapping:
    """Every key needs the same upstream keys."""

    partition_keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """Dagster's class."""
        return "SpecificPartitionsPartitionMapping"

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """It suits any two."""

    def upstream_of(
        self,
        keys: Keys | None,  # noqa: ARG002 - of one mapping's shape
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,  # noqa: ARG002
        at: PartitionLoadingContext,
    ) -> UpstreamPartitions:
        """Those keys."""
        return UpstreamPartitions(upstream.subset(self.partition_keys, at))

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,  # noqa: ARG002
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,
    ) -> Keys:
        """All that exist, if one of those keys is among them."""
        wanted = any(key in keys for key in self.partition_keys)
        return frozenset(downstream.keys(at)) if wanted else NO_KEYS


@dataclass(frozen=True)
class StaticPartitionMapping:
    """A table from upstream keys to downstream keys; keys that it leaves out map to nothing."""

    downstream_partition_keys_by_upstream_partition_key: Mapping[str, str | tuple[str, ...]]

    @property
    def name(self) -> str:
        """Dagster's class."""
        return "StaticPartitionMapping"

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Both must be static, and the table must know only their keys."""
        for definition, side in ((upstream, "Upstream"), (downstream, "Downstream")):
            if not isinstance(definition, StaticPartitionsDefinition):
                message = f"{side} partitions definition must be a StaticPartitionsDefinition"
                raise PartitionMappingError(INVALID_DEFINITION, message)
        self._check_upstream(upstream)
        if downstream is not None:
            self._check_downstream(downstream)

    def upstream_of(
        self,
        keys: Keys | None,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,  # noqa: ARG002 - of one mapping's shape
        at: PartitionLoadingContext,  # noqa: ARG002
    ) -> UpstreamPartitions:
        """By the table, read backwards."""
        self._check_upstream(upstream)
        wanted = NO_KEYS if keys is None else keys
        found = (above for above, below in self._table if wanted.intersection(below))
        return UpstreamPartitions(frozenset(found))

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,  # noqa: ARG002
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,  # noqa: ARG002
    ) -> Keys:
        """By the table."""
        self._check_downstream(downstream)
        return frozenset(key for above, below in self._table if above in keys for key in below)

    @property
    def _table(self) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (above, (below,) if isinstance(below, str) else tuple(below))
            for above, below in self.downstream_partition_keys_by_upstream_partition_key.items()
        ]

    def _check_upstream(self, upstream: PartitionsDefinition) -> None:
        if isinstance(upstream, StaticPartitionsDefinition):
            named = [above for above, _ in self._table]
            self._check(named, upstream, "mapping source partitions not in the upstream")

    def _check_downstream(self, downstream: PartitionsDefinition) -> None:
        if isinstance(downstream, StaticPartitionsDefinition):
            named = [key for _, below in self._table for key in below]
            self._check(named, downstream, "mapping target partitions not in the downstream")

    def _check(
        self, named: list[str], definition: StaticPartitionsDefinition, problem: str
    ) -> None:
        extra = sorted(set(named).difference(definition.partition_keys))
        if extra:
            message = f"{problem} partitions definition: {', '.join(extra)}"
            raise PartitionMappingError(VALUE, message)
