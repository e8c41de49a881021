"""A violation of an invariant: which, where, since when, and who could have seen it.

*Inevitable* is the instant of the last trouble that struck before it. The engine is deterministic:
from then on nothing was left that could have changed the outcome. *Seen* is the first instant from
the violation on at which a person was shown the data or alerted of the date, or a check failed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.journal import Row
    from sim.verify.trial import Trial


@dataclass(frozen=True, slots=True)
class Violation:
    """One invariant that does not hold."""

    family: str
    """The module that judged: `truth`, `lost`, ..."""
    code: str
    """Which sentence says it, `verify.truth.doubled`."""
    at: int
    """Instant at which it came true."""
    inevitable: int
    """Instant from which it could not be averted any more."""
    seen: int | None
    """First instant at which anybody could see it; None: nobody ever."""
    seen_by: str = ""
    """How: `read`, `alert` or `check`; empty when nobody did."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Figures: table, partition, rows, rows_true, task, ..."""


def violated(trial: Trial, family: str, code: str, *, at: int, **params: Any) -> Violation:
    """A violation with its instants looked up in the journal."""
    seen, how = _seen(trial, at, params.get("partition"), params.get("table"))
    return Violation(family, f"{family}.{code}", at, _inevitable(trial, at), seen, how, params)


def _inevitable(trial: Trial, at: int) -> int:
    strikes = [
        row.time
        for row in trial.journal.rows(*_STRIKES, until=at + 1)
        if row.fact not in _EDGES or _breaks(row)
    ]
    return max(strikes, default=at)


_EDGES = {Fact.OUTAGE, Fact.HOST, Fact.SCHEDULER, Fact.WORKER, Fact.DATABASE}
_STRIKES = (Fact.FAULT, Fact.INTERVENTION, *sorted(_EDGES))


def _breaks(row: Row) -> bool:
    """Whether this edge takes something away, rather than bringing it back."""
    return bool(row.value) if row.fact is Fact.OUTAGE else not row.value


def _seen(trial: Trial, at: int, day: str | None, table: str | None) -> tuple[int | None, str]:
    for row in trial.journal.rows(Fact.READ, Fact.ALERT, Fact.CHECK, since=at):
        detail = row.detail
        if row.fact is Fact.READ and detail["partition"] == day and detail["table"] == table:
            return row.time, "read"
        if row.fact is Fact.ALERT and detail["data_date"] == day:
            return row.time, "alert"
        if row.fact is Fact.CHECK and not row.value and detail["data_date"] == day:
            return row.time, "check"
    return None, ""
