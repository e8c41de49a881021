"""One writer at a time: nobody writes between the statements of another's unfinished write.

Two writes of the same date of a table whose statements interleave, at least one of them without a
transaction around it. A write that is one transaction, or one statement, is protected by the
database and may meet others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Row
    from sim.verify.trial import Trial
    from sim.verify.violation import Violation

_APART = frozenset({"delete", "insert"})
"""Statements that stand alone when no transaction was begun before them."""


@dataclass(slots=True)
class _Write:
    """A write without a transaction, between its first and its last statement."""

    row: Row
    table: str
    day: str | None


def judge(trial: Trial) -> Iterator[Violation]:
    """Each statement that changes a table while another write of the same date is half done."""
    half: dict[tuple[int, int], _Write] = {}
    inside: set[tuple[int, int]] = set()
    for row in trial.journal.rows(Fact.STATEMENT):
        detail, writer = row.detail, (row.entity, row.cause)
        table, day = detail["table"], trial.data_dates.get(row.entity)
        if detail["op"] in {"begin", "create"}:
            inside.add(writer)
        # what is in a transaction, or in a table of its own, shows at the commit or the swap
        if writer in inside and detail["op"] not in {"commit", "swap"}:
            continue
        for other, write in half.items():
            if other != writer and (write.table, write.day) == (table, day):
                yield violated(
                    trial,
                    "writers",
                    "interleaved",
                    at=row.time,
                    table=table,
                    partition=day,
                    task=trial.journal.name(row.entity),
                )
        if detail["op"] in _APART and detail["number"] < detail["of"]:
            half[writer] = _Write(row, table, day)
        else:
            half.pop(writer, None)
