"""No reader ever meets a wrong version: zero, a part, or rows twice, not even for a moment.

A version is wrong when it has rows and they are not the truth, unless readers are told that the
date is not there yet (stale mark), or the fault-free night shows the same on its way: a config
that loads a day in several steps is judged by its last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.objectives.published import compared, same, true_partition
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.verify.trial import Trial
    from sim.verify.violation import Violation


def judge(trial: Trial) -> Iterator[Violation]:
    """Each version of each date of each table with a truth."""
    usual = set()
    if trial.calm is not None:
        usual = {(one.table, one.data_date, one.digest) for one in trial.calm.nights.publications}
    marks = [
        (row.time, trial.journal.name(row.entity), row.detail["partition"], row.value)
        for row in trial.journal.rows(Fact.STALE_MARKED)
    ]
    for one in trial.nights.publications:
        if one.table not in trial.keys or one.data_date not in trial.points.dates:
            continue
        true = true_partition(trial.replay, one.table, one.data_date)
        if not one.rows or same(one, true) or (one.table, one.data_date, one.digest) in usual:
            continue
        told = [
            marked
            for time, table, day, marked in marks
            if time <= one.at and (table, day) == (one.table, one.data_date)
        ]
        if told and told[-1]:
            continue
        params = compared(one.table, one.data_date, one, true)
        yield violated(trial, "shown", "wrong", at=one.at, **params)
