"""Objectives about task instances: none is lost, and what died is tried again soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import MINUTE
from sim.model.states import TaskState
from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from sim.kernel.journal import Row
    from sim.objectives.config import AtMost, Within
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay

_WELL = frozenset({TaskState.SUCCESS, TaskState.SKIPPED, TaskState.REMOVED})
_DEADLY = frozenset({"worker_lost", "worker_crash", "attempt_crash"})
"""Faults after which the work of a try is really over; a cut network is none of them."""


def lost_tasks(asked: AtMost, replay: Replay, nights: Nights) -> Finding:
    """Task instances that had begun to be scheduled and did not end well by the window's end."""
    lost = lost_rows(nights)
    if len(lost) <= asked.max:
        return against(replay, [], checked=len(nights.last_states))
    evidence = [
        about(
            replay,
            "task.lost",
            night=replay.day_of(row.time),
            time=row.time,
            row=row.index,
            task=replay.journal.name(row.entity),
            state=TaskState(row.value % 256).word,
        )
        for row in lost
    ]
    return against(replay, evidence, checked=0)


def lost_rows(nights: Nights) -> list[Row]:
    """The last change of state of each task instance that is lost, in order of time."""
    lost = [row for row in nights.last_states.values() if row.value % 256 not in _WELL]
    return sorted(lost, key=lambda row: row.index)


def retried_within(asked: Within, replay: Replay, nights: Nights) -> Finding:
    """Whenever a worker dies, its task instance runs again at most so many minutes later."""
    deaths = [
        row
        for row in nights.faults
        if row.detail["fault"] in _DEADLY and row.entity in nights.starts and row.time < replay.end
    ]
    limit = round(asked.minutes * MINUTE)
    evidence = []
    for row in deaths:
        again = next((at for at in nights.starts[row.entity] if at > row.time), None)
        if again is not None and again - row.time <= limit:
            continue
        evidence.append(_not_retried(replay, row, again, asked.minutes))
    return against(replay, evidence, checked=len(deaths))


def _not_retried(replay: Replay, death: Row, again: int | None, minutes: float) -> Evidence:
    late = {} if again is None else {"after_us": again - death.time}
    return about(
        replay,
        "retry.never" if again is None else "retry.late",
        night=replay.day_of(death.time),
        time=death.time,
        row=death.index,
        task=replay.journal.name(death.entity),
        fault=death.detail["fault"],
        minutes=minutes,
        **late,
    )
