"""What no orchestrator knows: alerts, publications, what readers saw, checks, calls, outages.

The same tables under every orchestrator, as of the end of a journal.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.views.gantt import task_instance_names
from sim.world.warehouse.relation import Relation, columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.kernel.journal import Journal

    Rows = Callable[[Journal], Iterator[dict[str, Any]]]

_COLUMNS = {
    "alert": (
        "id int, sent_at time, alert text, incident int, person text, channel text, status text, "
        "key text, dag_id text, run_id text, task_id text, data_date date, acknowledged_at time"
    ),
    "acknowledged": "incident int, person text, channel text, acknowledged_at time, after float",
    "published": (
        "published_at time, table_name text, version int, partition date, rows bigint, "
        "digest text, sums json, removed bool, dag_id text, run_id text, task_id text"
    ),
    "reading": (
        "read_at time, person text, table_name text, version int, partition date, figure text, "
        "shown float, stale bool"
    ),
    "check_result": (
        "checked_at time, check_name text, metric text, passed bool, observed float, low float, "
        "high float, baseline float, action text, data_date date, dag_id text, run_id text, "
        "task_id text"
    ),
    "external_call": (
        "called_at time, service text, kind text, status text, key text, data_date date, "
        "try_number int, dag_id text, run_id text, task_id text"
    ),
    "outage": "system text, mode text, start_date time, end_date time",
}


def people(journal: Journal) -> tuple[Relation, ...]:
    """Every table, with its rows as of the end of the journal."""
    return tuple(
        Relation(name, columns_of(columns), partial(_rows, _PROJECTIONS[name], journal))
        for name, columns in _COLUMNS.items()
    )


def _rows(project: Rows, journal: Journal) -> list[dict[str, Any]]:
    return list(project(journal))


def _alert(journal: Journal) -> Iterator[dict[str, Any]]:
    known = {row.value: row.time for row in journal.rows(Fact.ACKNOWLEDGED)}
    for number, row in enumerate(journal.rows(Fact.ALERT), 1):
        detail = row.detail
        yield {
            "id": number,
            "sent_at": row.time,
            "alert": detail["alert"],
            "incident": row.value,
            "person": journal.name(row.entity),
            "channel": detail["channel"],
            "status": detail["status"],
            "key": detail["key"],
            "data_date": detail.get("data_date") or None,
            "acknowledged_at": known.get(row.value),
            **_who(journal, detail.get("task_instance")),
        }


def _acknowledged(journal: Journal) -> Iterator[dict[str, Any]]:
    for row in journal.rows(Fact.ACKNOWLEDGED):
        yield {
            "incident": row.value,
            "person": journal.name(row.entity),
            "channel": row.detail["channel"],
            "acknowledged_at": row.time,
            "after": row.detail["after"] / 1_000_000,
        }


def _published(journal: Journal) -> Iterator[dict[str, Any]]:
    for row in journal.rows(Fact.PUBLISHED):
        common = {
            "published_at": row.time,
            "table_name": journal.name(row.entity),
            "version": row.value,
            **_who(journal, row.detail.get("task_instance")),
        }
        for day, facts in row.detail["partitions"].items():
            yield {
                **common,
                "partition": day or None,
                "rows": facts["rows"],
                "digest": facts["digest"],
                "sums": json.dumps(facts["sums"]),
                "removed": False,
            }
        for day in row.detail["removed"]:
            yield {**common, "partition": day or None, "rows": 0, "removed": True}


def _reading(journal: Journal) -> Iterator[dict[str, Any]]:
    for row in journal.rows(Fact.READ):
        yield {
            "read_at": row.time,
            "person": journal.name(row.entity),
            "table_name": row.detail["table"],
            "version": row.value,
            "partition": row.detail["partition"],
            "figure": row.detail["figure"],
            "shown": row.detail["shown"],
            "stale": row.detail["stale"],
        }


def _check_result(journal: Journal) -> Iterator[dict[str, Any]]:
    names = ("metric", "observed", "low", "high", "baseline", "action")
    for row in journal.rows(Fact.CHECK):
        yield {
            "checked_at": row.time,
            "check_name": row.detail["check"],
            "passed": bool(row.value),
            "data_date": row.detail.get("data_date") or None,
            **{name: row.detail[name] for name in names},
            **_who(journal, row.entity),
        }


def _external_call(journal: Journal) -> Iterator[dict[str, Any]]:
    names = ("kind", "status", "key", "data_date", "try_number")
    for row in journal.rows(Fact.EFFECT):
        yield {
            "called_at": row.time,
            "service": journal.name(row.entity),
            **{name: row.detail[name] for name in names},
            **_who(journal, row.detail["task_instance"]),
        }


def _outage(journal: Journal) -> Iterator[dict[str, Any]]:
    open_ones: dict[tuple[int, str], dict[str, Any]] = {}
    found = []
    for row in journal.rows(Fact.OUTAGE):
        key = row.entity, row.detail["mode"]
        if row.value:
            open_ones[key] = {
                "system": journal.name(row.entity),
                "mode": row.detail["mode"],
                "start_date": row.time,
            }
            found.append(open_ones[key])
        elif key in open_ones:
            open_ones.pop(key)["end_date"] = row.time
    yield from found


def _who(journal: Journal, task_instance: int | None) -> dict[str, Any]:
    if task_instance is None or task_instance < 0:
        return {}
    dag_id, run_id, task_id = task_instance_names(journal, task_instance)
    return {"dag_id": dag_id, "run_id": run_id, "task_id": task_id}


_PROJECTIONS: dict[str, Rows] = {
    "alert": _alert,
    "acknowledged": _acknowledged,
    "published": _published,
    "reading": _reading,
    "check_result": _check_result,
    "external_call": _external_call,
    "outage": _outage,
}
