"""Hypothesis strategies over fault plans, for a team's own property tests.

The only importer of Hypothesis. A plan is drawn as genes of small integers, so Hypothesis shrinks
it as orchsim does: to fewer troubles, earlier kinds, smaller numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from sim.verify.draw import TROUBLES_MAX
from sim.verify.kinds.registry import KINDS
from sim.verify.plan import Gene

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from sim.verify.plan import Kind, Plan
    from sim.verify.points import Points


def plans(points: Points, *, most: int = TROUBLES_MAX) -> SearchStrategy[Plan]:
    """Plans of at most `most` troubles that are possible at these points (`Rig.points`)."""
    there = [kind for kind in KINDS.values() if not kind.absent(points)]
    if not there:
        return st.just(())
    gene = st.sampled_from(there).flatmap(lambda kind: _genes(kind, points))
    return st.lists(gene, max_size=most, unique=True).map(lambda genes: tuple(sorted(genes)))


def _genes(kind: Kind, points: Points) -> SearchStrategy[Gene]:
    numbers = [st.integers(0, size - 1) for size in kind.sizes(points)]
    return st.tuples(*numbers).map(lambda drawn: Gene(kind.name, drawn))
