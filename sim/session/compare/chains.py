"""The chain of facts that led to one fact, as codes with parameters: a cause in words.

It follows two kinds of link: the journal's `cause`, and data: who wrote what was read. Words are
made elsewhere. Invariant: links are facts of the journal, in its order; none is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.model.states import RunState, TaskState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.journal import Journal, Row

LINKS_MAX = 14
"""Most links that are told; of a longer chain the ends."""
_HOPS_MAX = 20
"""Most tasks that data is followed back through."""
_STEPS_MAX = 20_000
"""Most causes that are followed from one fact."""
_UNTOLD = frozenset({TaskState.NONE, TaskState.SCHEDULED, TaskState.QUEUED, TaskState.SUCCESS})
"""What comes next says as much."""


@dataclass(frozen=True, slots=True)
class Link:
    """One fact of a chain."""

    at: int
    code: str
    """`chain.CODE` in the words."""
    params: Mapping[str, Any]
    row: int
    """Index of the journal row."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What led to a fact, that fact last."""

    links: tuple[Link, ...]
    left_out: int = 0
    """How many links between the first ones and the last ones are not told."""


def chain_of(journal: Journal, row: int) -> Chain:
    """What led to a journal row: causes, and who wrote the data that it rests on."""
    rows: set[int] = set()
    _follow(journal, journal[row], rows, hops=_HOPS_MAX)
    told = _without_pokes([journal[index] for index in sorted(rows)])
    links = [link for one in told if (link := _link(journal, one)) is not None]
    if len(links) <= LINKS_MAX:
        return Chain(tuple(links))
    half = LINKS_MAX // 2
    return Chain((*links[:half], *links[-half:]), len(links) - 2 * half)


def _follow(journal: Journal, row: Row, rows: set[int], *, hops: int) -> None:
    if row.index in rows or hops <= 0:
        return
    rows.add(row.index)
    if row.fact is Fact.READ:
        version = _version_read(journal, row)
        if version is not None:
            _follow(journal, version, rows, hops=hops - 1)
        return
    step = row
    for _ in range(_STEPS_MAX):
        if step.fact is Fact.TASK_STATE and step.value % 256 == TaskState.RUNNING:
            _follow_data(journal, step, row, rows, hops=hops)
        if step.fact is Fact.RUN_STATE and step.value == RunState.FAILED:
            rows |= _failed_in(journal, step)
        if step.cause < 0:
            break
        step = journal[step.cause]
        rows.add(step.index)
    if row.fact is Fact.TASK_STATE and row.value // 256 > 1:
        rows |= _tries_before(journal, row)


def _failed_in(journal: Journal, over: Row) -> set[int]:
    """Of a run that failed, and that another one follows: what failed in it first, and of what."""
    began = over
    while began.cause >= 0 and journal[began.cause].entity == over.entity:
        began = journal[began.cause]
    for one in journal.rows(Fact.TASK_STATE, since=began.time, until=over.time + 1):
        failed = one.value % 256 == TaskState.FAILED
        if failed and journal.who(one.entity).parent == over.entity:
            return {one.index} if one.cause < 0 else {one.index, one.cause}
    return set()


def _tries_before(journal: Journal, row: Row) -> set[int]:
    """How earlier tries of a task instance ended, where the try itself does not come from them."""
    found: set[int] = set()
    for one in journal.rows(Fact.TASK_STATE, until=row.time + 1):
        if one.entity == row.entity and one.value % 256 == TaskState.FAILED:
            found |= {one.index} if one.cause < 0 else {one.index, one.cause}
    return found


def _without_pokes(rows: list[Row]) -> list[Row]:
    """Of a sensor that came back again and again: its first start and the last time it left."""
    left: dict[int, list[int]] = {}
    for row in rows:
        if row.fact is Fact.TASK_STATE and row.value % 256 == TaskState.UP_FOR_RESCHEDULE:
            left.setdefault(row.entity, []).append(row.index)
    return [
        row
        for row in rows
        if row.entity not in left
        or row.fact is not Fact.TASK_STATE
        or row.index == left[row.entity][-1]
        or row.index < left[row.entity][0]
        or row.value % 256 not in {TaskState.UP_FOR_RESCHEDULE, TaskState.RUNNING}
    ]


def _version_read(journal: Journal, read: Row) -> Row | None:
    """The publication of the version that a person read, when a task made it."""
    table = read.detail["table"]
    last = None
    for row in journal.rows(Fact.PUBLISHED, until=read.time + 1):
        if journal.name(row.entity) == table and read.detail["partition"] in row.detail.get(
            "partitions", ()
        ):
            last = row
    return last


def _follow_data(journal: Journal, start: Row, end: Row, rows: set[int], *, hops: int) -> None:
    """What a try read between its start and a fact of it, and who had written that."""
    for row in journal.rows(
        Fact.SOURCE_READ, Fact.FILE_READ, Fact.FAULT, since=start.time, until=end.time + 1
    ):
        if row.entity != start.entity or row.index < start.index:
            continue
        rows.add(row.index)
        if row.fact is Fact.SOURCE_READ and row.detail["mode"] != "ok":
            rows |= _outage(journal, row)
        elif row.fact is Fact.FILE_READ:
            writer = _writer(journal, row)
            if writer is not None:
                _follow_writer(journal, writer, rows, hops=hops - 1)


def _outage(journal: Journal, read: Row) -> set[int]:
    """The outage under which a source was read."""
    system, last = read.detail["system"], None
    for row in journal.rows(Fact.OUTAGE, until=read.time + 1):
        if journal.name(row.entity) == system:
            last = row
    return {last.index} if last is not None and last.value else set()


def _writer(journal: Journal, read: Row) -> Row | None:
    """The fact by which the file came to hold what was read."""
    path, last = read.detail["path"], None
    for row in journal.rows(Fact.FILE_WRITE, until=read.time + 1):
        if row.index < read.index and journal.name(row.entity) == path:
            last = row
    return last


def _follow_writer(journal: Journal, write: Row, rows: set[int], *, hops: int) -> None:
    if write.index in rows or hops <= 0:
        return
    rows.add(write.index)
    entity = write.detail["task_instance"]
    started = None
    for row in journal.rows(Fact.TASK_STATE, until=write.time + 1):
        if (
            row.entity == entity
            and row.index < write.index
            and row.value % 256 == TaskState.RUNNING
        ):
            started = row
    if started is not None:
        _follow_data(journal, started, write, rows, hops=hops)
        _follow(journal, started, rows, hops=hops)


# -- words' parameters ----------------------------------------------------------------------


def _link(journal: Journal, row: Row) -> Link | None:
    """A fact as a link; None for one that says nothing more than its neighbours."""
    code, params = _told(journal, row)
    return Link(row.time, f"chain.{code}", params, row.index) if code else None


def _told(journal: Journal, row: Row) -> tuple[str, dict[str, Any]]:
    detail, name = row.detail, journal.name(row.entity)
    match row.fact:
        case Fact.RUN_STATE if "run_type" in detail:
            pipeline = journal.name(journal.who(row.entity).parent)
            return "run", {"pipeline": pipeline, "run": name, "type": detail["run_type"]}
        case Fact.TASK_STATE:
            state = TaskState(row.value % 256)
            if state in _UNTOLD:
                return "", {}
            params = {"task": name, "try": row.value // 256, "state": state.word}
            if state is TaskState.RUNNING:
                return "started", params
            reason = detail.get("reason") or None
            return "state", {**params, "reason": reason, "until": detail.get("until")}
        case Fact.SOURCE_READ:
            given = _picked(detail, "source", "mode", "rows_true", "data_date")
            return "source", {"task": name, "rows": row.value, **given}
        case Fact.FILE_READ:
            code = "missing" if detail.get("missing") else "file_read"
            complete = detail.get("complete", True)
            params = {"task": name, "path": detail["path"], "rows": row.value}
            return code, {**params, "complete": complete}
        case Fact.FILE_WRITE:
            return f"file_{detail['phase']}", {"path": name, "rows": row.value}
        case _:
            return _told_of_people(journal, row)


def _told_of_people(journal: Journal, row: Row) -> tuple[str, dict[str, Any]]:  # noqa: C901 - one case a fact
    detail, name = row.detail, journal.name(row.entity)
    match row.fact:
        case Fact.PUBLISHED:
            days = {day: facts["rows"] for day, facts in detail["partitions"].items()}
            return "published", {
                "table": name,
                "version": row.value,
                "rows": sum(days.values()),
                "data_dates": list(days)[:3],
            }
        case Fact.READ:
            given = _picked(detail, "figure", "partition", "shown", "stale")
            return "read", {"person": name, **given}
        case Fact.CHECK:
            given = _picked(detail, "check", "metric", "observed", "low", "high")
            return "check", {"passed": bool(row.value), **given}
        case Fact.ALERT:
            given = _picked(detail, "alert", "channel", "data_date")
            return "alert", {"person": name, **given}
        case Fact.OUTAGE:
            return "outage", {"system": name, "mode": detail.get("mode"), "opens": bool(row.value)}
        case Fact.FAULT:
            return "fault", {"subject": name, "fault": detail["fault"]}
        case Fact.INTERVENTION:
            return "intervention", {"by": detail.get("by"), "action": detail["action"]}
        case Fact.HEARTBEAT:
            expected = detail.get("expected")
            return "heartbeat", {"name": name, "pinged": bool(row.value), "expected": expected}
        case Fact.SQL_ERROR:
            return "sql_error", {"task": name, "message": detail.get("message", "")}
        case Fact.HOST | Fact.SCHEDULER | Fact.WORKER | Fact.DATABASE:
            word = row.fact.name.lower()
            return word, {"name": name, "up": bool(row.value), "reason": detail.get("reason")}
        case _:
            return "", {}


def _picked(detail: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: detail.get(name) for name in names}
