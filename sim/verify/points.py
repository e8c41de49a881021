"""The points of a window at which trouble can strike, read from a night without any.

Everything here comes from the journal of the fault-free replay: which tries there are, at which
instants they send a statement or close a file, when sources are read, when runs begin and end.
Invariant: points are in order of time, so that a smaller index is an earlier point.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sim.engine.orchestrators import capacity
from sim.kernel.calendar import HOUR, date_of
from sim.model.facts import Entity, Fact
from sim.model.states import RunState, TaskState
from sim.orchestrators.registry import ORCHESTRATORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.engine.window import Span
    from sim.kernel.journal import Journal, Row
    from sim.orchestrators.registry import Ability
    from sim.scenario.schema import Config

_TAIL_US = 5 * HOUR
"""No operator acts in the last hours of a window: what follows must be seen to end."""


@dataclass(frozen=True, slots=True)
class Try:
    """One try of the fault-free night."""

    task: str
    pipeline: str
    data_date: str
    """ISO date of the business day that it processes."""
    number: int
    start: int
    end: int
    statements: tuple[int, ...]
    """Instants at which it sends a statement, closes its file, or calls outside. A call counts
    twice: as itself and as its receipt."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the fault-free night."""

    pipeline: str
    run_id: str
    data_date: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a source."""

    system: str
    source: str
    data_date: str
    at: int
    rows: int


@dataclass(frozen=True, slots=True)
class Points:
    """Everything that a fault can name, in one window under one config."""

    abilities: frozenset[Ability]
    """What its orchestrator has."""
    timezone: str
    start: int
    end: int
    dates: tuple[str, ...]
    """Data dates of the window, ISO, in order."""
    tries: tuple[Try, ...]
    runs: tuple[Run, ...]
    reads: tuple[Read, ...]
    moments: tuple[int, ...]
    """Instants at which something happens in any run, each once."""
    schedulers: int
    executors: tuple[str, ...]
    workers: tuple[str, ...]
    """Names of workers that have a machine of their own."""

    @property
    def writing(self) -> tuple[Try, ...]:
        """The tries that send statements or leave a file."""
        return tuple(one for one in self.tries if one.statements)

    def not_too_late(self, instant: int) -> int:
        """The instant, or the last one at which an operator acts."""
        return min(instant, self.end - _TAIL_US)


def points_of(journal: Journal, span: Span, config: Config, timezone: str) -> Points:
    """Read the points from the journal of a window without trouble."""
    days = data_dates(journal, timezone)
    dates = tuple(
        day.isoformat() for day in sorted({night_date(span, at) for at in range(len(span.nights))})
    )
    tries = [one for one in _tries(journal, days) if one.data_date in dates]
    runs = [one for one in _runs(journal, days) if one.data_date in dates]
    reads = [
        Read(
            row.detail["system"],
            row.detail["source"],
            row.detail["data_date"],
            row.time,
            row.value,
        )
        for row in journal.rows(Fact.SOURCE_READ)
        if row.detail["data_date"] in dates
    ]
    moments = {run.start for run in runs}
    for one in tries:
        moments |= {one.start, one.end, *one.statements}
    ready = capacity(config)
    return Points(
        abilities=ORCHESTRATORS[config.orchestrator].abilities,
        timezone=timezone,
        start=span.start,
        end=span.end,
        dates=dates,
        tries=tuple(sorted(tries, key=lambda one: (one.start, one.task, one.data_date))),
        runs=tuple(sorted(runs, key=lambda one: (one.start, one.pipeline, one.data_date))),
        reads=tuple(reads),
        moments=tuple(sorted(moments)),
        schedulers=ready.schedulers,
        executors=ready.executors,
        workers=ready.workers,
    )


def data_dates(journal: Journal, timezone: str) -> Mapping[int, str]:
    """Task instance or run -> the ISO data date it works on, as far as any fact tells.

    What a task read or wrote tells; else what another one of its run did; else the run's logical
    date.
    """
    found: dict[int, str] = {}
    logical: dict[int, str] = {}
    for row in journal.rows(Fact.SOURCE_READ, Fact.FILE_WRITE, Fact.RUN_STATE):
        if row.fact is Fact.RUN_STATE:
            if row.detail.get("logical_date") is not None:
                logical[row.entity] = date_of(row.detail["logical_date"], timezone).isoformat()
            continue
        instance = row.entity if row.fact is Fact.SOURCE_READ else row.detail["task_instance"]
        found.setdefault(instance, row.detail["data_date"])
    of_run: dict[int, str] = {}
    for instance, day in found.items():
        of_run.setdefault(journal.who(instance).parent, day)
    of_run = {**logical, **of_run}
    for entity in range(journal.entity_count):
        who = journal.who(entity)
        if who.type is Entity.TASK_INSTANCE and who.parent in of_run:
            found.setdefault(entity, of_run[who.parent])
    return {**of_run, **found}


def night_date(span: Span, number: int) -> date:
    """The data date of a night of a window, by the night's number from 0."""
    return span.nights[number] - timedelta(days=1)


def _tries(journal: Journal, days: Mapping[int, str]) -> list[Try]:
    running: dict[int, tuple[Row, list[int]]] = {}
    tries: list[Try] = []
    for row in journal.rows(Fact.TASK_STATE, Fact.STATEMENT, Fact.FILE_WRITE, Fact.EFFECT):
        if row.fact is Fact.STATEMENT and row.entity in running:
            running[row.entity][1].append(row.time)
        elif row.fact is Fact.FILE_WRITE and row.detail["phase"] == "closed":
            if row.detail["task_instance"] in running:
                running[row.detail["task_instance"]][1].append(row.time)
        elif row.fact is Fact.EFFECT and row.detail["task_instance"] in running:
            running[row.detail["task_instance"]][1].extend((row.time, row.time))
        elif row.fact is Fact.TASK_STATE:
            began = running.pop(row.entity, None)
            if began is not None and row.entity in days:
                tries.append(_try(journal, *began, row, days))
            if row.value % 256 == TaskState.RUNNING:
                running[row.entity] = row, []
    return tries


def _try(
    journal: Journal, began: Row, statements: list[int], ended: Row, days: Mapping[int, str]
) -> Try:
    who = journal.who(began.entity)
    return Try(
        task=who.name,
        pipeline=journal.name(journal.who(who.parent).parent),
        data_date=days[began.entity],
        number=began.value // 256,
        start=began.time,
        end=ended.time,
        statements=tuple(statements),
    )


def _runs(journal: Journal, days: Mapping[int, str]) -> list[Run]:
    begun: dict[int, int] = {}
    ended: dict[int, int] = {}
    for row in journal.rows(Fact.RUN_STATE):
        if row.value in {RunState.SUCCESS, RunState.FAILED}:
            ended[row.entity] = row.time
        elif row.value == RunState.RUNNING:
            begun.setdefault(row.entity, row.time)
    return [
        Run(journal.name(journal.who(run).parent), journal.name(run), days[run], start, ended[run])
        for run, start in begun.items()
        if run in ended and run in days
    ]
