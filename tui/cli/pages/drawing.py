"""Drawings of `tui.draw` on stdout: with colour where it is wanted, else their plain text."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.cli.terminal import Terminal


def printed(lines: Iterable[Text], terminal: Terminal) -> str:
    """Lines as they go to stdout, without blanks at their ends."""
    if not terminal.colour:
        return "\n".join(line.plain.rstrip() for line in lines)
    target = StringIO()
    # 256 colours, whatever this machine's terminal is: the same command gives the same bytes.
    console = Console(
        file=target,
        force_terminal=True,
        color_system="256",
        width=terminal.width,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(Text("\n").join(lines), soft_wrap=False)
    return "\n".join(line.rstrip() for line in target.getvalue().rstrip("\n").split("\n"))
