"""The objective about what happened outside: each data date called once, or as often as asked.

A call cannot be taken back, so its whole replay counts, also what an operator ran again later. A
service that knew the key, and a try that found a receipt, did nothing: neither is a call here.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from sim.objectives.config import ExternalCalls
    from sim.objectives.finding import Evidence, Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay


def external_calls(asked: ExternalCalls, replay: Replay, nights: Nights) -> Finding:
    """Too few in any replay; too many in more replays than are excepted."""
    del nights
    few: list[Evidence] = []
    many: list[list[Evidence]] = []
    replays = (replay, *replay.rehearsals[: asked.schedules])
    for one in replays:
        wrong = _wrong(asked, replay, one)
        few += [evidence for evidence in wrong if evidence.code == "calls.few"]
        above = [evidence for evidence in wrong if evidence.code == "calls.many"]
        if above:
            many.append(above)
    evidence = few
    if len(many) > asked.except_max:
        evidence += [each for above in many for each in above]
    return against(replay, evidence, checked=len(replay.nights) * len(replays))


def _wrong(asked: ExternalCalls, replay: Replay, one: Replay) -> list[Evidence]:
    calls: Counter[str] = Counter()
    last: dict[str, int] = {}
    for row in one.journal.rows(Fact.EFFECT):
        if row.value and one.journal.name(row.entity) == asked.service:
            calls[row.detail["data_date"]] += 1
            if row.time < one.end:
                last[row.detail["data_date"]] = row.time
    ordeals = {ordeal.data_date: ordeal for ordeal in one.ordeals}
    found = []
    for night in one.nights:
        day = one.data_date(night)
        above = asked.at_most is not None and calls[day] > asked.at_most
        if not above and calls[day] >= asked.at_least:
            continue
        ordeal = ordeals.get(day)
        struck: dict[str, Any] = (
            {} if ordeal is None else {"fault": ordeal.kind, "schedule": one.schedule}
        )
        found.append(
            about(
                replay,
                "calls.many" if above else "calls.few",
                night=night,
                time=last.get(day),
                service=asked.service,
                partition=day,
                calls=calls[day],
                bound=asked.at_most if above else asked.at_least,
                **struck,
            )
        )
    return found
