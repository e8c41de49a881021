"""What the night's panes are drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.draw.glyphs import Pen
    from tui.words import Words


@dataclass(frozen=True, slots=True)
class Look:
    """Language, signs and room of one pane."""

    words: Words
    pen: Pen
    width: int
