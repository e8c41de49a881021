"""Several Gantts under one cursor: the same columns stand for the same instants on every side.

Pure: lanes in, styled lines of exactly the width asked for out. In a wide terminal what stands on a
side at the cursor is beside its chart, in a narrow one below it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.text import Text

from tui.draw.gantt import Chart, draw_gantt
from tui.draw.glyphs import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.draw.glyphs import Pen

WIDE = 160
"""Columns from which notes stand beside the charts."""
_NOTES_CELLS = 52
_GAP = 2


@dataclass(frozen=True, slots=True)
class Lane:
    """One side."""

    title: str
    chart: Chart
    notes: tuple[str, ...]
    """What stands there at the cursor, a line each."""


def draw_side_by_side(lanes: Sequence[Lane], *, width: int, pen: Pen) -> list[Text]:
    """Each side's title, its chart and its notes; one scale and one width of names for all."""
    longest = max((lane.chart.longest for lane in lanes), default=0)
    beside = width >= WIDE
    room = width - _NOTES_CELLS - _GAP if beside else width
    lines: list[Text] = []
    for lane in lanes:
        lines.append(Text(cut(lane.title, width, pen).ljust(width), style="bold reverse"))
        drawn = draw_gantt(replace(lane.chart, longest=longest), width=room, pen=pen)
        lines += (
            _beside(drawn, lane.notes, room, pen) if beside else _below(drawn, lane, width, pen)
        )
    return lines


def _beside(drawn: list[Text], notes: Sequence[str], room: int, pen: Pen) -> list[Text]:
    height = max(len(drawn), len(notes))
    lines = []
    for at in range(height):
        line = drawn[at] if at < len(drawn) else Text(" " * room)
        note = cut(notes[at], _NOTES_CELLS, pen) if at < len(notes) else ""
        lines.append(line + Text(" " * _GAP + note.ljust(_NOTES_CELLS)))
    return lines


def _below(drawn: list[Text], lane: Lane, width: int, pen: Pen) -> list[Text]:
    return [*drawn, *(Text(cut(f"  {note}", width, pen).ljust(width)) for note in lane.notes)]
