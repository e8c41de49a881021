"""Nothing is lost in silence: a date that the fault-free night publishes is published.

What a config owes when trouble hits: it tries again at least once, and when that does not help it
fails, so that people see it. A date that is missing is therefore excused when a task of its run
has failed for good after two tries or more, or when Airflow itself failed a task that was stuck in
queued: no number of retries counts there. It is not excused when its run counts as a success, is
not there, or gave up at the first try; nor when it stood and is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact
from sim.model.states import TaskState
from sim.objectives.published import standing, true_partition
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Row
    from sim.verify.trial import Trial
    from sim.verify.violation import Violation

_TRIES_OWED = 2
_STUCK = "stuck_in_queued"


def judge(trial: Trial) -> Iterator[Violation]:
    """Each date of each table that stands at the end of the fault-free night."""
    calm = trial.calm or trial
    ends = _ends(trial)
    for table in trial.keys:
        stood = standing(calm.nights, table, until=calm.replay.end)
        last = standing(trial.nights, table, until=trial.replay.end)
        for day in trial.points.dates:
            true = true_partition(trial.replay, table, day)
            if day not in stood or (day in last and last[day].rows) or not (true and true.rows):
                continue
            params = {"table": table, "partition": day, "rows": 0, "rows_true": true.rows}
            gone = max(
                (one[0] for one in trial.nights.removed if one[1:3] == (table, day)), default=None
            )
            if gone is not None:
                yield violated(trial, "lost", "gone", at=gone, **params)
            elif (failed := _failed(ends, day, trial)) is None:
                yield violated(trial, "lost", "silent", at=stood[day].at, **params)
            elif failed.value // 256 < _TRIES_OWED and failed.detail.get("reason") != _STUCK:
                task = trial.journal.name(failed.entity)
                yield violated(trial, "lost", "first_try", at=failed.time, task=task, **params)


def _ends(trial: Trial) -> list[Row]:
    """The last change of state of each task instance."""
    last: dict[int, Row] = {}
    for row in trial.journal.rows(Fact.TASK_STATE):
        if trial.journal.who(row.entity).type is Entity.TASK_INSTANCE:
            last[row.entity] = row
    return list(last.values())


def _failed(ends: list[Row], day: str, trial: Trial) -> Row | None:
    """How the task instance that tried hardest on a date failed for good; None: none has.

    When what failed was cleared alone and those after it were left failed, that of any of them.
    """
    of_day = [row for row in ends if trial.data_dates.get(row.entity) == day]
    failed = [row for row in of_day if row.value % 256 == TaskState.FAILED]
    if not failed and any(row.value % 256 == TaskState.UPSTREAM_FAILED for row in of_day):
        failed = of_day
    return max(failed, key=lambda row: row.value // 256, default=None)
