"""Which plans are tried, in which order: nothing, single troubles, then drawn ones.

Every draw is keyed by the seed and the number of the plan (`sim.kernel.streams`), so that the order
is the same in any process, whatever modules are loaded there and however many processes try the
plans. (Hypothesis draws integers from constants of the modules that happen to be loaded, too: right
for a test, and another order in another program. `sim.verify.strategies` has its strategies.)
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sim.kernel.streams import Streams
from sim.verify.kinds.registry import KINDS
from sim.verify.plan import Gene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.verify.coverage import Coverage
    from sim.verify.plan import Plan
    from sim.verify.points import Points

TROUBLES_MAX = 3
"""Troubles of a drawn plan."""
_CANDIDATES = 4
"""Plans drawn for each one that is tried: the one that meets most that is new is taken."""
_SINGLE_OF = 3
"""Of so many plans one is drawn; the others are single troubles, while there are any."""
_NEAR = 0.5
"""Chance that a number is drawn among the small ones."""


def is_possible(plan: Plan, points: Points, coverage: Coverage) -> bool:
    """Whether every trouble of a plan from elsewhere can strike here."""
    return all(
        gene.kind in coverage.possible and _fits(gene, KINDS[gene.kind].sizes(points))
        for gene in plan
    )


def _fits(gene: Gene, sizes: tuple[int, ...]) -> bool:
    return len(gene.numbers) == len(sizes) and all(
        0 <= number < size for number, size in zip(gene.numbers, sizes, strict=True)
    )


class Deck:
    """The plans of one search, dealt in order."""

    def __init__(self, points: Points, coverage: Coverage, seed: int) -> None:
        self._points = points
        self._coverage = coverage
        self._streams = Streams(seed)
        self._kinds = list(coverage.possible)
        self._sizes = {name: KINDS[name].sizes(points) for name in self._kinds}
        self._singles = self._in_turn()
        self._dealt: set[Plan] = set()
        self._promising: list[Plan] = []
        self._drawn = 0

    def deal(self, count: int) -> list[Plan]:
        """The next plans; fewer when there are no others."""
        plans: list[Plan] = []
        for _ in range(count):
            plan = self._next(single=len(plans) % _SINGLE_OF != 0)
            if plan is None:
                break
            self._dealt.add(plan)
            plans.append(plan)
        return plans

    def promising(self, plan: Plan) -> None:
        """A plan that led where none had been: others are drawn around it."""
        self._promising.append(plan)

    def _next(self, *, single: bool) -> Plan | None:
        if () not in self._dealt:
            return ()
        if single or not self._kinds:
            plan = next((one for one in self._singles if one not in self._dealt), None)
            if plan is not None or not self._kinds:
                return plan
        for _ in range(100):
            candidates = [self._draw() for _ in range(_CANDIDATES)]
            fresh = [plan for plan in candidates if plan not in self._dealt]
            if fresh:
                return max(fresh, key=lambda plan: self._coverage.novelty(plan, self._points))
        return None

    def _in_turn(self) -> Iterator[Plan]:
        """Every kind at each of its points, the kinds taking turns, each in an order of its own."""
        waiting = {name: iter(self._at_each_point(name)) for name in self._kinds}
        while waiting:
            for name in list(waiting):
                plan = next(waiting[name], None)
                if plan is None:
                    del waiting[name]
                else:
                    yield plan

    def _at_each_point(self, name: str) -> list[Plan]:
        """The single troubles of a kind: one at each of its points first, then the others."""
        kind, sizes = KINDS[name], self._sizes[name]
        second = range(sizes[1] if len(sizes) > 1 else 1)
        plans: list[Plan] = [
            (Gene(name, (one, two, *(0 for _ in sizes[2:]))[: len(sizes)]),)
            for one in range(sizes[0])
            for two in second
        ]
        plans.sort(key=lambda plan: self._streams.bits("turn", str(plan)))
        turns: Counter[str] = Counter()
        order: dict[Plan, int] = {}
        for plan in plans:
            where = kind.where(self._points, plan[0].numbers)
            order[plan] = turns[where]
            turns[where] += 1
        return sorted(plans, key=order.__getitem__)

    def _draw(self) -> Plan:
        self._drawn += 1
        number = self._drawn
        kept: Plan = ()
        if self._promising and self._pick(4, "around", number) == 0:
            kept = self._promising[self._pick(len(self._promising), "which", number)]
            kept = kept[: TROUBLES_MAX - 1]
        count = max(1, 1 + self._pick(TROUBLES_MAX, "count", number) - len(kept))
        genes = {*kept, *(self._gene(number, place) for place in range(count))}
        return tuple(sorted(genes))

    def _gene(self, number: int, place: int) -> Gene:
        name = self._kinds[self._pick(len(self._kinds), "kind", number, place)]
        numbers = []
        for at, size in enumerate(self._sizes[name]):
            # which point is hit is drawn evenly; how it is hit, mostly near the simplest
            near = at > 1 and self._streams.uniform("near", number, place, at) < _NEAR
            numbers.append(self._pick(min(size, 2) if near else size, "number", number, place, at))
        return Gene(name, tuple(numbers))

    def _pick(self, size: int, purpose: str, *key: int) -> int:
        return self._streams.bits(purpose, *key) % size
