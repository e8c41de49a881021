"""External effects happen exactly once: as often as in the fault-free night, for each data date.

A call cannot be taken back, so what an operator runs again counts as well: a service that knew the
idempotency key, and a try that found a receipt, have done nothing and are no call. Fewer calls are
excused as missing dates are (`lost`): when the date's run has failed for all to see.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.verify.trial import Trial
    from sim.verify.violation import Violation


def judge(trial: Trial) -> Iterator[Violation]:
    """Each service and each data date."""
    wanted, _ = _calls(trial.calm or trial)
    made, last = _calls(trial)
    for service, day in sorted({*wanted, *made}):
        calls, due = made[service, day], wanted[service, day]
        if day not in trial.points.dates or calls == due:
            continue
        params = {"service": service, "partition": day, "calls": calls, "due": due}
        if calls > due:
            yield violated(trial, "effects", "again", at=last[service, day], **params)
        elif not _has_failed(trial, day):
            yield violated(trial, "effects", "never", at=trial.replay.end, **params)


def _calls(trial: Trial) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], int]]:
    """(service, data date) -> how often it was called to effect, and when last."""
    calls: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], int] = {}
    for row in trial.journal.rows(Fact.EFFECT):
        if row.value:
            key = trial.journal.name(row.entity), row.detail["data_date"]
            calls[key] += 1
            last[key] = row.time
    return calls, last


def _has_failed(trial: Trial, day: str) -> bool:
    ends: dict[int, int] = {}
    for row in trial.journal.rows(Fact.TASK_STATE):
        if trial.data_dates.get(row.entity) == day:
            ends[row.entity] = row.value % 256
    return bool({TaskState.FAILED, TaskState.UPSTREAM_FAILED} & {*ends.values()})
