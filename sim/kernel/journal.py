"""The journal: the engine's only output, an ordered, append-only, columnar list of facts.

A row is (time, fact, entity, value, cause, detail). `entity` is an index into the table of
entities, `cause` the index of the row that made this one happen (-1: nothing did), `detail` a small
JSON-able mapping for what does not fit into one integer. Rows are in time order; the canonical
bytes are the same on every machine, and `digest` is their SHA-256.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from struct import pack
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.errors import InternalError
from sim.model.facts import Entity, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FORMAT = 1
_MAGIC = b"orchsim-journal\n"
_FLUSH_ROWS = 4_096
_ROW_COLUMNS = (
    ("time", "q"),
    ("fact", "b"),
    ("entity", "i"),
    ("value", "q"),
    ("cause", "i"),
    ("detail", "i"),
)
_PLAIN = 5
"""The columns that every row fills; few rows have a detail."""
_ENTITY_COLUMNS = (("type", "b"), ("parent", "i"), ("name", "i"), ("number", "i"))


@dataclass(frozen=True, slots=True)
class Row:
    """One fact, as read back."""

    index: int
    """Its place in the journal, from 0."""
    time: int
    """Instant, microseconds since the epoch."""
    fact: Fact
    entity: int
    value: int
    cause: int
    """Index of the row that caused this one, -1 for none."""
    detail: Mapping[str, Any]


class EntityRow(NamedTuple):
    """Who a fact is about."""

    type: Entity
    parent: int
    name: str
    number: int
    """Ordinal of a run, map_index of a task instance, 0 otherwise."""


_FACTS = {int(fact): fact for fact in Fact}
_NO_DETAIL: Mapping[str, Any] = {}


class Journal:
    """Facts in order. Writers call `add`; everyone else reads."""

    def __init__(self, header: Mapping[str, Any] | None = None) -> None:
        self.header: dict[str, Any] = dict(header or {})
        """What was simulated: scenario, seed and the digests of the inputs."""
        self._columns = [array(code) for _, code in _ROW_COLUMNS]
        self._entities = [array(code) for _, code in _ENTITY_COLUMNS]
        self._names: list[str] = []
        self._name_ids: dict[str, int] = {}
        self._lists_of_names: dict[tuple[str, ...], list[int]] = {}
        self._interned: dict[tuple[int, int, str, int], int] = {}
        self._details: list[Mapping[str, Any]] = []
        self._pending: list[int] = []
        """Rows that are not in the columns yet, one after the other, without their details."""
        self._detailed: list[int] = []
        """Which of them have a detail: the latest of the details, in order."""
        self._count = 0
        self._flush_at = _FLUSH_ROWS
        self._entity_count = 0
        self._last_time = -(2**62)
        self._by_fact: dict[int, array[int]] = {}
        """For the rows that were read so far: their indices by fact, in order."""
        self._indexed = 0

    # -- writing ----------------------------------------------------------------------------

    def add(  # noqa: PLR0917 - six columns, and the hottest call there is
        self,
        time: int,
        fact: int,
        entity: int,
        value: int = 0,
        cause: int = -1,
        detail: Mapping[str, Any] | None = None,
    ) -> int:
        """Append a fact and return its index. Time never goes back."""
        if time < self._last_time:
            message = f"a fact at {time} after one at {self._last_time}"
            raise InternalError(message)
        self._last_time = time
        index = self._count
        if detail is not None:
            self._detailed.append(index)
            self._details.append(detail)
        self._pending += (time, fact, entity, value, cause)
        self._count = index + 1
        if index >= self._flush_at:
            self._flush()
        return index

    def add_all(self, time: int, rows: list[int]) -> None:
        """Append facts of one instant that have no details.

        `rows`: time, fact, entity, value and cause of each, one after the other. The first one's
        index is what the journal's length was before.
        """
        if time < self._last_time:
            message = f"facts at {time} after one at {self._last_time}"
            raise InternalError(message)
        self._last_time = time
        self._pending += rows
        self._count += len(rows) // _PLAIN
        if self._count > self._flush_at:
            self._flush()

    def entity(self, kind: Entity, name: str, parent: int = -1, number: int = 0) -> int:
        """The id of the entity with this type, parent, name and number; made when new."""
        key = (int(kind), parent, name, number)
        known = self._interned.get(key)
        if known is None:
            known = self._interned[key] = self._entity_count
            self._append_entities(kind, parent, [self._name_id(name)], number)
        return known

    def new_entities(self, kind: int, names: tuple[str, ...], parent: int, number: int) -> range:
        """Fresh entities without a look-up, one for each name: for the task instances of a run.

        The caller guarantees that they do not exist yet.
        """
        name_ids = self._lists_of_names.get(names)
        if name_ids is None:
            name_ids = self._lists_of_names[names] = [self._name_id(name) for name in names]
        first = self._entity_count
        self._append_entities(kind, parent, name_ids, number)
        return range(first, self._entity_count)

    def _append_entities(self, kind: int, parent: int, name_ids: list[int], number: int) -> None:
        size = len(name_ids)
        types, parents, names, numbers = self._entities
        types.fromlist([kind] * size)
        parents.fromlist([parent] * size)
        names.fromlist(name_ids)
        numbers.fromlist([number] * size)
        self._entity_count += size

    def _name_id(self, name: str) -> int:
        known = self._name_ids.get(name)
        if known is None:
            known = self._name_ids[name] = len(self._names)
            self._names.append(name)
        return known

    def _flush(self) -> None:
        pending = self._pending
        if pending:
            *plain, details = self._columns
            rows = len(pending) // _PLAIN
            for number, column in enumerate(plain):
                # `struct` turns integers into bytes twice as fast as `array` does
                column.frombytes(pack(f"{rows}{column.typecode}", *pending[number::_PLAIN]))
            pending.clear()
            details.extend(array(details.typecode, (-1,)) * rows)
            at = len(self._details) - len(self._detailed)
            for index in self._detailed:
                details[index] = at
                at += 1
            self._detailed.clear()
        self._flush_at = self._count + _FLUSH_ROWS

    # -- reading ----------------------------------------------------------------------------

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Row:
        self._flush()
        time, fact, entity, value, cause, detail = (column[index] for column in self._columns)
        at = index if index >= 0 else len(self) + index
        return Row(at, time, _FACTS[fact], entity, value, cause, self._detail(detail))

    def rows(
        self, *facts: Fact, since: int | None = None, until: int | None = None
    ) -> Iterator[Row]:
        """Rows in order: all of them, or those of the given facts, or those of a span.

        The span is [`since`, `until`), instants; the cost is that of the rows given.
        """
        self._flush()
        times = self._columns[0]
        first = 0 if since is None else bisect_left(times, since)
        last = len(times) if until is None else bisect_left(times, until)
        for index in self._of_facts(facts, first, last) if facts else range(first, last):
            time, fact, entity, value, cause, detail = (column[index] for column in self._columns)
            yield Row(index, time, _FACTS[fact], entity, value, cause, self._detail(detail))

    def _of_facts(self, facts: tuple[Fact, ...], first: int, last: int) -> Sequence[int]:
        """Indices in [first, last) of the rows of some facts, in order."""
        of_facts = self._columns[1]
        for index in range(self._indexed, len(of_facts)):
            fact = of_facts[index]
            known = self._by_fact.get(fact)
            if known is None:
                known = self._by_fact[fact] = array("i")
            known.append(index)
        self._indexed = len(of_facts)
        parts = [self._by_fact[fact] for fact in frozenset(facts) if fact in self._by_fact]
        spans = [part[bisect_left(part, first) : bisect_left(part, last)] for part in parts]
        return spans[0] if len(spans) == 1 else sorted(chain.from_iterable(spans))

    def _detail(self, at: int) -> Mapping[str, Any]:
        return self._details[at] if at >= 0 else _NO_DETAIL

    def column(self, name: str) -> array[int]:
        """One whole column by name: time, fact, entity, value, cause or detail."""
        self._flush()
        return self._columns[[column for column, _ in _ROW_COLUMNS].index(name)]

    @property
    def entity_count(self) -> int:
        """How many entities there are; their ids are 0 … entity_count - 1."""
        return self._entity_count

    def who(self, entity: int) -> EntityRow:
        """The entity with this id."""
        kind, parent, name, number = (column[entity] for column in self._entities)
        return EntityRow(Entity(kind), parent, self._names[name], number)

    def name(self, entity: int) -> str:
        """The entity's own name, without its parents."""
        return self._names[self._entities[2][entity]]

    def find(self, kind: Entity, name: str, parent: int = -1, number: int = 0) -> int | None:
        """The id of an interned entity, or None when no fact was ever about it."""
        return self._interned.get((int(kind), parent, name, number))

    @property
    def size_bytes(self) -> int:
        """Memory held by columns and entities, without details."""
        self._flush()
        columns = [*self._columns, *self._entities]
        return sum(column.itemsize * len(column) for column in columns)

    # -- canonical form ---------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The canonical bytes: equal for equal journals, on every machine."""
        self._flush()
        head = {
            "format": FORMAT,
            "header": self.header,
            "rows": len(self),
            "entities": self._entity_count,
            "names": self._names,
            "details": self._details,
        }
        text = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        encoded = text.encode()
        parts = [_MAGIC, len(encoded).to_bytes(8, "little"), encoded]
        parts += [_little(column) for column in (*self._columns, *self._entities)]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Journal:
        """The journal whose `to_bytes` gave `data`. Raises `ValueError` for anything else."""
        if not data.startswith(_MAGIC):
            message = "these are not the bytes of a journal"
            raise ValueError(message)
        start = len(_MAGIC) + 8
        size = int.from_bytes(data[len(_MAGIC) : start], "little")
        head = json.loads(data[start : start + size])
        journal = cls(head["header"])
        journal._names = head["names"]
        journal._name_ids = {name: at for at, name in enumerate(journal._names)}
        journal._details = head["details"]
        at = start + size
        for columns, specs, count in (
            (journal._columns, _ROW_COLUMNS, head["rows"]),
            (journal._entities, _ENTITY_COLUMNS, head["entities"]),
        ):
            for column, _ in zip(columns, specs, strict=True):
                end = at + column.itemsize * count
                column.frombytes(data[at:end])
                if sys.byteorder == "big":
                    column.byteswap()
                at = end
        journal._count = head["rows"]
        journal._flush_at = journal._count + _FLUSH_ROWS
        journal._entity_count = head["entities"]
        journal._interned = {
            (int(row.type), row.parent, row.name, row.number): entity
            for entity, row in ((entity, journal.who(entity)) for entity in range(head["entities"]))
        }
        return journal

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hex."""
        return sha256(self.to_bytes()).hexdigest()


def _little(column: array[int]) -> bytes:
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return column.tobytes()
