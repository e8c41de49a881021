"""Objectives about task instances and time: ended by when, and how long they wait for a slot.

They read the states of task instances and nothing else, so any data or none may hang on the tasks.
Invariant: what a person triggered or cleared counts like what a schedule started, on the civil day
on which it was due.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from sim.kernel.calendar import MINUTE, parse_time_of_day
from sim.model.facts import Fact
from sim.model.states import RunState, TaskState
from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from datetime import date

    from sim.kernel.journal import Row
    from sim.objectives.config import EndedBy, SlotWait, StartsWithin
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay

_WAITING = frozenset({TaskState.SCHEDULED, TaskState.QUEUED})
_OVER = frozenset({TaskState.SUCCESS, TaskState.SKIPPED, TaskState.REMOVED})


def ended_by(asked: EndedBy, replay: Replay, nights: Nights) -> Finding:
    """On each night, every instance of these tasks that was due that day has ended well by then."""
    due: dict[date, list[Row]] = {}
    days = _days_due(replay)
    for row in nights.last_states.values():
        if replay.journal.name(row.entity) in asked.tasks:
            run = replay.journal.who(row.entity).parent
            due.setdefault(days.get(run, replay.day_of(row.time)), []).append(row)
    offset = parse_time_of_day(asked.at)
    evidence: list[Evidence] = []
    for night in replay.nights:
        if asked.nights and night.isoformat() not in asked.nights:
            continue
        rows, deadline = due.get(night, []), replay.at(night, offset)
        late = [row for row in rows if row.value % 256 not in _OVER or row.time > deadline]
        if not rows:
            names = ", ".join(asked.tasks)
            evidence.append(about(replay, "ended.none", night=night, task=names, by=asked.at))
        elif late:
            evidence.append(_late(replay, night, late, asked.at, deadline))
    if len(evidence) <= asked.misses_max:
        return against(replay, [], checked=len(replay.nights))
    return against(replay, evidence, checked=0)


def _days_due(replay: Replay) -> dict[int, date]:
    """Run -> the civil day on which it was due, where its creation says so."""
    return {
        row.entity: replay.day_of(row.detail["run_after"])
        for row in replay.journal.rows(Fact.RUN_STATE)
        if row.detail.get("run_after") is not None
    }


def _late(replay: Replay, night: date, late: list[Row], by: str, deadline: int) -> Evidence:
    """The worst of a night: one that never ended, else the one that ended last."""
    worst = max(late, key=lambda row: (row.value % 256 not in _OVER, row.time, row.index))
    over = worst.value % 256 in _OVER
    return about(
        replay,
        "ended.late" if over else "ended.never",
        night=night,
        time=worst.time,
        row=worst.index,
        task=replay.journal.name(worst.entity),
        by=by,
        count=len(late),
        **({"late_us": worst.time - deadline} if over else {}),
    )


def slot_wait(asked: SlotWait, replay: Replay, nights: Nights) -> Finding:
    """The percentile of the waits of these tasks, scheduled and queued, is within the bound."""
    del nights
    waits = slot_waits(replay, frozenset(asked.tasks))
    found = percentile([span for span, _ in waits], asked.percentile)
    if found <= asked.minutes * MINUTE:
        return against(replay, [], checked=len(waits))
    longest = sorted(waits, key=lambda wait: (-wait[0], wait[1].index))[:3]
    evidence = [
        about(
            replay,
            "wait.long",
            night=replay.day_of(row.time),
            time=row.time,
            row=row.index,
            task=replay.journal.name(row.entity),
            wait_us=span,
            percentile=asked.percentile,
            found_us=found,
            minutes=asked.minutes,
        )
        for span, row in longest
    ]
    return against(replay, evidence, checked=0)


def starts_within(asked: StartsWithin, replay: Replay, nights: Nights) -> Finding:
    """Each run that was due begins these tasks at most so much later.

    What was called off before it began kept nobody waiting; what neither began nor was called off
    has waited until the window's end.
    """
    journal, limit = replay.journal, round(asked.minutes * MINUTE)
    began: dict[tuple[int, str], int] = {}
    for entity, starts in nights.starts.items():
        key = journal.who(entity).parent, journal.name(entity)
        began[key] = min(starts[0], began.get(key, starts[0]))
    offset = 0 if asked.after is None else parse_time_of_day(asked.after)
    shape = _pipelines_of(replay, asked.tasks)
    checked, evidence = 0, []
    for run, (row, ended) in _runs_due(replay).items():
        due, pipeline = row.detail["run_after"], journal.name(journal.who(run).parent)
        if due >= replay.end or due < replay.at(replay.day_of(due), offset):
            continue
        for task in shape.get(pipeline, ()):
            start = began.get((run, task))
            if start is None and ended is not None and ended < replay.end:
                continue
            checked += 1
            waited = (replay.end if start is None else start) - due
            if waited > limit:
                evidence.append(_overdue(replay, row, task, waited, asked))
    evidence.sort(key=lambda one: -one.params["wait_us"])
    return against(replay, evidence, checked=checked)


def _pipelines_of(replay: Replay, tasks: list[str]) -> dict[str, list[str]]:
    """Pipeline -> which of these tasks it has ever run."""
    journal, found = replay.journal, dict[str, set[str]]()
    for row in journal.rows(Fact.TASK_STATE):
        name = journal.name(row.entity)
        if name in tasks:
            run = journal.who(row.entity).parent
            found.setdefault(journal.name(journal.who(run).parent), set()).add(name)
    return {pipeline: sorted(names) for pipeline, names in found.items()}


def _runs_due(replay: Replay) -> dict[int, tuple[Row, int | None]]:
    """Run -> the row that says when it was due, and when it ended."""
    found: dict[int, tuple[Row, int | None]] = {}
    for row in replay.journal.rows(Fact.RUN_STATE):
        if row.detail.get("run_after") is not None:
            found.setdefault(row.entity, (row, None))
        if row.entity in found:
            over = row.value in {RunState.SUCCESS, RunState.FAILED}
            found[row.entity] = found[row.entity][0], row.time if over else None
    return found


def _overdue(replay: Replay, row: Row, task: str, waited: int, asked: StartsWithin) -> Evidence:
    due = row.detail["run_after"]
    return about(
        replay,
        "start.late",
        night=replay.day_of(due),
        time=due,
        row=row.index,
        task=task,
        wait_us=waited,
        minutes=asked.minutes,
    )


def percentile(spans: list[int], percent: float) -> int:
    """The nearest-rank percentile; 0 of nothing."""
    if not spans:
        return 0
    return sorted(spans)[max(1, ceil(len(spans) * percent / 100)) - 1]


def slot_waits(replay: Replay, tasks: frozenset[str]) -> list[tuple[int, Row]]:
    """(time without a break in scheduled and queued, microseconds; the row that ended it) of tries.

    One that is still waiting when the window ends has waited until then.
    """
    journal = replay.journal
    since: dict[int, Row] = {}
    waits = []
    for row in journal.rows(Fact.TASK_STATE):
        if row.time >= replay.end or journal.name(row.entity) not in tasks:
            continue
        if row.value % 256 in _WAITING:
            since.setdefault(row.entity, row)
        elif row.entity in since:
            waits.append((row.time - since.pop(row.entity).time, row))
    waits += [(replay.end - row.time, row) for row in since.values()]
    return waits
