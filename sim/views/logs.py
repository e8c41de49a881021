"""The log of a task: what each of its tries did, line by line, up to an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.model.states import TaskState
from sim.views.gantt import task_instance_names
from sim.views.note import Note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.kernel.journal import Journal, Row

_ABOUT_ITSELF = frozenset(
    {
        Fact.TASK_STATE,
        Fact.SOURCE_READ,
        Fact.FILE_READ,
        Fact.STATEMENT,
        Fact.SQL_ERROR,
        Fact.CHECK,
        Fact.PROBE,
        Fact.FAULT,
        Fact.PROCESS,
    }
)
_NAMED_IN_DETAIL = frozenset(
    {Fact.FILE_WRITE, Fact.PUBLISHED, Fact.STALE_MARKED, Fact.ALERT, Fact.EFFECT}
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line."""

    run_id: str
    try_number: int
    """0 before the first try."""
    level: str
    """`info`, `warning` or `error`."""
    note: Note


def log_rows(journal: Journal, *, start: int, end: int) -> dict[tuple[str, str], list[int]]:
    """By (pipeline, task): the rows of the journal within [start, end) that its log tells of."""
    found: dict[tuple[str, str], list[int]] = {}
    tasks: dict[int, list[int] | None] = {}
    for row in journal.rows(*_ABOUT_ITSELF, *_NAMED_IN_DETAIL, since=start, until=end):
        instance = row.entity if row.fact in _ABOUT_ITSELF else row.detail["task_instance"]
        if instance not in tasks:
            tasks[instance] = None
            if journal.who(instance).type is Entity.TASK_INSTANCE:
                pipeline, _, task = task_instance_names(journal, instance)
                tasks[instance] = found.setdefault((pipeline, task), [])
        rows = tasks[instance]
        if rows is not None:
            rows.append(row.index)
    return found


def task_log(
    journal: Journal, pipeline: str, task: str, *, start: int, end: int
) -> tuple[LogLine, ...]:
    """The lines of a task's instances within [start, end), in order."""
    return lines_of(journal, log_rows(journal, start=start, end=end).get((pipeline, task), []))


def lines_of(journal: Journal, rows: Iterable[int]) -> tuple[LogLine, ...]:
    """The lines of some of one task's `log_rows`."""
    tries: dict[int, int] = {}
    lines = []
    for row in map(journal.__getitem__, rows):
        instance = row.entity if row.fact in _ABOUT_ITSELF else row.detail["task_instance"]
        run_id = journal.who(journal.who(instance).parent).name
        if row.fact is Fact.TASK_STATE:
            tries[instance] = row.value // 256
        if row.fact is Fact.PROCESS:
            # the end of an older try, which may come when a newer one runs already
            params = {"http": row.detail.get("http")}
            note = Note(row.time, f"log.process_{row.detail['end']}", row.index, params)
            lines.append(LogLine(run_id, row.value, "error", note))
            continue
        code, level, params = _line(row, journal)
        note = Note(row.time, code, row.index, params)
        lines.append(LogLine(run_id, tries.get(instance, 0), level, note))
    return tuple(lines)


def _line(row: Row, journal: Journal) -> tuple[str, str, dict[str, Any]]:  # noqa: C901, PLR0912 - one case a fact
    detail = dict(row.detail)
    match row.fact:
        case Fact.TASK_STATE:
            return _state(row)
        case Fact.SOURCE_READ:
            short = row.value < detail["rows_true"]
            # the job itself cannot know: it logs what it got, as a real one would
            params = {
                "source": detail["source"],
                "rows": row.value,
                "data_date": detail["data_date"],
            }
            refused = detail["mode"] in {"refuse", "timeout", "rate_limited"}
            level = "error" if refused else "info"
            return (
                (f"log.source_{detail['mode']}" if refused else "log.source"),
                level,
                params | {"short": short},
            )
        case Fact.FILE_READ:
            if detail.get("missing"):
                return "log.file_missing", "error", {"path": detail["path"]}
            return "log.file_read", "info", {"path": detail["path"], "rows": row.value}
        case Fact.FILE_WRITE:
            params = {"path": journal.name(row.entity), "rows": row.value}
            level = "warning" if detail["phase"] == "abandoned" else "info"
            return f"log.file_{detail['phase']}", level, params
        case Fact.STATEMENT:
            return "log.statement", "info", {**detail, "rows": row.value}
        case Fact.EFFECT:
            return _effect(row, journal)
        case Fact.SQL_ERROR:
            return "log.sql_error", "error", {"message": detail["message"]}
        case Fact.CHECK:
            code = "log.check_passed" if row.value else "log.check_failed"
            level = "info" if row.value else "warning" if detail["action"] == "warn" else "error"
            return code, level, detail
        case Fact.PROBE:
            return _probe(row)
        case Fact.PUBLISHED:
            params = {"table": journal.name(row.entity), "version": row.value}
            return "log.published", "info", {**params, "partitions": list(detail["partitions"])}
        case Fact.STALE_MARKED:
            code = "log.stale" if row.value else "log.stale_over"
            return (
                code,
                "warning",
                {"table": journal.name(row.entity), "partition": detail["partition"]},
            )
        case Fact.ALERT:
            params = {"person": journal.name(row.entity), "channel": detail["channel"]}
            return (
                "log.alert",
                "warning",
                {**params, "alert": detail["alert"], "status": detail["status"]},
            )
    return "log.fault", "error", {"fault": detail.get("fault", "")}


def _effect(row: Row, journal: Journal) -> tuple[str, str, dict[str, Any]]:
    # whoever calls is not told that the service knew the key: it is answered as before
    code = "log.effect_receipt" if row.detail["status"] == "receipt" else "log.effect_done"
    return code, "info", {**row.detail, "service": journal.name(row.entity)}


def _probe(row: Row) -> tuple[str, str, dict[str, Any]]:
    detail = row.detail
    if "dag" in detail:
        params = {"dag": detail["dag"], "states": detail["found"]}
        found = "not_ready" if detail["found"] else "missing"
        return f"log.external_{'ready' if row.value else found}", "info", params
    params = {"system": detail["system"], "lag_us": detail["lag"], "rows": detail["rows"]}
    return ("log.probe_ready" if row.value else "log.probe_not_ready"), "info", params


def _state(row: Row) -> tuple[str, str, dict[str, Any]]:
    state = TaskState(row.value % 256)
    params: dict[str, Any] = {"state": state.word, "try_number": row.value // 256}
    for key, name in (("reason", "reason"), ("native", "state")):
        if name in row.detail:
            params[key] = row.detail[name]
    if "exit_code" in row.detail:
        code = "log.exit"
        level = "error" if row.detail["exit_code"] else "info"
        return code, level, {**params, "exit_code": row.detail["exit_code"]}
    bad = state in {TaskState.FAILED, TaskState.UPSTREAM_FAILED}
    wait = state in {TaskState.UP_FOR_RETRY, TaskState.SKIPPED}
    return "log.state", "error" if bad else "warning" if wait else "info", params
