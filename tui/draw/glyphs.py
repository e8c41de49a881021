"""How a state looks: a glyph, a letter for terminals without Unicode, a word and a style.

State is never told by colour alone: the glyph differs, the word stands beside it, and without
colour bold and reverse carry the rest. The palette keeps apart for the commonest colour blindness
(blue against orange). Every glyph is one cell wide.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.states import TaskState


@dataclass(frozen=True, slots=True)
class Look:
    """How one state is drawn."""

    glyph: str
    ascii: str
    fill: str
    """What a bar in this state is filled with."""
    ascii_fill: str
    style: str
    """Rich style; works with and without colour."""


_S = TaskState
LOOKS: dict[TaskState, Look] = {
    _S.NONE: Look("·", ".", " ", " ", "dim"),
    _S.SCHEDULED: Look("◦", "s", "·", ".", "dim"),
    _S.QUEUED: Look("◌", "o", "░", ":", "cyan"),
    _S.RUNNING: Look("●", "*", "█", "=", "bold blue"),
    _S.SUCCESS: Look("✓", "+", "✓", "+", "bold bright_cyan"),
    _S.FAILED: Look("✗", "x", "✗", "x", "bold reverse dark_orange"),
    _S.SKIPPED: Look("⊘", "-", "⊘", "-", "italic magenta"),
    _S.UPSTREAM_FAILED: Look("⊗", "u", "⊗", "u", "reverse yellow"),
    _S.UP_FOR_RETRY: Look("↻", "r", "▒", "~", "bold dark_orange"),
    _S.UP_FOR_RESCHEDULE: Look("↺", "w", "╌", "'", "yellow"),
    _S.DEFERRED: Look("⧗", "d", "╌", "'", "magenta"),
    _S.RESTARTING: Look("↯", "!", "▒", "~", "yellow"),
    _S.REMOVED: Look("∅", "0", " ", " ", "dim"),
}
"""State -> how it is drawn."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Which of the two character sets is drawn with."""

    unicode: bool = True

    def glyph(self, state: TaskState) -> str:
        """The one-cell sign of a state."""
        look = LOOKS[state]
        return look.glyph if self.unicode else look.ascii

    def fill(self, state: TaskState) -> str:
        """What a bar of a state is made of."""
        look = LOOKS[state]
        return look.fill if self.unicode else look.ascii_fill

    def pick(self, unicode: str, ascii_text: str) -> str:
        """One of two spellings of the same sign."""
        return unicode if self.unicode else ascii_text

    @property
    def yes(self) -> str:
        """Sign of something that holds."""
        return self.pick("✓", "+")

    @property
    def no(self) -> str:
        """Sign of something that does not hold."""
        return self.pick("✗", "x")

    @property
    def ellipsis(self) -> str:
        """Sign of text that was cut; one cell."""
        return self.pick("…", "~")


def cut(text: str, width: int, pen: Pen) -> str:
    """`text` in at most `width` cells, the cut marked."""
    if width <= 0:
        return ""
    return text if len(text) <= width else text[: width - 1] + pen.ellipsis
