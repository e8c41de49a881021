"""ASCII for terminals without Unicode: the last thing that happens to a line before it is written.

It holds for every widget, sheet and text, whoever wrote them; each sign keeps its one cell, so the
layout stays as it is. Accents are dropped, signs become their nearest, anything else becomes `?`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

_NEAREST = str.maketrans(
    {
        "·": "-", "…": "~", "—": "-", "\u2013": "-", "\u2212": "-", "\u00d7": "x", "→": ">",
        "←": "<", "↑": "^", "↓": "v", "“": '"', "”": '"', "\u2018": "'", "\u2019": "'",
        "«": '"', "»": '"', "¿": "?", "¡": "!", "•": "*", "│": "|", "─": "-",
        "█": "#", "€": "E", "≤": "<", "≥": ">", "\u00a0": " ", "\u202f": " ", "✓": "+", "✗": "x",
    }
)  # fmt: skip
_BLOCKS = range(0x2500, 0x25A0)
"""Box drawing and block elements, which scrollbars and frames are made of."""


class PlainFilter(LineFilter):
    """Every sign of a line as one ASCII sign."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, styles untouched."""
        del background
        return [Segment(plain(one.text), one.style, one.control) for one in segments]


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A text in ASCII, as many cells wide as before for one-cell signs."""
    if text.isascii():
        return text
    return "".join(map(_sign, text.translate(_NEAREST)))


def _sign(sign: str) -> str:
    if sign.isascii():
        return sign
    bare = unicodedata.normalize("NFKD", sign)[0]
    if bare.isascii():
        return bare
    return " " if ord(sign) in _BLOCKS else "?"
