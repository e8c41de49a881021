"""Limits by tag, of runs in the queue and of steps in an executor: one rule for both.

Source: Dagster 1.13.29, _core/utils/tags.py (`TagConcurrencyLimitsCounter`). It counts what it is
told of and decides nothing else.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class TagConcurrencyLimit:
    """At most `limit` at a time of what has a tag."""

    key: str
    limit: int
    value: str | None = None
    """Only of those with this value; None: of all with the key."""
    per_unique_value: bool = False
    """Dagster's `applyLimitPerUniqueValue`: the limit holds for each value by itself."""


class TagCounter:
    """Counts of what is in progress, by tag."""

    def __init__(
        self,
        limits: Iterable[TagConcurrencyLimit],
        in_progress: Iterable[Mapping[str, str]] = (),
    ) -> None:
        # a later entry of the same kind and key takes the place of an earlier one
        self._by_key: dict[str, int] = {}
        self._by_pair: dict[tuple[str, str], int] = {}
        self._by_unique: dict[str, int] = {}
        for each in limits:
            if each.value is not None:
                self._by_pair[each.key, each.value] = each.limit
            elif each.per_unique_value:
                self._by_unique[each.key] = each.limit
            else:
                self._by_key[each.key] = each.limit
        self._keys: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        for tags in in_progress:
            self.add(tags)

    def blocking(self, tags: Mapping[str, str]) -> str | None:
        """The first of the tags of which there are as many as may be; None: none of them."""
        if not self._by_key and not self._by_pair and not self._by_unique:
            return None
        for key, value in tags.items():
            pair = self._pairs[key, value]
            if (
                self._keys[key] >= self._by_key.get(key, _UNLIMITED)
                or pair >= self._by_pair.get((key, value), _UNLIMITED)
                or pair >= self._by_unique.get(key, _UNLIMITED)
            ):
                return key
        return None

    def add(self, tags: Mapping[str, str]) -> None:
        """Count one more in progress."""
        for key, value in tags.items():
            self._keys[key] += 1
            self._pairs[key, value] += 1


_UNLIMITED = 1 << 62
