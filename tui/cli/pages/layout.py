"""Plain layout of pages: aligned columns, headings, indentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.cli.commands import Call

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned columns; the last column is not padded, colour takes no room."""
    if not rows:
        return ""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def heading(call: Call, code: str) -> str:
    """The heading with this code."""
    return call.terminal.paint(call.words.say(code), "bold")


def indented(text: str) -> str:
    """Every line two columns further right."""
    return "\n".join(f"  {line}" if line else "" for line in text.split("\n"))


def _width(cell: str) -> int:
    return len(_COLOUR.sub("", cell))
