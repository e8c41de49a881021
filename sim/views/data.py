"""The data at an instant: what each step handed on, what stands in the tables, what readers see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact
from sim.views.gantt import task_instance_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.journal import Journal
    from sim.views.replay import Replay


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What one task left behind last, or read last."""

    at: int
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
    """One data date of a table as it stands, beside the truth."""

    table: str
    partition: str
    version: int
    at: int
    rows: int
    rows_true: int
    sums: Mapping[str, str]
    sums_true: Mapping[str, str]
    right: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What a reader was shown last, beside the truth."""

    person: str
    at: int
    table: str
    figure: str
    partition: str
    shown: str | None
    truth: str
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
    handed: dict[tuple[str, str], HandedOn] = {}
    tables: dict[tuple[str, str], TableNow] = {}
    dashboards: dict[str, Dashboard] = {}
    for row in journal.rows(*_ABOUT_DATA, since=since, until=instant + 1):
        detail = row.detail
        if row.fact is Fact.SOURCE_READ:
            task = journal.name(row.entity)
            handed[task, "read"] = HandedOn(
                row.time,
                task,
                "read",
                detail["source"],
                row.value,
                detail["rows_true"],
                detail["data_date"],
            )
        elif row.fact is Fact.FILE_WRITE:
            task = _task(journal, detail["task_instance"])
            what, name = _PHASES[detail["phase"]], journal.name(row.entity)
            handed[task, "file"] = HandedOn(
                row.time, task, what, name, row.value, None, detail["data_date"]
            )
        elif row.fact is Fact.PUBLISHED:
            table = journal.name(row.entity)
            for day, facts in detail["partitions"].items():
                true = replay.truth.get(table, {}).get(day)
                tables[table, day] = TableNow(
                    table=table,
                    partition=day,
                    version=row.value,
                    at=row.time,
                    rows=facts["rows"],
                    rows_true=0 if true is None else true.rows,
                    sums=facts["sums"],
                    sums_true={} if true is None else true.sums,
                    right=true is not None and true.digest == facts["digest"],
                )
            for day in detail["removed"]:
                tables.pop((table, day), None)
        else:
            person = journal.name(row.entity)
            true = replay.truth.get(detail["table"], {}).get(detail["partition"])
            dashboards[person] = Dashboard(
                person=person,
                at=row.time,
                table=detail["table"],
                figure=detail["figure"],
                partition=detail["partition"],
                shown=detail["shown"],
                truth="0" if true is None else true.sums.get(detail["figure"], "0"),
                stale=detail["stale"],
            )
    return DataNow(
        tuple(sorted(handed.values(), key=lambda one: (one.at, one.what != "read"))),
        tuple(tables.values()),
        tuple(dashboards.values()),
    )


def _task(journal: Journal, task_instance: int) -> str:
    if journal.who(task_instance).type is not Entity.TASK_INSTANCE:
        return journal.name(task_instance)
    return task_instance_names(journal, task_instance)[2]
