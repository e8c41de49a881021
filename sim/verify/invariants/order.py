"""Order of dependencies: nobody reads what its writer has not finished, or another date's file.

A read counts when its try ended well: a task that read half a file and failed on it did its duty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Row
    from sim.verify.trial import Trial
    from sim.verify.violation import Violation


def judge(trial: Trial) -> Iterator[Violation]:
    """Each read of a file by a try that ended well."""
    reads: dict[int, Row] = {}
    for row in trial.journal.rows(Fact.FILE_READ, Fact.TASK_STATE):
        if row.fact is Fact.FILE_READ:
            if not row.detail.get("missing"):
                reads[row.entity] = row
            continue
        read = reads.pop(row.entity, None)
        if read is None or row.value % 256 != TaskState.SUCCESS:
            continue
        day = trial.data_dates.get(row.entity)
        params = {
            "task": trial.journal.name(row.entity),
            "path": read.detail["path"],
            "partition": day,
            "rows": read.value,
            "rows_true": read.detail["rows_total"],
        }
        if not read.detail["complete"]:
            yield violated(trial, "order", "unfinished", at=read.time, **params)
        elif day in trial.points.dates and _task_date(trial, read) not in {
            None,
            read.detail["data_date"],
        }:
            yield violated(
                trial, "order", "other_date", at=read.time, found=read.detail["data_date"], **params
            )


def _task_date(trial: Trial, read: Row) -> str | None:
    return trial.data_dates.get(read.entity)
