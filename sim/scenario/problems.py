"""Where problems of one document are gathered, each with its place.

A path is a tuple of keys and list indices; as text its parts are joined by dots.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from sim.model.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.scenario.yaml_nodes import Node

Path = tuple[str | int, ...]
Severity = Literal["error", "warning"]


@dataclass(slots=True)
class Problems:
    """The problems of one document."""

    root: Node
    found: list[Diagnostic] = field(default_factory=list)
    meant: set[Path] = field(default_factory=set)
    """Keys that a misspelt key was probably meant to be; they are not reported as missing too."""

    def at(
        self, path: Path, code: str, message: str, *, hint: str = "", severity: Severity = "error"
    ) -> None:
        """A problem with the value at `path`, or with its nearest parent that is there."""
        node, _ = self._deepest(path)
        self._add(
            path,
            (node.source, node.line, node.column),
            code=code,
            message=message,
            hint=hint,
            severity=severity,
        )

    def at_key(
        self, path: Path, code: str, message: str, *, hint: str = "", severity: Severity = "error"
    ) -> None:
        """A problem with the key at `path`: points at the key itself."""
        place = self._key_place(path)
        self._add(path, place, code=code, message=message, hint=hint, severity=severity)

    def at_item(
        self, path: Path, code: str, message: str, *, hint: str = "", severity: Severity = "error"
    ) -> None:
        """A problem with a value, or with the key of a value that spans lines of its own."""
        node, found = self._deepest(path)
        place = self.at if node.kind == "scalar" and found == len(path) else self.at_key
        place(path, code, message, hint=hint, severity=severity)

    def in_text(
        self,
        path: Path,
        line: int,
        column: int,
        code: str,
        message: str,
        *,
        hint: str = "",
        severity: Severity = "error",
    ) -> None:
        """A problem inside the text at `path`, at a line and column of that text, both from 1."""
        node, found = self._deepest(path)
        place = (
            node.position_in_text(line, column) if found == len(path) else (node.line, node.column)
        )
        self._add(
            path, (node.source, *place), code=code, message=message, hint=hint, severity=severity
        )

    def has(self, path: Path) -> bool:
        """Whether the document holds a value at `path`, or a key that was meant to be it."""
        return path in self.meant or self._deepest(path)[1] == len(path)

    def sorted(self) -> list[Diagnostic]:
        """Every problem once, in the order of the file."""
        unique = dict.fromkeys(self.found)
        return sorted(unique, key=lambda one: (one.file, one.line, one.column, one.code))

    def _add(self, path: Path, place: tuple[str, int, int], **what: Any) -> None:
        source, line, column = place
        self.found.append(
            Diagnostic(file=source, line=line, column=column, path=path_text(path), **what)
        )

    def _deepest(self, path: Path) -> tuple[Node, int]:
        node = self.root
        for depth, part in enumerate(path):
            child = child_of(node, part)
            if child is None:
                return node, depth
            node = child
        return node, len(path)

    def _key_place(self, path: Path) -> tuple[str, int, int]:
        """Where the key at `path` stands; of a list item, the item; else its nearest parent."""
        parent, depth = self._deepest(path[:-1])
        last = path[-1] if path and depth == len(path) - 1 else None
        if isinstance(last, str) and parent.entries is not None and last in parent.entries:
            entry = parent.entries[last]
            return parent.source, entry.line, entry.column
        node = None if last is None else child_of(parent, last)
        if node is not None or last is None:
            place = node or parent
            return place.source, place.line, place.column
        return self._key_place(path[:-1])


def child_of(node: Node, part: str | int) -> Node | None:
    """The value that a key or an index leads to, None when there is none."""
    if isinstance(part, int):
        items = node.items or []
        return items[part] if 0 <= part < len(items) else None
    return node.get(part)


def path_text(path: Path) -> str:
    """A path as people write it: `airflow.dags.ventas.tasks.extract.pool`."""
    return ".".join(str(part) for part in path)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not among the known ones; names them when they are few."""
    names = list(dict.fromkeys(known))
    if close := closest(word, names):
        return f'did you mean "{close}"?'
    if not names:
        return ""
    few = 12
    listed = ", ".join(names[:few])
    return f"there is {listed}" + (f" and {len(names) - few} more" if len(names) > few else "")


def closest(word: str, known: Iterable[str]) -> str:
    """The known name that `word` was probably meant to be, empty when there is none."""
    folded = {name.lower().replace("-", "_"): name for name in known}
    found = get_close_matches(word.lower().replace("-", "_"), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""
