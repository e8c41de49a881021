"""Fault plans as small integers: the representation that is searched and shrunk.

A gene is a kind of trouble with a few numbers, each of which counts from the simplest: 0 is the
earliest point, the shortest outage, the default; small is near. What the numbers mean is the
kind's. Invariant: a plan and the points of a window give the same troubles, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.faults.plan import Fault
from sim.model.interventions import Intervention

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sim.verify.points import Points

Trouble = Fault | Intervention
"""What the engine is given: a fault, or what an operator does."""


@dataclass(frozen=True, slots=True, order=True)
class Gene:
    """One trouble of a plan."""

    kind: str
    numbers: tuple[int, ...]


Plan = tuple[Gene, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of trouble: where it can strike in a window, and what its numbers mean."""

    name: str
    absent: Callable[[Points], str]
    """Code of why this world and config cannot have it; empty when they can."""
    sizes: Callable[[Points], tuple[int, ...]]
    """How many values each number has, from 0. Asked only when the kind is not absent."""
    make: Callable[[Points, tuple[int, ...]], tuple[Trouble, ...]]
    """The troubles that numbers in range stand for."""
    where: Callable[[Points, tuple[int, ...]], str]
    """The point that is hit, for coverage: `load 2`, a system, a moment's name."""


def troubles(
    plan: Iterable[Gene], points: Points, kinds: Mapping[str, Kind]
) -> tuple[Trouble, ...]:
    """What a plan does to a window, in its own order; each trouble once."""
    made: list[Trouble] = []
    for gene in plan:
        made += [one for one in kinds[gene.kind].make(points, gene.numbers) if one not in made]
    return tuple(made)
