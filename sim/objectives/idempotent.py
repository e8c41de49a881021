"""The objective that trouble leaves no trace: the truth stands after crashes, twins and reruns.

The troubles are not the scenario's: they are generated (`sim.faults.schedules`), one a night, and
the same window is replayed under each schedule of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.objectives.finding import about, against
from sim.objectives.published import compared, same, standing, true_partition
from sim.views.nights import nights_of

if TYPE_CHECKING:
    from sim.objectives.config import Idempotent
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay


def idempotent(asked: Idempotent, replay: Replay, nights: Nights) -> Finding:
    """Each data date at the window's end, as the night really was and under each schedule."""
    evidence = _wrong(asked.table, replay, replay, nights)
    for rehearsal in replay.rehearsals[: asked.schedules]:
        evidence += _wrong(asked.table, replay, rehearsal, nights_of(rehearsal))
    checked = len(replay.nights) * (1 + min(asked.schedules, len(replay.rehearsals)))
    return against(replay, evidence, checked=checked)


def _wrong(table: str, replay: Replay, one: Replay, nights: Nights) -> list[Evidence]:
    last = standing(nights, table, until=one.end)
    ordeals = {ordeal.data_date: ordeal for ordeal in one.ordeals}
    evidence: list[Evidence] = []
    for night in one.nights:
        day = one.data_date(night)
        true, there = true_partition(one, table, day), last.get(day)
        if same(there, true):
            continue
        code, told = "table.differs", compared(table, day, there, true)
        ordeal = ordeals.get(day)
        if ordeal is not None:
            code = "ordeal.fault" if ordeal.task else "ordeal.rerun"
            told |= {"fault": ordeal.kind, "task": ordeal.task, "schedule": one.schedule}
        evidence.append(about(replay, code, night=night, **told))
    return evidence
