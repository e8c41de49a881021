"""No two rows of a date have the same business key, in no version that a reader could meet.

Judged on the rows of a version where the journal has them (up to 64 a date); of larger ones only
`truth` can speak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.verify.trial import Trial
    from sim.verify.violation import Violation


def judge(trial: Trial) -> Iterator[Violation]:
    """Each version of each table that has a key and a truth."""
    for row in trial.journal.rows(Fact.PUBLISHED):
        table = trial.journal.name(row.entity)
        columns, key = row.detail["columns"], trial.keys.get(table, ())
        if not key:
            continue
        places = [columns.index(column) for column in key]
        for day, facts in row.detail["partitions"].items():
            content = facts["content"]
            if content is None or day not in trial.points.dates:
                continue
            keys = {tuple(one[place] for place in places) for one in content}
            if len(keys) < len(content):
                twice = len(content) - len(keys)
                yield violated(
                    trial, "keys", "twice", at=row.time, table=table, partition=day, rows=twice
                )
