"""Two attempts at one night side by side: what moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.states import TaskState
from sim.views.alerts import people
from sim.views.data import data_at
from sim.views.gantt import gantt

if TYPE_CHECKING:
    from sim.views.gantt import GanttRow
    from sim.views.replay import Replay


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that is not as it was; None where it is not there at all."""

    what: str
    """`task`, `published`, `read`, `pages`."""
    name: str
    before: str | None
    after: str | None


def diff(before: Replay, after: Replay, *, start: int, end: int) -> tuple[Moved, ...]:
    """What differs between two replays within [start, end): tasks, figures, reads, pages.

    A task is compared by its last state, its tries and the instant of its end, as
    `success 2 1710392400000000`.
    """
    moved = _moved("task", _tasks(before, start, end), _tasks(after, start, end))
    first, second = (data_at(one, end - 1, since=start) for one in (before, after))
    moved += _moved(
        "published",
        {f"{one.table} {one.partition}": _figures(one.sums, one.at) for one in first.tables},
        {f"{one.table} {one.partition}": _figures(one.sums, one.at) for one in second.tables},
    )
    moved += _moved(
        "read",
        {one.person: one.shown or "" for one in first.dashboards},
        {one.person: one.shown or "" for one in second.dashboards},
    )
    pages = [
        sum(
            one.channel == "pager" for one in people(replay.journal, start=start, end=end).incidents
        )
        for replay in (before, after)
    ]
    return tuple(moved + _moved("pages", {"pager": str(pages[0])}, {"pager": str(pages[1])}))


def _tasks(replay: Replay, start: int, end: int) -> dict[str, str]:
    return {
        f"{row.pipeline}.{row.task}": _last(row)
        for row in gantt(replay.journal, start=start, end=end)
    }


def _last(row: GanttRow) -> str:
    last = row.bars[-1]
    tries = max(bar.try_number for bar in row.bars)
    state = last.state.word if last.state is not TaskState.NONE else "none"
    return f"{state} {tries} {last.start}"


def _figures(sums: object, at: int) -> str:
    pairs = sorted(dict(sums).items())  # type: ignore[call-overload]
    return f"{' '.join(f'{name}={value}' for name, value in pairs)} {at}"


def _moved(what: str, before: dict[str, str], after: dict[str, str]) -> list[Moved]:
    names = [*before, *(name for name in after if name not in before)]
    return [
        Moved(what, name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]
