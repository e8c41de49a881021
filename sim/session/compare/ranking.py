"""Somebody's own ranking of the sides against the measured criteria, by somebody's own weights.

For each criterion a side has a point for every side that it beats, and half a point for every one
that is its equal; a side's sum is of the points times the weights. So no scale is invented: a
minute is not made worth so many lines. Invariant: the points of a criterion add up to the number of
pairs of sides, or to nothing when no side has a figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.session.compare.criteria import Criterion

CRITERIA = ("lines", "keys", "setup", "failure", "backfill", "growth", "lineage")
"""The names of the criteria."""
_WORST = float("inf")
_NO_FIGURE = frozenset({"nothing_failed", "no_runs", "not_known", "no_edges"})
"""Reasons for which a side is compared with nobody; any other is the worst there is."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sides that stand the other way round in the measured order."""

    ahead: str
    """Who is ahead in the ranking."""
    behind: str
    """Who is behind there, and has more points."""
    ahead_sum: float
    behind_sum: float
    because: tuple[str, ...]
    """The criteria in which the latter gains, the one that weighs most first."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the weights make of the measured criteria."""

    weights: Mapping[str, float]
    points: Mapping[str, Mapping[str, float]]
    """Side -> criterion -> points, before weights."""
    sums: Mapping[str, float]
    order: tuple[str, ...]
    """From the most to the least; equals in the order of the sides."""
    contradictions: tuple[Contradiction, ...] = ()


def rank(
    names: Sequence[str],
    each: Sequence[Sequence[Criterion]],
    weights: Mapping[str, float],
    wanted: Sequence[str] = (),
) -> Ranking:
    """Rank sides by weights. `each`: the criteria of every side; `wanted`: somebody's own order.

    Criteria without a weight count nothing.
    """
    points: dict[str, dict[str, float]] = {name: {} for name in names}
    for place, criterion in enumerate(CRITERIA):
        if weights.get(criterion):
            worth = [_worth(side[place]) for side in each]
            for name, won in zip(names, _points(worth), strict=True):
                points[name][criterion] = won
    sums = {
        name: round(sum(weights[one] * won for one, won in got.items()), 3)
        for name, got in points.items()
    }
    order = tuple(sorted(names, key=lambda name: -sums[name]))
    found = (
        _contradiction(ahead, behind, points, sums, weights)
        for ahead, behind in combinations(wanted, 2)
        if sums[behind] > sums[ahead]
    )
    return Ranking(dict(weights), points, sums, order, tuple(found))


def _worth(one: Criterion) -> tuple[float, ...] | None:
    """What sides are ordered by, less is better; None: there is nothing to compare."""
    if one.why_not in _NO_FIGURE:
        return None
    if one.why_not:
        return (_WORST,)
    figures = one.figures
    match one.name:
        case "lines" | "keys":
            return (figures[one.name],)
        case "setup":
            return (figures["objects"],)
        case "failure":
            # first whether it shows at all, then how soon
            return (figures["failures"] - figures["shown"], figures["median_us"])
        case "backfill":
            return (figures["partitions"] - figures["right"], figures["minutes"])
        case "growth":
            return (figures["many"],)
        case _:
            return (-figures["recall"],)


def _points(worth: Sequence[tuple[float, ...] | None]) -> list[float]:
    found = []
    for place, one in enumerate(worth):
        others = [two for at, two in enumerate(worth) if at != place and two is not None]
        if one is None:
            found.append(0.0)
        else:
            found.append(sum(1.0 if one < two else 0.5 if one == two else 0.0 for two in others))
    return found


def _contradiction(
    ahead: str,
    behind: str,
    points: Mapping[str, Mapping[str, float]],
    sums: Mapping[str, float],
    weights: Mapping[str, float],
) -> Contradiction:
    gains = {
        criterion: weights[criterion] * (points[behind][criterion] - points[ahead][criterion])
        for criterion in points[behind]
    }
    because = sorted((one for one, gain in gains.items() if gain > 0), key=lambda one: -gains[one])
    return Contradiction(ahead, behind, sums[ahead], sums[behind], tuple(because))
