"""Templates of sentences: plain text with `{name}` and `{name:kind argument}`.

Kinds: `n` number, `money`, `clock`, `day`, `span`, `percent`, `figures` (named ones), `list`,
`count one|many` (plural), `code PREFIX` (another sentence), `if yes|no` and `given yes|no` (text
by a condition; inside it a parameter is written `<name>` or `<name:kind>`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_FIELD = re.compile(r"\{(\w+)(?::(\w+)(?: ([^{}]*))?)?\}")
_INNER = re.compile(r"<(\w+)(?::(\w+)(?: [^<>]*)?)?>")


class Piece(NamedTuple):
    """Literal text (no name), or a parameter with how to show it."""

    name: str
    kind: str
    text: str
    """The literal text, or the argument of the kind."""


@lru_cache(maxsize=1_024)
def parse(template: str) -> tuple[Piece, ...]:
    """The pieces of a template, in order."""
    pieces = []
    end = 0
    for match in _FIELD.finditer(template):
        if match.start() > end:
            pieces.append(Piece("", "", template[end : match.start()]))
        pieces.append(Piece(match[1], match[2] or "", match[3] or ""))
        end = match.end()
    if end < len(template):
        pieces.append(Piece("", "", template[end:]))
    return tuple(pieces)


def placeholders(template: str) -> frozenset[tuple[str, str]]:
    """The parameters that a template uses, each with its kind (conditions looked into)."""
    found: set[tuple[str, str]] = set()
    for piece in parse(template):
        if piece.name:
            found.add((piece.name, piece.kind))
            found.update((match[1], match[2] or "") for match in _INNER.finditer(piece.text))
    return frozenset(found)
