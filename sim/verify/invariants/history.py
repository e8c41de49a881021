"""History is monotone: a date that was right stays right, in every version that follows.

Every version counts, as somebody may read it: a partition that is gone between a DELETE and its
INSERT, rows that stand twice until a later step cleans up. What is never right is `truth`'s, and
what was never there is `lost`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.objectives.published import same, true_partition
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.verify.trial import Trial
    from sim.verify.violation import Violation
    from sim.views.nights import Publication


def judge(trial: Trial) -> Iterator[Violation]:
    """Each change of each date, in order."""
    for table in trial.keys:
        right: set[str] = set()
        for at, _, day, there in _changes(trial, table):
            if day not in trial.points.dates:
                continue
            true = true_partition(trial.replay, table, day)
            if same(there, true):
                right.add(day)
            elif day in right:
                rows = 0 if there is None else there.rows
                rows_true = 0 if true is None else true.rows
                params = {"table": table, "partition": day, "rows": rows, "rows_true": rows_true}
                code = "gone" if there is None else "changed"
                yield violated(trial, "history", code, at=at, **params)
                right.discard(day)


def _changes(trial: Trial, table: str) -> list[tuple[int, int, str, Publication | None]]:
    changes: list[tuple[int, int, str, Publication | None]] = [
        (one.at, one.row, one.data_date, one)
        for one in trial.nights.publications
        if one.table == table
    ]
    changes += [
        (at, row, day, None) for at, name, day, row in trial.nights.removed if name == table
    ]
    return sorted(changes, key=lambda change: change[:3])
