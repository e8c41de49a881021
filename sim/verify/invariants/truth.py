"""What stands at the end is what a night without trouble leaves: the truth of each date.

A date that stands with other rows than the truth is a violation, whatever happened: nobody who
reads it can tell. A date that does not stand at all is another family's (`lost`). A content that
the fault-free night itself leaves or passes through is held against the config only there: it is
found with no trouble at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.objectives.published import compared, same, standing, true_partition
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.verify.trial import Trial
    from sim.verify.violation import Violation
    from sim.views.nights import Publication
    from sim.world.warehouse.facts import PartitionFacts


def judge(trial: Trial) -> Iterator[Violation]:
    """Each date of each table with a truth, as it stands at the end."""
    for table in trial.keys:
        last = standing(trial.nights, table, until=trial.replay.end)
        for day in trial.points.dates:
            there, true = last.get(day), true_partition(trial.replay, table, day)
            if there is None or not there.rows or same(there, true):
                continue
            params = compared(table, day, there, true)
            yield violated(trial, "truth", _code(there, true), at=there.at, **params)


def _code(there: Publication, true: PartitionFacts | None) -> str:
    """What is wrong with it, as people say it."""
    if true is None or not true.rows:
        return "invented"
    if there.rows > true.rows:
        return "doubled" if there.rows % true.rows == 0 else "more"
    if there.rows < true.rows:
        return "fewer"
    sums = [(float(there.sums[column]), float(true.sums[column])) for column in true.sums]
    if sums and all(found == 0 for found, _ in sums):
        return "zero"
    return "smaller" if all(found < wanted for found, wanted in sums) else "other"
