"""A YAML document as a tree of nodes that know where they stand.

The tree knows nothing of scenarios and nothing of how it was read (`yaml_reader`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Scalar = str | int | float | bool | None
Kind = Literal["mapping", "list", "scalar"]


@dataclass(slots=True)
class Node:
    """One value of a document. An alias is the very node that it names."""

    kind: Kind
    source: str
    """The file as the person named it, or the flag that set this value."""
    line: int
    """Line, from 1."""
    column: int
    """Column, from 1."""
    scalar: Scalar = None
    items: list[Node] | None = None
    entries: dict[str, Entry] | None = None
    block: bool = False
    """True for text written as a block (`|` or `>`): its own text starts one line below."""
    indent: int = 0
    """Columns by which a block's text is indented."""
    size: int = 1
    """How many values it stands for, itself included."""

    def get(self, key: str) -> Node | None:
        """The value under `key` of a mapping, None when there is none."""
        entry = (self.entries or {}).get(key)
        return None if entry is None else entry.value

    def names(self) -> list[str]:
        """The keys of a mapping in the order of the file; none for anything else."""
        return list(self.entries or ())

    def children(self) -> Iterator[tuple[str | int, Node]]:
        """What a mapping or list holds, with key or index."""
        if self.entries is not None:
            yield from ((key, entry.value) for key, entry in self.entries.items())
        elif self.items is not None:
            yield from enumerate(self.items)

    def plain(self) -> Any:
        """The value as plain dicts, lists and scalars."""
        if self.entries is not None:
            return {key: entry.value.plain() for key, entry in self.entries.items()}
        if self.items is not None:
            return [item.plain() for item in self.items]
        return self.scalar

    def position_in_text(self, line: int, column: int) -> tuple[int, int]:
        """Line and column in the file of a place in this text, both from 1."""
        if self.block:
            return self.line + line, self.indent + column
        return (
            (self.line, self.column + column - 1) if line == 1 else (self.line + line - 1, column)
        )


@dataclass(slots=True)
class Entry:
    """A key of a mapping, where the key stands, and its value."""

    key: str
    line: int
    column: int
    value: Node
