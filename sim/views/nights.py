"""One pass over a journal: the facts that objectives and scores are about, by night.

A projection like any other: it invents nothing, and reading it costs no further pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.model.states import TaskState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.journal import Row
    from sim.views.replay import Replay

TOLERANCE = 0.05
"""Share of the true rows that may be missing before an extract counts as bad."""
_FAILED = frozenset({TaskState.FAILED, TaskState.UP_FOR_RETRY})
_LAGGING = frozenset({"empty", "partial"})


@dataclass(frozen=True, slots=True)
class Extract:
    """One try that read a source."""

    task: str
    data_date: str
    read_at: int
    ended_at: int | None
    """When the try ended; None: it was still under way when the journal ended."""
    rows: int
    rows_true: int
    mode: str
    row: int
    """Index of the journal row of the read."""

    @property
    def bad(self) -> bool:
        """Whether it carried on with fewer rows than there were."""
        return self.mode in _LAGGING and self.rows < self.rows_true * (1 - TOLERANCE)


@dataclass(frozen=True, slots=True)
class Page:
    """One alert to a pager that rang."""

    alert: str
    person: str
    at: int
    data_date: str
    incident: int
    row: int


@dataclass(frozen=True, slots=True)
class Publication:
    """One partition of a new version of a table."""

    table: str
    data_date: str
    at: int
    version: int
    rows: int
    sums: Mapping[str, str]
    digest: str
    row: int


@dataclass(slots=True)
class Nights:
    """What happened, sorted by kind, each in order of time."""

    reads: list[Row] = field(default_factory=list)
    extracts: list[Extract] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    removed: list[tuple[int, str, str, int]] = field(default_factory=list)
    """(instant, table, data date, row) of partitions that vanished."""
    outages: list[tuple[str, int, int | None]] = field(default_factory=list)
    """(system, opened, closed)."""
    systems: set[str] = field(default_factory=set)
    """Systems that any task read or asked."""
    faults: list[Row] = field(default_factory=list)
    reruns: list[Row] = field(default_factory=list)
    failed: list[Row] = field(default_factory=list)
    """Changes of state with which a try failed, to be tried again or not."""
    last_states: dict[int, Row] = field(default_factory=dict)
    """Task instance -> its last change of state within the window."""
    starts: dict[int, list[int]] = field(default_factory=dict)
    """Task instance -> the instants at which a try of it started, in order."""
    busy_us: int = 0
    """Time that tries held a worker, microseconds, summed over all of them, within the window."""


def nights_of(replay: Replay) -> Nights:
    """Sort the journal of a replay."""
    nights, journal = Nights(), replay.journal
    reading: dict[int, list[Row]] = {}
    running: dict[int, int] = {}
    for row in journal.rows():
        if row.fact is Fact.SOURCE_READ:
            nights.systems.add(row.detail["system"])
            reading.setdefault(row.entity, []).append(row)
        elif row.fact is Fact.TASK_STATE:
            _task_state(nights, row, reading, running, replay)
        elif row.fact is Fact.PROCESS and row.detail["end"] == "died":
            # its row may say running for days, but it holds no worker any more
            started = running.pop(row.entity, None)
            nights.busy_us += _within(started, row.time, replay)
        else:
            _sort(nights, row, journal.name(row.entity))
    nights.busy_us += sum(replay.end - start for start in running.values() if start < replay.end)
    for rows in reading.values():
        nights.extracts += [_extract(read, None, replay) for read in rows]
    nights.extracts.sort(key=lambda extract: extract.row)
    return nights


def _sort(nights: Nights, row: Row, name: str) -> None:
    detail: Mapping[str, Any] = row.detail
    match row.fact:
        case Fact.READ:
            nights.reads.append(row)
        case Fact.PROBE if "system" in detail:
            nights.systems.add(detail["system"])
        case Fact.ALERT if detail["channel"] == "pager" and detail["status"] == "sent":
            nights.pages.append(
                Page(detail["alert"], name, row.time, detail["data_date"], row.value, row.index)
            )
        case Fact.PUBLISHED:
            _published(nights, row, name)
        case Fact.OUTAGE:
            _outage(nights, row, name)
        case Fact.FAULT:
            nights.faults.append(row)
        case Fact.INTERVENTION if detail.get("action") == "rerun":
            nights.reruns.append(row)
        case _:
            pass


def _task_state(
    nights: Nights,
    row: Row,
    reading: dict[int, list[Row]],
    running: dict[int, int],
    replay: Replay,
) -> None:
    if row.time < replay.end:
        nights.last_states[row.entity] = row
    if row.value % 256 == TaskState.RUNNING:
        nights.starts.setdefault(row.entity, []).append(row.time)
        running[row.entity] = row.time
        return
    if row.value % 256 in _FAILED:
        nights.failed.append(row)
    nights.busy_us += _within(running.pop(row.entity, None), row.time, replay)
    for read in reading.pop(row.entity, ()):
        nights.extracts.append(_extract(read, row.time, replay))


def _within(started: int | None, ended: int, replay: Replay) -> int:
    """How much of a span lies within the window, microseconds."""
    return 0 if started is None else max(0, min(ended, replay.end) - started)


def _extract(read: Row, ended_at: int | None, replay: Replay) -> Extract:
    detail = read.detail
    return Extract(
        task=replay.journal.name(read.entity),
        data_date=detail["data_date"],
        read_at=read.time,
        ended_at=ended_at,
        rows=read.value,
        rows_true=detail["rows_true"],
        mode=detail["mode"],
        row=read.index,
    )


def _published(nights: Nights, row: Row, table: str) -> None:
    for day, what in row.detail["partitions"].items():
        nights.publications.append(
            Publication(
                table,
                day,
                row.time,
                row.value,
                what["rows"],
                what["sums"],
                what["digest"],
                row.index,
            )
        )
    nights.removed += [(row.time, table, day, row.index) for day in row.detail["removed"]]


def _outage(nights: Nights, row: Row, system: str) -> None:
    if row.value:
        nights.outages.append((system, row.time, None))
        return
    for at, (name, opened, closed) in enumerate(nights.outages):
        if name == system and closed is None:
            nights.outages[at] = (name, opened, row.time)
            return
