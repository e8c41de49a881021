"""Freshness and staleness: when a state changes, and what makes an asset stale."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.calendar import HOUR, MINUTE, parse_instant
from sim.orchestrators.dagster.freshness import CronDeadline, TimeWindow
from sim.orchestrators.dagster.staleness import materialized, staleness

NOW = parse_instant("2024-03-12T09:30Z")
DEADLINE = CronDeadline("0 9 * * *", 2 * HOUR)


def test_a_late_materialization_makes_a_deadline_pass_at_once() -> None:
    """Nine o'clock was missed; what comes at half past nine is fresh enough."""
    assert "FAIL" == DEADLINE.state(NOW, parse_instant("2024-03-12T06:59Z"))
    assert "PASS" == DEADLINE.state(NOW, parse_instant("2024-03-12T07:00Z"))
    assert "PASS" == DEADLINE.state(NOW, NOW)
    assert "UNKNOWN" == DEADLINE.state(NOW, None)


@given(
    st.sampled_from([TimeWindow(3 * HOUR, HOUR), TimeWindow(90 * MINUTE), DEADLINE]),
    st.integers(0, 5 * 24 * 60).map(lambda minute: NOW - minute * MINUTE),
)
def test_nothing_changes_between_the_instants_that_a_policy_names(
    policy: TimeWindow | CronDeadline, done: int
) -> None:
    """Just before the next change the state is the one after the materialization, or the last."""
    before = policy.state(done, done)
    for change in islice(policy.changes(done, after=done), 3):
        assert before == policy.state(change - 1, done)
        assert before != policy.state(change, done)
        before = policy.state(change, done)


def test_an_asset_is_stale_by_its_own_upstream_alone() -> None:
    """Its code, its set of upstream assets, or the data of one of them; not what is further up."""
    first = materialized("run 1", None, {})
    below = materialized("run 1", "1", {"a": first.data_version})

    assert ("FRESH", ()) == staleness("1", ["a"], below, [])
    assert ("STALE", ("CODE",)) == staleness("2", ["a"], below, [])
    assert ("STALE", ("DEPENDENCIES",)) == staleness("1", ["a", "b"], below, [])
    assert ("STALE", ("DATA",)) == staleness("1", ["a"], below, ["a"])
    assert ("MISSING", ()) == staleness("1", ["a"], None, [])


def test_a_versioned_asset_keeps_its_data_version_when_nothing_changed() -> None:
    """Run again, its consumers stay fresh; one without a code version changes each time."""
    again = [materialized(run, "1", {"a": "x"}).data_version for run in ("run 1", "run 2")]
    plain = [materialized(run, None, {"a": "x"}).data_version for run in ("run 1", "run 2")]

    assert again[0] == again[1]
    assert plain[0] != plain[1]
