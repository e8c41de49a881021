"""The replay deck: a time cursor over one night, played at a speed. Values only.

It reads a finished journal; real time only decides how far a tick moves the cursor.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.kernel.calendar import MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEEDS = (60, 300, 900, 1800, 3600, 7200)
"""Simulated seconds a second."""
SCRUB_US = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Deck:
    """Where the cursor stands, within [start, end)."""

    start: int
    end: int
    cursor: int
    playing: bool = False
    speed: int = 3
    """Index into `SPEEDS`."""

    @property
    def last(self) -> int:
        """The last place of the cursor: the end's own minute."""
        return max(self.start, self.end - MINUTE)

    def to(self, instant: int) -> Deck:
        """The cursor at an instant, kept within the night."""
        return replace(self, cursor=max(self.start, min(self.last, instant)))

    def by(self, span_us: int) -> Deck:
        """The cursor moved by a span; playing stops."""
        return replace(self, playing=False).to(self.cursor + span_us)

    def tick(self, real_s: float) -> Deck:
        """What playing for `real_s` seconds does; at the end it stops."""
        if not self.playing:
            return self
        moved = self.to(self.cursor + round(real_s * SPEEDS[self.speed] * 1_000_000))
        return replace(moved, playing=moved.cursor < self.last)

    def toggled(self) -> Deck:
        """Playing or paused; at the end, playing begins again."""
        start = self.to(self.start) if not self.playing and self.cursor >= self.last else self
        return replace(start, playing=not self.playing)

    def faster(self, steps: int) -> Deck:
        """Another speed."""
        return replace(self, speed=max(0, min(len(SPEEDS) - 1, self.speed + steps)))

    def after(self, instants: Sequence[int]) -> Deck | None:
        """The cursor on the next of these instants (in order); None when there is none."""
        at = bisect_right(instants, self.cursor)
        return replace(self, playing=False).to(instants[at]) if at < len(instants) else None

    def before(self, instants: Sequence[int]) -> Deck | None:
        """The cursor on the instant before; None when there is none."""
        at = bisect_left(instants, self.cursor) - 1
        return replace(self, playing=False).to(instants[at]) if at >= 0 else None
