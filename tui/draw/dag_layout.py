"""Where the tasks of a pipeline stand: ranks from left to right, rows from top to bottom.

A task's rank is the longest path to it, so every edge points to the right; within a rank, tasks
are ordered by the mean row of their upstream ones, a few sweeps of the barycentre method.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where one task stands."""

    task: str
    rank: int
    row: int


def lay_out(tasks: Sequence[str], edges: Sequence[tuple[str, str]]) -> tuple[Place, ...]:
    """A place for every task; a cycle is laid out as if its tasks had no edges."""
    upstream: dict[str, list[str]] = {task: [] for task in tasks}
    downstream: dict[str, list[str]] = {task: [] for task in tasks}
    for before, after in edges:
        upstream[after].append(before)
        downstream[before].append(after)
    try:
        order = list(TopologicalSorter(upstream).static_order())
    except CycleError:
        return tuple(Place(task, 0, row) for row, task in enumerate(tasks))
    ranks: dict[str, int] = {}
    for task in order:
        ranks[task] = max((ranks[one] + 1 for one in upstream[task]), default=0)
    columns: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for task in tasks:
        columns[ranks[task]].append(task)
    for sweep in range(_SWEEPS):
        near = upstream if sweep % 2 == 0 else downstream
        _sort(columns if sweep % 2 == 0 else columns[::-1], near)
    return tuple(
        Place(task, rank, row)
        for rank, column in enumerate(columns)
        for row, task in enumerate(column)
    )


def _sort(columns: list[list[str]], near: dict[str, list[str]]) -> None:
    rows = {task: row for column in columns for row, task in enumerate(column)}
    for column in columns:
        middles = {
            task: sum(rows[one] for one in near[task]) / len(near[task])
            if near[task]
            else rows[task]
            for task in column
        }
        column.sort(key=lambda task: (middles[task], rows[task]))
        rows.update({task: row for row, task in enumerate(column)})
