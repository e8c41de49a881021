"""Reading YAML into nodes, bounded while it is read, since a file may come from anybody.

Bytes, depth, values and what aliases stand for have limits. Scalars follow the YAML 1.2 core
schema: null, true/false, numbers, and everything else is text, so `12:30`, `on` and `2024-03-14`
stay what a person wrote. Keys are text and appear once. A problem becomes a `Diagnostic`, and
reading goes on where it can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from sim.model.diagnostics import Diagnostic
from sim.scenario.yaml_nodes import Entry, Node, Scalar

BYTES_MAX = 1_000_000
"""Longest text read, in bytes of UTF-8."""
DEPTH_MAX = 40
"""Deepest nesting of mappings and lists."""
NODES_MAX = 50_000
"""Most values a document may stand for, each alias counted as the whole of what it names."""
_DIGITS_MAX = 18


@dataclass(slots=True)
class Reading:
    """What came of reading: the root (None when nothing usable is there) and every problem."""

    root: Node | None
    problems: list[Diagnostic]


def read_yaml(text: str | bytes, *, source: str) -> Reading:
    """Read one document. Never raises for what the text holds."""
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        size = len(text) if isinstance(text, bytes) else len(text.encode())
    except UnicodeError:
        return Reading(
            None,
            [
                Diagnostic(
                    "E-YAML-ENCODING", "the text is not UTF-8", source, hint="save it as UTF-8"
                )
            ],
        )
    if size > BYTES_MAX:
        message = f"the text has {size:,} bytes, the most that is read is {BYTES_MAX:,}"
        return Reading(None, [Diagnostic("E-YAML-BYTES", message, source)])
    lines = decoded.splitlines()
    builder = _Builder(source, lines)
    try:
        # The C parser hands out events one by one, so each limit holds before memory is spent.
        for event in yaml.parse(decoded, Loader=yaml.CSafeLoader):
            builder.take(event)
    except _StopReadingError as stop:
        return Reading(None, [*builder.problems, stop.problem])
    except yaml.MarkedYAMLError as error:
        return Reading(None, [*builder.problems, _syntax(error, source, lines)])
    except yaml.YAMLError:
        message = "the text holds a character that YAML does not allow"
        return Reading(None, [*builder.problems, Diagnostic("E-YAML-SYNTAX", message, source)])
    return Reading(builder.root, builder.problems)


def scalar_of(text: str) -> Scalar:
    """A plain scalar by the YAML 1.2 core schema (YAML 1.2.2, section 10.3.2)."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text) and len(text) <= _DIGITS_MAX:
        return int(text)
    if match := _BASED.fullmatch(text):
        return int(match[2], 8 if match[1] == "o" else 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


_WORDS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
}  # fmt: skip
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0([ox])([0-7]{1,20}|[0-9a-fA-F]{1,15})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,4})?")


class _StopReadingError(Exception):
    """Reading cannot go on; carries why. Never leaves this module."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(problem)
        self.problem = problem


class _Builder:
    """Builds the tree from the parser's events, without recursion."""

    def __init__(self, source: str, lines: list[str]) -> None:
        self.root: Node | None = None
        self.problems: list[Diagnostic] = []
        self._source = source
        self._lines = lines
        self._open: list[Node] = []
        self._pending: list[Entry | None] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        """Add what one event says."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._start(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(
                    event,
                    "E-YAML-DOCUMENTS",
                    "a second document starts here",
                    "keep one document a file",
                )

    def _scalar(self, event: Any) -> None:
        quoted = not event.implicit[0]
        if self._wants_key():
            self._key(event)
            return
        block = event.style in {"|", ">"}
        node = Node(
            "scalar",
            self._source,
            event.start_mark.line + 1,
            event.start_mark.column + 1,
            scalar=event.value if quoted else scalar_of(event.value),
            block=block,
            indent=self._indent_below(event.start_mark.line) if block else 0,
        )
        self._check_tag(event)
        self._add(node, event)

    def _indent_below(self, line: int) -> int:
        for text in self._lines[line + 1 :]:
            if text.strip():
                return len(text) - len(text.lstrip(" "))
        return 0

    def _start(self, event: Any) -> None:
        if self._wants_key():
            self._stop(
                event, "E-YAML-KEY", "a key must be plain text, here it is a list or a mapping", ""
            )
        if len(self._open) >= DEPTH_MAX:
            self._stop(event, "E-YAML-DEPTH", f"values are nested more than {DEPTH_MAX} deep", "")
        mapping = isinstance(event, yaml.MappingStartEvent)
        node = Node(
            "mapping" if mapping else "list",
            self._source,
            event.start_mark.line + 1,
            event.start_mark.column + 1,
            items=None if mapping else [],
            entries={} if mapping else None,
        )
        self._check_tag(event)
        self._add(node, event)
        self._open.append(node)
        self._pending.append(None)

    def _end(self) -> None:
        node = self._open.pop()
        self._pending.pop()
        if self._open:
            self._open[-1].size += node.size - 1

    def _alias(self, event: Any) -> None:
        node = self._anchors.get(event.anchor)
        if node is None:
            self._stop(event, "E-YAML-ALIAS", f"alias *{event.anchor} names nothing above it", "")
        elif any(node is parent for parent in self._open):
            self._stop(
                event, "E-YAML-ALIAS", f"alias *{event.anchor} stands inside what it names", ""
            )
        elif self._wants_key():
            self._stop(event, "E-YAML-KEY", "a key must be plain text, here it is an alias", "")
        else:
            self._add(node, event)

    def _wants_key(self) -> bool:
        return bool(self._open) and self._open[-1].entries is not None and self._pending[-1] is None

    def _key(self, event: Any) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        entries = self._open[-1].entries
        assert entries is not None
        if event.value == "<<" and event.implicit[0]:
            hint = "write the keys out; an alias may stand for a whole value"
            self._problem(
                line, column, "E-YAML-MERGE", "merge keys (<<) are not part of YAML 1.2", hint
            )
        elif event.value in entries:
            first = entries[event.value].line
            message = f'the key "{event.value}" is there twice'
            self._problem(line, column, "E-KEY-TWICE", message, f"the first one is on line {first}")
        self._pending[-1] = Entry(event.value, line, column, _NOWHERE)

    def _add(self, node: Node, event: Any) -> None:
        self._nodes += node.size
        if self._nodes > NODES_MAX:
            what = (
                "the aliases stand for" if isinstance(event, yaml.AliasEvent) else "the text holds"
            )
            self._stop(event, "E-YAML-NODES", f"{what} more than {NODES_MAX:,} values", "")
        anchor = getattr(event, "anchor", None)
        if anchor is not None and not isinstance(event, yaml.AliasEvent):
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.size += node.size
        if parent.items is not None:
            parent.items.append(node)
            return
        entry = self._pending[-1]
        assert entry is not None
        assert parent.entries is not None
        entry.value = node
        parent.entries.setdefault(entry.key, entry)
        self._pending[-1] = None

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None:
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            self._problem(
                line, column, "E-YAML-TAG", f"the tag {event.tag} is not read", "leave the tag out"
            )

    def _problem(self, line: int, column: int, code: str, message: str, hint: str) -> None:
        self.problems.append(Diagnostic(code, message, self._source, line, column, hint=hint))

    def _stop(self, event: Any, code: str, message: str, hint: str) -> None:
        mark = event.start_mark
        raise _StopReadingError(
            Diagnostic(code, message, self._source, mark.line + 1, mark.column + 1, hint=hint)
        )


_NOWHERE = Node("scalar", "", 1, 1)


def _syntax(error: yaml.MarkedYAMLError, source: str, lines: list[str]) -> Diagnostic:
    mark, opened = error.problem_mark or error.context_mark, error.context_mark
    said = str(error.problem or error.context or "it cannot be read")
    line, column = (0, 0) if mark is None else (mark.line, mark.column)
    hint = next((hint for part, hint in _SYNTAX_HINTS if part in said), "")
    if "cannot start any token" in said and line < len(lines):
        character = lines[line][column : column + 1]
        said = "a tab cannot indent" if character == "\t" else f"{character} cannot start a value"
        hint = "indent with spaces" if character == "\t" else "put the text in quotes"
    elif "did not find expected ',' or" in said and opened is not None:
        hint = f"the bracket or brace opened on line {opened.line + 1} is not closed"
    return Diagnostic(
        "E-YAML-SYNTAX", f"this is no YAML: {said}", source, line + 1, column + 1, hint=hint
    )


_SYNTAX_HINTS = (
    (
        "mapping values are not allowed",
        'text that holds ": " needs quotes; otherwise look at the indentation',
    ),
    ("could not find expected ':'", "a key needs a colon and a space behind it"),
    ("did not find expected key", "look at the indentation of this line and of the one above"),
    ("unexpected end of stream", "a quote above is not closed"),
)
