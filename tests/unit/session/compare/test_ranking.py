"""Somebody's ranking of the sides against the measured criteria."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sim.session.compare.criteria import Criterion
from sim.session.compare.ranking import CRITERIA, rank

NAMES = ("one", "two", "three")


def side(**changes: Any) -> tuple[Criterion, ...]:
    """The criteria of a side: figures, or the reason why there is none."""
    figures: dict[str, Any] = {
        "lines": {"lines": 40},
        "keys": {"keys": 60},
        "setup": {"objects": 9},
        "failure": {"failures": 2, "shown": 2, "median_us": 60},
        "backfill": {"partitions": 3, "right": 3, "minutes": 30.0},
        "growth": {"many": 0.05},
        "lineage": {"recall": 0.5},
    }
    made = []
    for name in CRITERIA:
        said = changes.get(name, figures[name])
        made.append(Criterion(name, {}, said) if isinstance(said, str) else Criterion(name, said))
    return tuple(made)


def test_a_side_has_a_point_for_each_that_it_beats() -> None:
    """Fewer lines are better; of equals each has half a point."""
    each = [side(lines={"lines": 10}), side(lines={"lines": 20}), side(lines={"lines": 20})]
    found = rank(NAMES, each, {"lines": 2})

    assert {"one": 4, "two": 1, "three": 1} == found.sums
    assert NAMES == found.order


def test_right_partitions_come_before_minutes() -> None:
    """A backfill that is soon over and leaves a day wrong is the worse one."""
    quick = {"partitions": 3, "right": 2, "minutes": 1.0}
    found = rank(("one", "two"), [side(backfill=quick), side()], {"backfill": 1})

    assert ("two", "one") == found.order


def test_what_was_refused_is_beaten_and_what_is_not_known_is_not_compared() -> None:
    """No backfill at all is the worst; an orchestrator without edges has no lineage to judge."""
    refused = rank(("one", "two"), [side(backfill="refused"), side()], {"backfill": 1})
    unknown = rank(("one", "two"), [side(lineage="not_known"), side()], {"lineage": 1})

    assert {"one": 0, "two": 1} == refused.sums
    assert {"one": 0, "two": 0} == unknown.sums


def test_a_contradiction_names_what_makes_the_difference() -> None:
    """By the weights the last is first, for its failures show."""
    never = side(failure="never_shown", lines={"lines": 10})
    found = rank(("one", "two"), [never, side()], {"failure": 3, "lines": 1}, ("one", "two"))

    assert [("one", "two", 1, 3, ("failure",))] == [
        (one.ahead, one.behind, one.ahead_sum, one.behind_sum, one.because)
        for one in found.contradictions
    ]
    assert (
        () == rank(("one", "two"), [never, side()], {"failure": 3}, ("two", "one")).contradictions
    )


weights = st.dictionaries(st.sampled_from(CRITERIA), st.integers(1, 9), min_size=1)
sides = st.builds(
    side,
    lines=st.builds(lambda n: {"lines": n}, st.integers(1, 4)),
    failure=st.one_of(
        st.just("never_shown"),
        st.builds(lambda n: {"failures": 2, "shown": n, "median_us": 9}, st.integers(1, 2)),
    ),
    growth=st.builds(lambda n: {"many": n}, st.integers(0, 2)),
)


@given(each=st.tuples(sides, sides, sides), weights=weights, wanted=st.permutations(NAMES))
def test_what_the_measured_order_says_never_contradicts_itself(
    each: tuple[Any, ...], weights: dict[str, float], wanted: list[str]
) -> None:
    """The measured order has none as a ranking; every contradiction has a reason."""
    found = rank(NAMES, each, weights, wanted)
    again = rank(NAMES, each, weights, found.order)

    assert () == again.contradictions
    assert 3 * sum(weights.values()) == sum(found.sums.values())
    assert all(found.sums[one.behind] > found.sums[one.ahead] for one in found.contradictions)
    assert all(one.because for one in found.contradictions)
