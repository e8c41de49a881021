"""The Gantt as text: a row a task, a time axis, a row of incident markers, a cursor.

Pure: bars and instants in, styled lines of exactly the width asked for out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from rich.text import Text

from sim.kernel.calendar import HOUR, MINUTE, to_civil
from sim.model.states import FINISHED
from tui.draw.glyphs import LOOKS, Pen, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.views.gantt import Bar, GanttRow

_STEPS_US = (5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR)
_LABEL_CELLS = 8
_LABEL_MIN, _LABEL_MAX = 10, 28


@dataclass(frozen=True, slots=True)
class Scale:
    """Which instants the columns of a chart stand for."""

    start: int
    end: int
    width: int
    """Columns of the chart, without labels."""

    def column(self, instant: int) -> int:
        """The column of an instant, clipped to the chart."""
        span = max(1, self.end - self.start)
        return max(0, min(self.width - 1, (instant - self.start) * self.width // span))

    def instant(self, column: int) -> int:
        """The first instant of a column."""
        return self.start + (self.end - self.start) * column // max(1, self.width)


@dataclass(frozen=True, slots=True)
class Chart:
    """What a Gantt shows."""

    rows: Sequence[GanttRow]
    longest: int
    """`longest_name` of the rows."""
    start: int
    end: int
    cursor: int
    markers: Sequence[int] = ()
    """Instants of incident markers."""
    selected: int = -1
    """Index of the selected row, -1 for none."""
    timezone: str = "UTC"
    rows_max: int = 0
    """Room for rows, 0 for any number; those around the selected one are shown."""

    @property
    def shown(self) -> range:
        """Indices of the rows that are drawn."""
        count = len(self.rows)
        room = min(self.rows_max or count, count)
        first = max(0, min(self.selected - room // 2, count - room))
        return range(first, first + room)


def draw_gantt(chart: Chart, *, width: int, pen: Pen) -> list[Text]:
    """The axis, the markers, then one line a row; what lies after the cursor is dim."""
    label = label_width(chart.longest, width)
    scale = Scale(chart.start, chart.end, max(1, width - label))
    lines = [_axis(chart, scale, label), _markers(chart, scale, label, pen)]
    for index in chart.shown:
        row = chart.rows[index]
        line = _label(row, label, pen, selected=index == chart.selected)
        line.append_text(_bars(row, chart, scale, pen))
        lines.append(line)
    return lines


def longest_name(rows: Sequence[GanttRow]) -> int:
    """Signs of the longest name of a task."""
    return max((len(row.label) for row in rows), default=0)


def label_width(longest: int, width: int) -> int:
    """Cells for the names of tasks."""
    return max(_LABEL_MIN, min(longest + 3, _LABEL_MAX, width // 3))


def _label(row: GanttRow, width: int, pen: Pen, *, selected: bool) -> Text:
    mark = pen.pick("▸ ", "> ") if selected else "  "
    text = cut(row.label, width - len(mark) - 1, pen)
    return Text(f"{mark}{text}".ljust(width), style="bold" if selected else "")


def _axis(chart: Chart, scale: Scale, label: int) -> Text:
    step = next(
        (
            one
            for one in _STEPS_US
            if (chart.end - chart.start) // one * _LABEL_CELLS <= scale.width
        ),
        _STEPS_US[-1],
    )
    cells = [" "] * scale.width
    first = -(-chart.start // step) * step
    for instant in range(first, chart.end, step):
        at = scale.column(instant)
        text = to_civil(instant, chart.timezone).strftime("%H:%M")
        if at + len(text) <= scale.width:
            cells[at : at + len(text)] = list(text)
    return Text(_place(chart, label) + "".join(cells), style="dim")


def _place(chart: Chart, label: int) -> str:
    """Which rows are drawn, when not all of them are."""
    shown, count = chart.shown, len(chart.rows)
    place = f"  {shown.start + 1}-{shown.stop}/{count}" if len(shown) < count else ""
    return place[: label - 1].ljust(label)


def _markers(chart: Chart, scale: Scale, label: int, pen: Pen) -> Text:
    cells: list[tuple[str, str]] = [(" ", "bold dark_orange")] * scale.width
    for instant in chart.markers:
        if chart.start <= instant < chart.end:
            cells[scale.column(instant)] = (pen.pick("▾", "v"), "bold dark_orange")
    cells[scale.column(chart.cursor)] = (pen.pick("▼", "V"), "bold reverse")
    return Text(" " * label).append_text(_joined(cells))


def _bars(row: GanttRow, chart: Chart, scale: Scale, pen: Pen) -> Text:
    cells: list[tuple[str, str]] = [(" ", "")] * scale.width
    for bar in row.bars:
        _paint(cells, bar, scale, pen)
    cursor = scale.column(chart.cursor)
    cell, style = cells[cursor]
    shown = cell if cell.strip() else pen.pick("│", "|")
    here = (shown, f"{style} reverse" if style else "bold")
    after = [(cell, "dim") for cell, _ in cells[cursor + 1 :]]
    return _joined([*cells[:cursor], here, *after])


def _joined(cells: list[tuple[str, str]]) -> Text:
    """Cells as text, with one span for neighbours of one style: a terminal's cost is its spans."""
    line = Text()
    for style, run in groupby(cells, key=itemgetter(1)):
        line.append("".join(cell for cell, _ in run), style=style)
    return line


def _paint(cells: list[tuple[str, str]], bar: Bar, scale: Scale, pen: Pen) -> None:
    if bar.end < scale.start or bar.start >= scale.end:
        return
    style = LOOKS[bar.state].style
    if bar.state in FINISHED:
        cells[scale.column(bar.start)] = (pen.glyph(bar.state), style)
        return
    first, last = scale.column(max(bar.start, scale.start)), scale.column(bar.end)
    for column in range(first, max(first + 1, last)):
        cells[column] = (pen.fill(bar.state), style)
