"""The data at an instant: what each step handed on, what stands in the tables, what readers see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.views.gantt import task_instance_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.journal import Journal, Row
    from sim.views.replay import Replay


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What one task left behind last, or read last."""

    at: int
    pipeline: str
    task: str
    what: str
    """`read` of a source, `file` written, `file_open` being written, `file_left` half written."""
    name: str
    """The source or the path."""
    rows: int
    rows_true: int | None
    """How many rows the source has in truth; None where no truth is defined."""
    data_date: str


@dataclass(frozen=True, slots=True)
class TableNow:
    """One data date of a table as it stands, beside the truth where one is known."""

    table: str
    partition: str
    version: int
    at: int
    rows: int
    rows_true: int | None
    sums: Mapping[str, str]
    sums_true: Mapping[str, str]
    """Empty when no truth is known."""
    right: bool | None
    """Whether it is the truth, row by row; None when no truth is known."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What a reader was shown last, beside the truth."""

    person: str
    at: int
    table: str
    figure: str
    partition: str
    shown: str | None
    truth: str | None
    """None when no truth is known."""
    stale: bool


@dataclass(frozen=True, slots=True)
class DataNow:
    """Everything about data at one instant."""

    handed_on: tuple[HandedOn, ...]
    tables: tuple[TableNow, ...]
    dashboards: tuple[Dashboard, ...]


_ABOUT_DATA = (Fact.SOURCE_READ, Fact.FILE_WRITE, Fact.PUBLISHED, Fact.READ)
_PHASES = {"opened": "file_open", "closed": "file", "abandoned": "file_left"}


def data_at(replay: Replay, instant: int, *, since: int) -> DataNow:
    """What stands at `instant`, of what happened within [since, instant]."""
    journal = replay.journal
    handed: dict[tuple[str, str, str], HandedOn] = {}
    tables: dict[tuple[str, str], TableNow] = {}
    dashboards: dict[str, Dashboard] = {}
    for row in journal.rows(*_ABOUT_DATA, since=since, until=instant + 1):
        match row.fact:
            case Fact.SOURCE_READ:
                one = _read(row, journal)
                handed[one.pipeline, one.task, "read"] = one
            case Fact.FILE_WRITE:
                one = _written(row, journal)
                handed[one.pipeline, one.task, "file"] = one
            case Fact.PUBLISHED:
                for standing in _published(row, replay):
                    tables[standing.table, standing.partition] = standing
                for day in row.detail["removed"]:
                    tables.pop((journal.name(row.entity), day), None)
            case _:
                seen = _seen(row, replay)
                dashboards[seen.person] = seen
    return DataNow(
        tuple(sorted(handed.values(), key=lambda one: (one.at, one.what != "read"))),
        tuple(tables.values()),
        tuple(dashboards.values()),
    )


def _read(row: Row, journal: Journal) -> HandedOn:
    detail = row.detail
    pipeline, _, task = task_instance_names(journal, row.entity)
    return HandedOn(
        at=row.time,
        pipeline=pipeline,
        task=task,
        what="read",
        name=detail["source"],
        rows=row.value,
        rows_true=detail["rows_true"],
        data_date=detail["data_date"],
    )


def _written(row: Row, journal: Journal) -> HandedOn:
    detail = row.detail
    pipeline, _, task = task_instance_names(journal, detail["task_instance"])
    return HandedOn(
        at=row.time,
        pipeline=pipeline,
        task=task,
        what=_PHASES[detail["phase"]],
        name=journal.name(row.entity),
        rows=row.value,
        rows_true=None,
        data_date=detail["data_date"],
    )


def _published(row: Row, replay: Replay) -> list[TableNow]:
    table = replay.journal.name(row.entity)
    truth = replay.truth.get(table, {})
    found = []
    for day, facts in row.detail["partitions"].items():
        true = truth.get(day)
        found.append(
            TableNow(
                table=table,
                partition=day,
                version=row.value,
                at=row.time,
                rows=facts["rows"],
                rows_true=None if true is None else true.rows,
                sums=facts["sums"],
                sums_true={} if true is None else true.sums,
                right=None if true is None else true.digest == facts["digest"],
            )
        )
    return found


def _seen(row: Row, replay: Replay) -> Dashboard:
    detail = row.detail
    true = replay.truth.get(detail["table"], {}).get(detail["partition"])
    return Dashboard(
        person=replay.journal.name(row.entity),
        at=row.time,
        table=detail["table"],
        figure=detail["figure"],
        partition=detail["partition"],
        shown=detail["shown"],
        truth=None if true is None else true.sums.get(detail["figure"], "0"),
        stale=detail["stale"],
    )
