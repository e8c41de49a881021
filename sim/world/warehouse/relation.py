"""A relation: rows from outside of the database that a question may stand on.

Values are plain: an instant is microseconds since the epoch, JSON, UUIDs, dates and decimals are
text. The rows are made only when a question names the relation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Kind = Literal[
    "int",
    "bigint",
    "float",
    "decimal",
    "bool",
    "text",
    "time",
    "localtime",
    "date",
    "json",
    "uuid",
    "blob",
]

TYPES: dict[Kind, str] = {
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "DOUBLE",
    "decimal": "DECIMAL(38,6)",
    "bool": "BOOLEAN",
    "text": "VARCHAR",
    "time": "TIMESTAMP WITH TIME ZONE",
    "localtime": "TIMESTAMP",
    "date": "DATE",
    "json": "JSON",
    "uuid": "UUID",
    "blob": "BLOB",
}
"""What each kind is in the database."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One table, and how its rows are made."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    rows: Callable[[], Sequence[Mapping[str, Any]]]
    """A column that a row does not have is NULL; what is no column is left out."""
    told: bool = True
    """False: it is there for its name, and no simulation has rows of it."""


_KINDS: dict[str, Kind] = {kind: kind for kind in TYPES}


def columns_of(text: str) -> tuple[tuple[str, Kind], ...]:
    """The columns that a text such as `id int, dag_id text` means."""
    pairs = (part.split() for part in text.split(","))
    return tuple((name, _KINDS[kind]) for name, kind in pairs)
