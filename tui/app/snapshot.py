"""What the night view shows of one attempt: computed once, off the screen's thread, immutable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from sim.kernel.calendar import HOUR
from sim.model.facts import Fact
from sim.views.dag import shapes
from sim.views.gantt import gantt
from sim.views.ledger.build import ledger_of
from sim.views.logs import log_rows
from sim.views.markers import markers
from tui.draw.gantt import longest_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.session.game import Attempt
    from sim.views.dag import Shape
    from sim.views.gantt import GanttRow
    from sim.views.ledger.contract import Ledger
    from sim.views.note import Note

_QUIET = {Fact.FILE_WRITE}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One attempt's night."""

    attempt: Attempt
    start: int
    end: int
    rows: tuple[GanttRow, ...]
    markers: tuple[Note, ...]
    marker_instants: tuple[int, ...]
    events: tuple[int, ...]
    """Instants at which anything happened, in order."""
    shapes: tuple[Shape, ...]
    log_rows: Mapping[tuple[str, str], list[int]]
    """By (pipeline, task): the rows of the journal that its log tells of."""
    longest: int
    """Signs of the longest name of a task."""
    ledger: Callable[[], Ledger]
    """Why time passed; worked out when somebody asks, and once."""
    first: int
    """Where the cursor begins: an hour before the first thing that happens."""
    chart_end: int
    """Where the chart ends: two hours after the last thing that happens, within the night."""


def snapshot(attempt: Attempt, *, start: int, end: int) -> Snapshot:
    """Everything that the night view needs of an attempt, for the night [start, end)."""
    replay = attempt.replay
    rows = gantt(replay.journal, start=start, end=end)
    notes = markers(replay, start=start, end=end)
    events = sorted(
        {row.time for row in replay.journal.rows(since=start, until=end) if row.fact not in _QUIET}
    )
    first = max(start, (events[0] if events else start) - HOUR)
    last = min(end, (events[-1] if events else end) + 2 * HOUR)
    return Snapshot(
        attempt=attempt,
        start=start,
        end=end,
        rows=rows,
        markers=notes,
        marker_instants=tuple(sorted({note.at for note in notes})),
        events=tuple(events),
        shapes=shapes(replay.journal),
        log_rows=log_rows(replay.journal, start=start, end=end),
        longest=longest_name(rows),
        ledger=cache(partial(_ledger, attempt)),
        first=first - first % HOUR,
        chart_end=last,
    )


def _ledger(attempt: Attempt) -> Ledger:
    config, replay = attempt.config, attempt.replay
    return ledger_of(replay.journal, config.orchestrator, config.settings, now=replay.end)
