"""What the terminal can do: is it one, colours, Unicode, width.

Reads the environment and draws nothing.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

PLAIN_WIDTH = 100
"""Columns when stdout is no terminal: fixed, so that the same command gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """The terminal as far as printing depends on it."""

    tty: bool
    """Whether stdout is a terminal."""
    colour: bool
    """Whether to send colour: NO_COLOR and TERM=dumb forbid it, FORCE_COLOR demands it."""
    unicode: bool
    """Whether box and state glyphs beyond ASCII arrive as they should."""
    width: int
    """Columns."""

    def paint(self, text: str, style: str) -> str:
        """`text` in a style (`good`, `bad`, `dim`, `bold`, `path`), or as it is without colour."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour else text


_STYLES = {
    "good": "34;1",
    "bad": "33;1",
    "dim": "2",
    "bold": "1",
    "path": "36",
    "error": "31;1",
    "help": "36;1",
}
"""Blue for good and orange for bad: told apart by people who cannot tell green from red."""


def look(
    *, plain: bool = False, colour: str = "auto", ascii_only: bool = False, width: int | None = None
) -> Terminal:
    """What stdout can do. `plain` forbids colour and Unicode; `colour` is auto, always or never."""
    tty = sys.stdout.isatty()
    columns = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns if tty else PLAIN_WIDTH
    return Terminal(
        tty=tty,
        colour=not plain and takes_colour(tty=tty, colour=colour),
        unicode=not plain and not ascii_only and takes_unicode(tty=tty),
        width=width or columns,
    )


def takes_colour(*, tty: bool, colour: str = "auto") -> bool:
    """Whether colour may be sent (no-color.org, force-color.org; a setting wins over both)."""
    if colour != "auto":
        return colour == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return tty and os.environ.get("TERM", "") != "dumb"


def takes_unicode(*, tty: bool) -> bool:
    """Whether glyphs beyond ASCII arrive: in files always, on a terminal if it speaks UTF-8."""
    if not tty:
        return True
    named = next(
        (os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), ""
    )
    utf8 = "utf-8" in named.lower() or "utf8" in named.lower()
    return utf8 and os.environ.get("TERM", "") not in {"linux", "dumb"}
