"""What a partitions definition answers, and the three kinds that know nothing of time.

A key is text, a subset is a frozenset of keys: set algebra is Python's, and order is asked of the
definition (`in_order`), so no set order ever reaches an output. Windows of time are in
`time_window`. Source: Dagster 1.13.29, _core/definitions/partitions/definition/. Invariant: what
exists depends on nothing but the definition and the loading context.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Keys = frozenset[str]
"""A subset of partitions."""
NO_KEYS: Keys = frozenset()
DELIMITER = "|"
"""Between the dimensions of a multi-partition key."""
DIMENSIONS = 2
"""Dagster supports multi-partitions of two dimensions only."""


class UnknownPartitionError(ValueError):
    """A partition key that its definition does not have."""


@dataclass(frozen=True, slots=True)
class PartitionLoadingContext:
    """As of when partitions are asked for (Dagster's own name, partitions/context.py)."""

    instant: int
    """The effective date and time."""
    dynamic_partitions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the instance keeps: the keys of each dynamic definition, in order of their adding."""


class PartitionsDefinition(Protocol):
    """A set of partitions."""

    @property
    def kind(self) -> str:
        """Dagster's class, which the identity mapping compares."""

    def keys(self, at: PartitionLoadingContext) -> tuple[str, ...]:
        """Every key that exists, in order."""

    def first_key(self, at: PartitionLoadingContext) -> str | None:
        """The first key, if there is any."""

    def last_key(self, at: PartitionLoadingContext) -> str | None:
        """The last key, if there is any."""

    def has_key(self, key: str, at: PartitionLoadingContext) -> bool:
        """Whether a key exists."""

    def subset(self, keys: Iterable[str], at: PartitionLoadingContext) -> Keys:
        """A subset of these keys, without those that such a subset cannot hold."""

    def in_order(self, keys: Iterable[str], at: PartitionLoadingContext) -> tuple[str, ...]:
        """Keys in the definition's order."""

    def keys_in_range(self, start: str, end: str, at: PartitionLoadingContext) -> tuple[str, ...]:
        """From one key to another, both included. Raises `UnknownPartitionError`."""

    def key_ranges(self, keys: Keys, at: PartitionLoadingContext) -> list[tuple[str, str]]:
        """The contiguous ranges of a subset, each by its first and last key."""


@dataclass(frozen=True, slots=True)
class StaticPartitionsDefinition:
    """A fixed list of keys."""

    partition_keys: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Dagster's class."""
        return "StaticPartitionsDefinition"

    def keys(self, at: PartitionLoadingContext) -> tuple[str, ...]:  # noqa: ARG002
        """The list as it was written."""
        return self.partition_keys

    def first_key(self, at: PartitionLoadingContext) -> str | None:
        """The first of the list."""
        return next(iter(self.keys(at)), None)

    def last_key(self, at: PartitionLoadingContext) -> str | None:
        """The last of the list."""
        return next(reversed(self.keys(at)), None)

    def has_key(self, key: str, at: PartitionLoadingContext) -> bool:
        """Whether the list has it."""
        return key in self.keys(at)

    def subset(self, keys: Iterable[str], at: PartitionLoadingContext) -> Keys:  # noqa: ARG002
        """Any keys, known or not (DefaultPartitionsSubset)."""
        return frozenset(keys)

    def in_order(self, keys: Iterable[str], at: PartitionLoadingContext) -> tuple[str, ...]:
        """In the order of the list; unknown keys after it, by name."""
        return _in_order(self.keys(at), keys)

    def keys_in_range(self, start: str, end: str, at: PartitionLoadingContext) -> tuple[str, ...]:
        """From one key to another. Raises `UnknownPartitionError`."""
        return _in_range(self.keys(at), start, end)

    def key_ranges(self, keys: Keys, at: PartitionLoadingContext) -> list[tuple[str, str]]:
        """Neighbours of the list that are in the subset."""
        return ranges_of(self.keys(at), keys)


@dataclass(frozen=True, slots=True)
class DynamicPartitionsDefinition:
    """Keys that are added and removed while the instance runs, and kept by it."""

    name: str

    @property
    def kind(self) -> str:
        """Dagster's class."""
        return "DynamicPartitionsDefinition"

    def keys(self, at: PartitionLoadingContext) -> tuple[str, ...]:
        """What the instance has, in the order of adding."""
        return tuple(at.dynamic_partitions.get(self.name, ()))

    def first_key(self, at: PartitionLoadingContext) -> str | None:
        """The key that was added first."""
        return next(iter(self.keys(at)), None)

    def last_key(self, at: PartitionLoadingContext) -> str | None:
        """The key that was added last."""
        return next(reversed(self.keys(at)), None)

    def has_key(self, key: str, at: PartitionLoadingContext) -> bool:
        """Whether the instance has it."""
        return key in self.keys(at)

    def subset(self, keys: Iterable[str], at: PartitionLoadingContext) -> Keys:  # noqa: ARG002
        """Any keys, known or not (DefaultPartitionsSubset)."""
        return frozenset(keys)

    def in_order(self, keys: Iterable[str], at: PartitionLoadingContext) -> tuple[str, ...]:
        """In the order of adding; unknown keys after it, by name."""
        return _in_order(self.keys(at), keys)

    def keys_in_range(self, start: str, end: str, at: PartitionLoadingContext) -> tuple[str, ...]:
        """From one key to another. Raises `UnknownPartitionError`."""
        return _in_range(self.keys(at), start, end)

    def key_ranges(self, keys: Keys, at: PartitionLoadingContext) -> list[tuple[str, str]]:
        """Neighbours in the order of adding that are in the subset."""
        return ranges_of(self.keys(at), keys)


@dataclass(frozen=True, slots=True)
class MultiPartitionsDefinition:
    """Every pair of the keys of two definitions; dimensions are in the order of their names."""

    dimensions: tuple[tuple[str, PartitionsDefinition], ...]

    @classmethod
    def of(cls, dimensions: Mapping[str, PartitionsDefinition]) -> MultiPartitionsDefinition:
        """Build it. Raises `ValueError` for anything but two dimensions."""
        if len(dimensions) != DIMENSIONS:
            message = f"multi-partitions have {DIMENSIONS} dimensions, not {len(dimensions)}"
            raise ValueError(message)
        return cls(tuple(sorted(dimensions.items(), key=lambda item: item[0])))

    @property
    def kind(self) -> str:
        """Dagster's class."""
        return "MultiPartitionsDefinition"

    @property
    def names(self) -> tuple[str, ...]:
        """The dimensions, in order."""
        return tuple(name for name, _ in self.dimensions)

    def dimension(self, name: str) -> PartitionsDefinition:
        """One dimension's definition. Raises `KeyError`."""
        return dict(self.dimensions)[name]

    def split(self, key: str) -> dict[str, str]:
        """A key's part in each dimension. Raises `UnknownPartitionError`."""
        parts = key.split(DELIMITER)
        if len(parts) != len(self.dimensions):
            message = f"{key!r} is no key of {len(self.dimensions)} dimensions"
            raise UnknownPartitionError(message)
        return dict(zip(self.names, parts, strict=True))

    def join(self, parts: Mapping[str, str]) -> str:
        """The key with these parts."""
        return DELIMITER.join(parts[name] for name in self.names)

    def keys(self, at: PartitionLoadingContext) -> tuple[str, ...]:
        """The product, the first dimension outermost."""
        sides = [definition.keys(at) for _, definition in self.dimensions]
        return tuple(DELIMITER.join(parts) for parts in product(*sides))

    def first_key(self, at: PartitionLoadingContext) -> str | None:
        """The first of the product."""
        parts = [definition.first_key(at) for _, definition in self.dimensions]
        known = [part for part in parts if part is not None]
        return DELIMITER.join(known) if len(known) == len(parts) else None

    def last_key(self, at: PartitionLoadingContext) -> str | None:
        """The last of the product."""
        parts = [definition.last_key(at) for _, definition in self.dimensions]
        known = [part for part in parts if part is not None]
        return DELIMITER.join(known) if len(known) == len(parts) else None

    def has_key(self, key: str, at: PartitionLoadingContext) -> bool:
        """Whether each part exists."""
        parts = key.split(DELIMITER)
        return len(parts) == len(self.dimensions) and all(
            definition.has_key(part, at)
            for part, (_, definition) in zip(parts, self.dimensions, strict=True)
        )

    def subset(self, keys: Iterable[str], at: PartitionLoadingContext) -> Keys:  # noqa: ARG002
        """Any keys, known or not (DefaultPartitionsSubset)."""
        return frozenset(keys)

    def in_order(self, keys: Iterable[str], at: PartitionLoadingContext) -> tuple[str, ...]:
        """In the order of the product; unknown keys after it, by name."""
        return _in_order(self.keys(at), keys)

    def keys_in_range(self, start: str, end: str, at: PartitionLoadingContext) -> tuple[str, ...]:
        """The product of the range of each dimension. Raises `UnknownPartitionError`."""
        first, last = self.split(start), self.split(end)
        sides = [
            definition.keys_in_range(first[name], last[name], at)
            for name, definition in self.dimensions
        ]
        return tuple(DELIMITER.join(parts) for parts in product(*sides))

    def key_ranges(self, keys: Keys, at: PartitionLoadingContext) -> list[tuple[str, str]]:
        """Ranges along one dimension with the other held fast.

        Held is the dimension with fewer keys in the subset, and the primary one when both have as
        many: the dimension of time, or the first (subset/default.py).
        """
        parts = [self.split(key) for key in sorted(keys)]
        times = [name for name, each in self.dimensions if each.kind.startswith("Time")]
        primary = times[0] if len(times) == 1 else self.names[0]
        other = next(name for name in self.names if name != primary)
        seen = {name: frozenset(part[name] for part in parts) for name in self.names}
        held, free = primary, other
        if len(seen[primary]) > len(seen[other]):
            held, free = other, primary
        found: list[tuple[str, str]] = []
        for value in self.dimension(held).in_order(seen[held], at):
            line = [self.join({held: value, free: key}) for key in self.dimension(free).keys(at)]
            found += ranges_of(line, keys)
        return found


def ranges_of(order: Sequence[str], keys: Keys) -> list[tuple[str, str]]:
    """The runs of neighbours of an order that are in a subset."""
    found: list[tuple[str, str]] = []
    start: str | None = None
    last = ""
    for key in order:
        if key in keys:
            start, last = (key if start is None else start), key
        elif start is not None:
            found.append((start, last))
            start = None
    if start is not None:
        found.append((start, last))
    return found


def _in_order(order: Sequence[str], keys: Iterable[str]) -> tuple[str, ...]:
    wanted = frozenset(keys)
    known = [key for key in order if key in wanted]
    return (*known, *sorted(wanted.difference(known)))


def _in_range(order: Sequence[str], start: str, end: str) -> tuple[str, ...]:
    for key in (start, end):
        if key not in order:
            message = f"there is no partition {key!r}"
            raise UnknownPartitionError(message)
    return tuple(order[order.index(start) : order.index(end) + 1])
