"""The registry of invariants: one line each, the gravest first.

A new family is a module with `judge(trial)`, which yields its violations, and a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.verify.invariants import (
    effects,
    history,
    keys,
    liveness,
    lost,
    order,
    shown,
    truth,
    writers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sim.verify.trial import Trial
    from sim.verify.violation import Violation

INVARIANTS: Mapping[str, Callable[[Trial], Iterator[Violation]]] = {
    "truth": truth.judge,
    "lost": lost.judge,
    "effects": effects.judge,
    "keys": keys.judge,
    "history": history.judge,
    "shown": shown.judge,
    "writers": writers.judge,
    "order": order.judge,
    "liveness": liveness.judge,
}
"""Family -> what judges it."""


def first_violation(trial: Trial, families: Iterable[str] = INVARIANTS) -> Violation | None:
    """The first violation of the gravest family; None when all of them hold."""
    for family in families:
        found = next(INVARIANTS[family](trial), None)
        if found is not None:
            return found
    return None
