"""What was tried of what could be tried: it steers the search and is told at its end.

Three kinds of items: points (a kind of trouble at a statement boundary, a system, a moment), pairs
of kinds in one plan, and changes of a task's state that were seen in journals. Invariant: what is
counted depends on the plans that were tried, never on how many processes tried them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.verify.kinds.registry import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.kernel.journal import Journal
    from sim.verify.plan import Plan
    from sim.verify.points import Points

Item = tuple[str, str]
POINTS_MAX = 4_096
"""Plans of one trouble that are looked at to list the points of a kind."""


@dataclass(slots=True)
class Coverage:
    """Items met so far, and those that exist."""

    possible: dict[str, tuple[str, ...]]
    """Kind -> the points at which it can strike here."""
    absent: dict[str, str]
    """Kind -> code of why it is not possible here."""
    points: set[Item] = field(default_factory=set)
    pairs: set[Item] = field(default_factory=set)
    changes: set[Item] = field(default_factory=set)

    @classmethod
    def of(cls, points: Points, *, without: frozenset[str] = frozenset()) -> Coverage:
        """Nothing met yet; kinds in `without` count as absent."""
        absent = {
            name: why
            for name, kind in KINDS.items()
            if (why := "left_out" if name in without else kind.absent(points))
        }
        possible = {name: _points(name, points) for name in KINDS if name not in absent}
        return cls(possible, absent)

    def novelty(self, plan: Plan, points: Points) -> int:
        """How many items a plan would be the first to meet."""
        return len(_points_of(plan, points) - self.points) + len(_pairs_of(plan) - self.pairs)

    def add(self, plan: Plan, points: Points, changes: Iterable[Item]) -> bool:
        """Count a plan that was tried; whether its journal showed a change never seen before."""
        self.points |= _points_of(plan, points)
        self.pairs |= _pairs_of(plan)
        before = len(self.changes)
        self.changes.update(changes)
        return len(self.changes) > before

    def summary(self) -> dict[str, tuple[int, int]]:
        """Kind -> (points tried, points there are)."""
        return {
            name: (sum((name, one) in self.points for one in there), len(there))
            for name, there in self.possible.items()
        }

    @property
    def pairs_possible(self) -> int:
        """How many pairs of two kinds there are, a kind with itself included."""
        count = len(self.possible)
        return count * (count + 1) // 2


def changes_in(journal: Journal) -> tuple[Item, ...]:
    """The changes of state of tasks, each once: (task, `running>up_for_retry`)."""
    last: dict[int, int] = {}
    found: dict[Item, None] = {}
    for row in journal.rows(Fact.TASK_STATE):
        state = row.value % 256
        before = TaskState(last.get(row.entity, 0)).word
        found[journal.name(row.entity), f"{before}>{TaskState(state).word}"] = None
        last[row.entity] = state
    return tuple(found)


def _points(name: str, points: Points) -> tuple[str, ...]:
    kind = KINDS[name]
    sizes = kind.sizes(points)
    found: dict[str, None] = {}
    # which point is hit is said by the first two numbers; the others say how
    for first in range(sizes[0]):
        for second in range(sizes[1] if len(sizes) > 1 else 1):
            numbers = (first, second, *(0 for _ in sizes[2:]))[: len(sizes)]
            found[kind.where(points, numbers)] = None
            if len(found) >= POINTS_MAX:
                return tuple(found)
    return tuple(found)


def _points_of(plan: Plan, points: Points) -> set[Item]:
    return {(gene.kind, KINDS[gene.kind].where(points, gene.numbers)) for gene in plan}


def _pairs_of(plan: Plan) -> set[Item]:
    kinds = sorted(gene.kind for gene in plan)
    return {(first, second) for first, second in combinations(kinds, 2)}
