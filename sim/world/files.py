"""Files and datasets that jobs hand to each other, and what a reader sees while one is written.

A path (`/data/ventas.csv`) grows evenly from its opening to its closing; opening it again empties
it. A dataset (`staging.ventas`, no leading slash) appears only when it is closed, as a table does
at its commit. A file that nobody closes stays as long as it got.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from sim.world.warehouse.dataset import Dataset


@dataclass(frozen=True, slots=True)
class FileView:
    """What a reader gets at an instant."""

    dataset: Dataset
    """The rows that are there."""
    rows_total: int
    """The rows it will have when it is closed."""
    complete: bool
    data_date: date
    """The business day of the content."""


@dataclass(frozen=True, slots=True)
class _State:
    dataset: Dataset
    starts: int
    ends: int
    data_date: date
    left_at: int | None = None
    """When it was abandoned; None: closed, or still being written."""
    closed: bool = False

    def rows_at(self, instant: int) -> int:
        instant = instant if self.left_at is None else min(instant, self.left_at)
        if self.closed or instant >= self.ends:
            return self.dataset.rows
        return self.dataset.rows * max(0, instant - self.starts) // max(1, self.ends - self.starts)


class Files:
    """Every file and dataset of one simulation."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}
        self._published: dict[str, _State] = {}

    def open(self, path: str, dataset: Dataset, *, starts: int, ends: int, data_date: date) -> None:
        """Begin to write: what was at a path is gone from now on."""
        self._states[path] = _State(dataset, starts, ends, data_date)

    def close(self, path: str) -> None:
        """The file is complete."""
        self._states[path] = self._published[path] = replace(self._states[path], closed=True)

    def abandon(self, path: str, instant: int) -> int:
        """The writer died: what was written stays. Returns how many rows that is."""
        state = self._states[path] = replace(self._states[path], left_at=instant)
        return state.rows_at(instant)

    def read(self, path: str, instant: int) -> FileView | None:
        """What a reader gets at `instant`; None when there is no such file."""
        state = (self._states if path.startswith("/") else self._published).get(path)
        if state is None:
            return None
        rows = state.rows_at(instant)
        complete = state.closed
        dataset = state.dataset if complete else state.dataset.head(rows)
        return FileView(dataset, state.dataset.rows, complete, state.data_date)
