"""Shrinking: from a plan that breaks an invariant to the smallest one that does.

Local moves, tried until none helps: leave a trouble out, put a simpler kind in its place, bring a
number down. Smaller means fewer troubles, then kinds earlier in the registry, then smaller numbers.
A move counts when the same family is still violated. Invariant: no chance, no clock; bounded by
the number of trials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.verify.kinds.registry import KINDS
from sim.verify.plan import Gene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.verify.plan import Plan
    from sim.verify.points import Points

TRIALS_MAX = 600
"""Trials that shrinking one plan may take."""


def shrink(plan: Plan, points: Points, breaks: Callable[[Plan], bool]) -> tuple[Plan, int]:
    """The smallest plan found around `plan` that still breaks, and the number of trials."""
    known: dict[Plan, bool] = {plan: True}
    trials = 0

    def holds(candidate: Plan) -> bool:
        nonlocal trials
        if candidate not in known:
            if trials >= TRIALS_MAX:
                return False
            trials += 1
            known[candidate] = breaks(candidate)
        return known[candidate]

    best, moved = plan, True
    while moved:
        moved = False
        for candidate in _moves(best, points):
            if _size(candidate) < _size(best) and holds(candidate):
                best, moved = candidate, True
                break
    return best, trials


def _moves(plan: Plan, points: Points) -> Iterator[Plan]:
    """Smaller neighbours, the boldest first."""
    if len(plan) > 1:
        for gene in plan:
            yield (gene,)
    for at in range(len(plan)):
        yield _canonical(*plan[:at], *plan[at + 1 :])
    for at, gene in enumerate(plan):
        for simpler in _simpler_kinds(gene, points):
            yield _canonical(*plan[:at], simpler, *plan[at + 1 :])
        for numbers in _smaller(gene.numbers):
            yield _canonical(*plan[:at], Gene(gene.kind, numbers), *plan[at + 1 :])


def _simpler_kinds(gene: Gene, points: Points) -> Iterator[Gene]:
    """The simplest trouble of each kind before this one."""
    for name, kind in KINDS.items():
        if name == gene.kind:
            return
        if not kind.absent(points):
            yield Gene(name, tuple(0 for _ in kind.sizes(points)))


def _smaller(numbers: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All at 0, then each number at 0, halved, and one less."""
    yield tuple(0 for _ in numbers)
    for at, number in enumerate(numbers):
        for value in dict.fromkeys((0, number // 2, number - 1)):
            if 0 <= value < number:
                yield (*numbers[:at], value, *numbers[at + 1 :])


def _canonical(*genes: Gene) -> Plan:
    return tuple(sorted(set(genes)))


def _size(plan: Plan) -> tuple[int, list[tuple[int, int, tuple[int, ...]]]]:
    order = list(KINDS)
    parts = [(order.index(gene.kind), sum(gene.numbers), gene.numbers) for gene in plan]
    return len(plan), sorted(parts)
