"""A pipeline as text: boxes and edges where they fit, else an honest list with arrows.

The drawing is only used when every edge leads to the next rank and can be drawn on its own; a
picture that could be read wrongly is worse than a list.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from rich.text import Text

from sim.model.states import TaskState
from tui.draw.dag_layout import lay_out
from tui.draw.glyphs import LOOKS, Pen, cut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GAP = 5


def draw_dag(
    tasks: Sequence[str],
    edges: Sequence[tuple[str, str]],
    states: Mapping[str, TaskState],
    *,
    width: int,
    pen: Pen,
) -> list[Text]:
    """Lines of at most `width` cells: each task with its state's glyph, each edge once."""
    chain = _chain(tasks, edges)
    if chain is not None:
        line = _draw_chain(chain, states, pen)
        if line.cell_len <= width:
            return [line]
    return _draw_list(tasks, edges, states, width=width, pen=pen)


def _chain(tasks: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[str] | None:
    """The tasks in order when the pipeline is one chain, None otherwise."""
    places = lay_out(tasks, edges)
    if len(edges) != len(tasks) - 1 or any(place.row for place in places):
        return None
    order = [place.task for place in sorted(places, key=lambda place: place.rank)]
    return order if set(itertools.pairwise(order)) == set(edges) else None


def _draw_chain(chain: Sequence[str], states: Mapping[str, TaskState], pen: Pen) -> Text:
    line = Text()
    for number, task in enumerate(chain):
        if number:
            line.append(pen.pick(" ──▶ ", " --> "), style="dim")
        line.append_text(_node(task, states, pen))
    return line


def _draw_list(
    tasks: Sequence[str],
    edges: Sequence[tuple[str, str]],
    states: Mapping[str, TaskState],
    *,
    width: int,
    pen: Pen,
) -> list[Text]:
    """Tasks in order of rank, indented by it; under each, what it leads to."""
    places = lay_out(tasks, edges)
    lines = []
    for place in sorted(places, key=lambda place: (place.rank, place.row)):
        line = Text("  " * place.rank)
        line.append_text(_node(place.task, states, pen))
        targets = [after for before, after in edges if before == place.task]
        if targets:
            room = width - line.cell_len - _GAP
            line.append(pen.pick("  ↳ ", "  -> "), style="dim")
            line.append(cut(", ".join(targets), room, pen), style="dim")
        lines.append(line)
    return lines


def _node(task: str, states: Mapping[str, TaskState], pen: Pen) -> Text:
    state = states.get(task, TaskState.NONE)
    text = Text(f"{pen.glyph(state)} ", style=LOOKS[state].style)
    text.append(task, style="bold")
    return text
