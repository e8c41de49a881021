"""What happened on one side, night by night, in words that every orchestrator has.

Runs, tasks, publications, reads and messages of one played side, each with the journal row that it
can be traced from. A run is known by what it worked on, since a crontab line has no logical date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact
from sim.model.states import FINISHED, TaskState

if TYPE_CHECKING:
    from datetime import date

    from sim.kernel.journal import Journal, Row
    from sim.session.compare.played import Played

_BY_HAND = frozenset({"manual", "backfill"})
"""Types of runs that a person asks for."""
_WORKED_ON = (Fact.SOURCE_READ, Fact.FILE_READ)


@dataclass(slots=True)
class Run:
    """One run that was created on a night."""

    entity: int
    pipeline: str
    run_id: str
    run_type: str
    created: int
    due: int
    """When it should have been there: the end of its interval, else its time of the schedule."""
    row: int
    data_dates: tuple[str, ...] = ()
    """The business days that its tasks asked sources and files for, in order."""


RETRY = "retry"
"""Type of a run that is another one's once more."""


@dataclass(slots=True)
class Task:
    """One task of the wiring on one night, over all of its task instances."""

    name: str
    tries: set[tuple[int, int]] = field(default_factory=set)
    """Each try that started: task instance and number. A poke of a sensor is none."""
    retried: bool = False
    """Whether a try was followed by another, or is to be; in a run of its own, too."""
    ends: list[TaskState] = field(default_factory=list)
    """How its task instances stood when the night was over, sorted."""
    reasons: list[str] = field(default_factory=list)
    row: int = -1
    """The row of its last change of state."""


@dataclass(frozen=True, slots=True)
class Published:
    """One data date of a table, as it stood when the nights were over."""

    table: str
    data_date: str
    at: int
    night: date
    """The night on whose day it was published."""
    versions: int
    rows: int
    right: bool | None
    """None: no truth is known."""
    row: int
    by_hand: bool = False
    """Whether a person had asked for the run that published it."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a person was shown."""

    person: str
    partition: str
    figure: str
    at: int
    shown: str | None
    true: str | None
    stale: bool
    row: int

    @property
    def word(self) -> str:
        """`right`, `wrong`, `none` (no figure), `stale` (marked as an earlier day's), `unknown`."""
        if self.shown is None:
            return "none"
        if self.stale:
            return "stale"
        if self.true is None:
            return "unknown"
        return "right" if Decimal(self.shown) == Decimal(self.true) else "wrong"


@dataclass(frozen=True, slots=True)
class Message:
    """One alert that went out."""

    alert: str
    person: str
    channel: str
    data_date: str
    at: int
    row: int


@dataclass(slots=True)
class Readings:
    """One side, sorted by night."""

    runs: dict[date, list[Run]] = field(default_factory=dict)
    tasks: dict[date, dict[str, Task]] = field(default_factory=dict)
    reads: dict[date, dict[tuple[str, str], Read]] = field(default_factory=dict)
    messages: dict[date, list[Message]] = field(default_factory=dict)
    published: dict[tuple[str, str], Published] = field(default_factory=dict)
    """By table and data date."""
    run_of: dict[int, Run] = field(default_factory=dict)
    """By the run's entity."""

    @property
    def tries(self) -> int:
        """How many tries started in all."""
        return len(
            set().union(*(task.tries for night in self.tasks.values() for task in night.values()))
        )


def readings_of(played: Played) -> Readings:
    """Sort the journal of one side; what an operator does after the nights is left out."""
    found = Readings()
    replay = played.replay
    worked_on: dict[int, set[str]] = {}
    states: dict[tuple[date, int], Row] = {}
    for row in replay.journal.rows(until=replay.end):
        night = replay.day_of(row.time)
        if row.fact is Fact.RUN_STATE:
            _run(found, row, night, played)
        elif row.fact is Fact.TASK_STATE:
            states[night, row.entity] = row
            _task(found, row, night, played)
        elif row.fact in _WORKED_ON and "data_date" in row.detail:  # a file may not be there
            run = replay.journal.who(row.entity).parent
            worked_on.setdefault(run, set()).add(row.detail["data_date"])
        elif row.fact is Fact.READ:
            read = _read(row, played)
            found.reads.setdefault(night, {})[read.person, read.figure] = read
        elif row.fact is Fact.ALERT and row.detail["status"] == "sent":
            found.messages.setdefault(night, []).append(_message(row, played))
    for entity, days in worked_on.items():
        if entity in found.run_of:
            found.run_of[entity].data_dates = tuple(sorted(days))
    for (night, entity), row in states.items():
        task = found.tasks[night][replay.journal.name(entity)]
        task.ends.append(TaskState(row.value % 256))
        task.ends.sort()
    _publications(found, played)
    return found


def _run(found: Readings, row: Row, night: date, played: Played) -> None:
    if row.entity in found.run_of:
        return
    journal, detail = played.replay.journal, row.detail
    who = journal.who(row.entity)
    due = detail.get("data_interval_end")
    if due is None or detail.get("run_type") == "manual":
        due = detail.get("run_after")
    run = Run(
        row.entity,
        journal.name(who.parent),
        who.name,
        str(detail.get("run_type", "")),
        row.time,
        row.time if due is None else min(int(due), row.time),
        row.index,
    )
    found.run_of[row.entity] = run
    found.runs.setdefault(night, []).append(run)


def _task(found: Readings, row: Row, night: date, played: Played) -> None:
    name = played.replay.journal.name(row.entity)
    task = found.tasks.setdefault(night, {}).setdefault(name, Task(name))
    state = TaskState(row.value % 256)
    try_number = row.value // 256
    if state is TaskState.RUNNING:
        task.tries.add((row.entity, try_number))
    run = found.run_of.get(played.replay.journal.who(row.entity).parent)
    whole = run is not None and run.run_type == RETRY and state is TaskState.RUNNING
    task.retried |= state is TaskState.UP_FOR_RETRY or try_number > 1 or whole
    reason = row.detail.get("reason", "")
    if reason and (state in FINISHED or state is TaskState.UP_FOR_RETRY):
        task.reasons.append(reason)
    task.row = row.index


def _read(row: Row, played: Played) -> Read:
    detail = row.detail
    truth = played.replay.truth.get(detail["table"], {}).get(detail["partition"])
    return Read(
        person=played.replay.journal.name(row.entity),
        partition=detail["partition"],
        figure=detail["figure"],
        at=row.time,
        shown=detail["shown"],
        true=None if truth is None else truth.sums.get(detail["figure"], "0"),
        stale=detail["stale"],
        row=row.index,
    )


def _message(row: Row, played: Played) -> Message:
    detail = row.detail
    return Message(
        alert=detail["alert"],
        person=played.replay.journal.name(row.entity),
        channel=detail["channel"],
        data_date=detail["data_date"],
        at=row.time,
        row=row.index,
    )


def _publications(found: Readings, played: Played) -> None:
    replay = played.replay
    times: dict[tuple[str, str], int] = {}
    for one in played.nights.publications:
        key = one.table, one.data_date
        if one.at < replay.start or one.at >= replay.end or not _by_a_task(played, one.row):
            continue
        times[key] = times.get(key, 0) + 1
        true = replay.truth.get(one.table, {}).get(one.data_date)
        found.published[key] = Published(
            table=one.table,
            data_date=one.data_date,
            at=one.at,
            night=replay.day_of(one.at),
            versions=times[key],
            rows=one.rows,
            right=None if true is None else true.digest == one.digest,
            row=one.row,
            by_hand=_by_hand(found, replay.journal, one.row),
        )
    for at, table, day, _ in played.nights.removed:
        standing = found.published.get((table, day))
        if standing is not None and standing.at < at < replay.end:
            del found.published[table, day]


def _by_hand(found: Readings, journal: Journal, row: int) -> bool:
    run = found.run_of.get(journal.who(journal[row].detail["task_instance"]).parent)
    return run is not None and run.run_type in _BY_HAND


def _by_a_task(played: Played, row: int) -> bool:
    """Whether a task published it: history before the nights was published by nobody."""
    journal = played.replay.journal
    entity = journal[row].detail.get("task_instance")
    return entity is not None and journal.who(entity).type is Entity.TASK_INSTANCE
