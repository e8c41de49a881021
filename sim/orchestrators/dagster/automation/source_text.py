"""The text of a condition as Python reads it: its syntax tree, and places in the text.

Nothing is ever executed: the text is parsed and looked at. It may span lines and hold comments, as
between parentheses. Invariant: places are lines and columns of the text itself, from 1, counted in
characters.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT_MAX = 10_000
"""Characters of a condition."""
SYNTAX = "E-AUTOMATION-SYNTAX"


class Problem(NamedTuple):
    """Something wrong in a text, with its place."""

    line: int
    column: int
    code: str
    message: str
    hint: str = ""


class Place(NamedTuple):
    """A line and a column, from 1."""

    line: int
    column: int


@dataclass(slots=True)
class SourceText:
    """One text, and what was found wrong in it."""

    text: str
    problems: list[Problem] = field(default_factory=list)

    def tree(self) -> ast.expr | None:
        """The expression; None: it is none, and a problem says why."""
        if len(self.text) > TEXT_MAX:
            message = f"a condition of {len(self.text)} characters, more than {TEXT_MAX}"
            self.add(Place(1, 1), SYNTAX, message)
            return None
        if not self.text.strip():
            self.add(Place(1, 1), SYNTAX, "there is no condition", "AutomationCondition.eager()")
            return None
        # between parentheses lines may break anywhere
        wrapped = f"({self.text}\n)"
        try:
            with warnings.catch_warnings():
                # an escape that is none is Python's to complain about
                warnings.simplefilter("ignore")
                tree = ast.parse(wrapped, mode="eval").body
            closed = _closed_early(wrapped)
        except SyntaxError as error:
            self.add(self._end(error), SYNTAX, f"this is no Python expression: {error.msg}")
            return None
        except (ValueError, RecursionError, MemoryError):
            self.add(Place(1, 1), SYNTAX, "this is no Python expression")
            return None
        if closed is not None:
            place = Place(closed[0], closed[1] + (closed[0] > 1))
            self.add(place, SYNTAX, "a parenthesis is closed that was not opened")
            return None
        return tree

    def place(self, node: ast.AST) -> Place:
        """Where a node begins."""
        assert isinstance(node, ast.expr | ast.keyword)
        return self._at(node.lineno, node.col_offset)

    def name_place(self, node: ast.Attribute) -> Place:
        """Where the last name of `a.b.c` begins."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.end_lineno, node.end_col_offset - len(node.attr.encode()))

    def add(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Something is wrong here."""
        self.problems.append(Problem(*place, code, message, hint))

    def _at(self, line: int, offset: int) -> Place:
        """A place by Python's count: bytes, and one more in the first line."""
        before = self._lines()[line - 1].encode()[: offset - (line == 1)]
        return Place(line, len(before.decode(errors="ignore")) + 1)

    def _end(self, error: SyntaxError) -> Place:
        """Where Python gave up; after the end of the text, at its end."""
        lines = self._lines()
        line = error.lineno or 1
        if line > len(lines):
            return Place(len(lines), len(lines[-1]) + 1)
        column = (error.offset or 1) - (line == 1)
        return Place(line, max(1, min(column, len(lines[line - 1]) + 1)))

    def _lines(self) -> list[str]:
        return self.text.split("\n")


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not among the known ones."""
    close = get_close_matches(word, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""


def is_dagster(node: ast.AST, name: str) -> bool:
    """Whether a node is a name of Dagster's: `AssetKey`, `dg.AssetKey` or `dagster.AssetKey`."""
    match node:
        case ast.Name(id=found):
            return found == name
        case ast.Attribute(value=ast.Name(id="dg" | "dagster"), attr=found):
            return found == name
    return False


def _closed_early(wrapped: str) -> tuple[int, int] | None:
    """Where the parenthesis around everything is closed, if not at the end."""
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(wrapped).readline):
        if token.type == tokenize.OP and token.string in "([{":
            depth += 1
        elif token.type == tokenize.OP and token.string in ")]}":
            depth -= 1
            if depth == 0:
                last = token.start[0] == wrapped.count("\n") + 1
                return None if last else token.start
    return None
