"""Incident markers: the instants of a night at which something worth stopping for happened."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.views.note import Note

if TYPE_CHECKING:
    from sim.kernel.journal import Row
    from sim.views.replay import Replay

_MARKED = (
    Fact.OUTAGE,
    Fact.CHECK,
    Fact.PUBLISHED,
    Fact.READ,
    Fact.ALERT,
    Fact.ACKNOWLEDGED,
    Fact.NOTICED,
    Fact.ESCALATED,
    Fact.INTERVENTION,
    Fact.STALE_MARKED,
    Fact.FAULT,
    Fact.SCHEDULER,
    Fact.PROCESS,
    Fact.HEARTBEAT,
    Fact.NATIVE_STATE,
)
_WAITS = {"Paused": "run.paused", "Suspended": "run.suspended"}
"""States of runs in which nothing goes on until a person acts."""
_TOLD_ENDS = frozenset({"silent", "refused"})
"""Ends of processes that a person must see to understand two tries side by side."""


def markers(replay: Replay, *, start: int, end: int) -> tuple[Note, ...]:
    """The markers within [start, end), in order."""
    found = []
    for row in replay.journal.rows(*_MARKED, since=start, until=end):
        found += _notes(row, replay)
    return tuple(found)


def _notes(row: Row, replay: Replay) -> list[Note]:  # noqa: C901, PLR0912 - one case a fact
    journal, detail = replay.journal, row.detail
    name = journal.name(row.entity)

    def note(code: str, **params: object) -> list[Note]:
        return [Note(row.time, code, row.index, params)]

    match row.fact:
        case Fact.OUTAGE:
            return note(
                "outage.opens" if row.value else "outage.closes", system=name, mode=detail["mode"]
            )
        case Fact.CHECK if not row.value:
            return note("check.failed", task=name, **_check(row))
        case Fact.PUBLISHED:
            return _wrong_publications(row, replay, name)
        case Fact.READ:
            return _wrong_read(row, replay, name)
        case Fact.ALERT:
            params = {"alert": detail["alert"], "person": name, "channel": detail["channel"]}
            code = "alert.sent" if detail["status"] == "sent" else "alert.grouped"
            return note(code, **params, data_date=detail["data_date"])
        case Fact.ACKNOWLEDGED:
            return note("alert.acknowledged", person=name, after_us=detail["after"])
        case Fact.NOTICED:
            return note(
                "person.noticed", person=name, shown=detail["shown"], expected=detail["expected"]
            )
        case Fact.ESCALATED:
            return note("person.escalated", person=name, by=detail["by"])
        case Fact.INTERVENTION:
            action = detail.get("action", "")
            return note("operator.acts", action=action, by=detail.get("by", ""), what=name)
        case Fact.STALE_MARKED if row.value:
            return note("table.stale", table=name, partition=detail["partition"])
        case Fact.FAULT:
            return note("fault", fault=detail["fault"], what=name)
        case Fact.SCHEDULER:
            return note("scheduler.started" if row.value else "scheduler.gone", scheduler=name)
        case Fact.HEARTBEAT if not row.value:
            return note("heartbeat.missed", heartbeat=name, expected=detail["expected"])
        case Fact.NATIVE_STATE if detail["state"] in _WAITS:
            pipeline = journal.name(journal.who(row.entity).parent)
            code = _WAITS[detail["state"]]
            return note(code, pipeline=pipeline, run=name, until=detail.get("until"))
        case Fact.PROCESS if detail["end"] in _TOLD_ENDS:
            return note(f"process.{detail['end']}", task=name, try_number=row.value)
    return []


def _check(row: Row) -> dict[str, object]:
    keys = ("check", "metric", "observed", "low", "high", "baseline", "holiday", "action")
    return {key: row.detail[key] for key in keys}


def _wrong_publications(row: Row, replay: Replay, table: str) -> list[Note]:
    found = []
    for day, what in row.detail["partitions"].items():
        true = replay.truth.get(table, {}).get(day)
        if true is not None and true.digest != what["digest"]:
            params = {"table": table, "partition": day, "version": row.value}
            figures = {"sums": dict(what["sums"]), "sums_true": dict(true.sums)}
            found.append(Note(row.time, "published.wrong", row.index, {**params, **figures}))
    return found


def _wrong_read(row: Row, replay: Replay, person: str) -> list[Note]:
    detail = row.detail
    true = replay.truth.get(detail["table"], {}).get(detail["partition"])
    if true is None:
        return []
    params = {
        "person": person,
        "figure": detail["figure"],
        "partition": detail["partition"],
        "shown": detail["shown"],
        "truth": true.sums.get(detail["figure"], "0"),
    }
    if detail["stale"]:
        return [Note(row.time, "read.stale", row.index, params)]
    if detail["shown"] is None:
        return [Note(row.time, "read.missing", row.index, params)]
    if Decimal(detail["shown"]) != Decimal(str(params["truth"])):
        return [Note(row.time, "read.wrong", row.index, params)]
    return []
