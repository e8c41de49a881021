"""What the run queue dequeues: priorities, tags, pools, pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.orchestrators.dagster.run_queue import (
    PoolsNow,
    PoolUse,
    QueueLimits,
    Verdicts,
    runs_to_dequeue,
)
from sim.orchestrators.dagster.tag_limits import TagConcurrencyLimit


@dataclass(frozen=True)
class Run:
    """A run in the queue."""

    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    pools: PoolUse = field(default_factory=PoolUse)
    location: str = "code"


def in_pool(name: str, *pools: str) -> Run:
    """A run whose root steps are in these pools."""
    use = PoolUse(dict.fromkeys(pools, 1), pools, unconstrained_root=False)
    return Run(name, pools=use)


def names(runs: list[Run]) -> list[str]:
    """Their names."""
    return [run.name for run in runs]


def test_the_oldest_start_first_and_no_more_than_there_is_room() -> None:
    """Runs in progress take their part of max_concurrent_runs."""
    queued = [Run("a"), Run("b"), Run("c")]
    chosen = runs_to_dequeue(queued, [Run("x")], limits=QueueLimits(max_concurrent_runs=3))

    assert ["a", "b"] == names(chosen)


def test_unlimited_and_none() -> None:
    """-1 is no limit, and 0 starts nothing."""
    queued = [Run(f"r{number:03}") for number in range(150)]

    assert 150 == len(runs_to_dequeue(queued, [], limits=QueueLimits(max_concurrent_runs=-1)))
    assert [] == runs_to_dequeue(queued, [], limits=QueueLimits(max_concurrent_runs=0))


def test_priority_counts_across_pages() -> None:
    """A run of the second page with a higher priority goes first; a bad priority is 0."""
    queued = [Run("a", {"dagster/priority": "high"}), Run("b"), Run("c", {"dagster/priority": "1"})]
    limits = QueueLimits(max_concurrent_runs=2, page_size=1)

    assert ["c", "a"] == names(runs_to_dequeue(queued, [], limits=limits))


def test_a_tag_limit_holds_back_only_those_with_the_tag() -> None:
    """Nobody stands in front of those behind."""
    queued = [Run("a", {"team": "x"}), Run("b", {"team": "x"}), Run("c")]
    limits = QueueLimits(tag_concurrency_limits=(TagConcurrencyLimit("team", 1),))
    verdicts = Verdicts()
    chosen = runs_to_dequeue(queued, [], limits=limits, verdicts=verdicts)

    assert ["a", "c"] == names(chosen)
    assert {1: ("tag_limit", "team")} == verdicts.blocked


def test_a_limit_may_hold_for_each_value() -> None:
    """With applyLimitPerUniqueValue, values are counted apart."""
    queued = [Run("a", {"team": "x"}), Run("b", {"team": "y"}), Run("c", {"team": "x"})]
    each = TagConcurrencyLimit("team", 1, per_unique_value=True)

    assert ["a", "b"] == names(
        runs_to_dequeue(queued, [], limits=QueueLimits(tag_concurrency_limits=(each,)))
    )


def test_a_run_held_by_a_pool_still_counts_for_its_tags() -> None:
    """So it keeps another run with the tag from starting in the same iteration."""
    held = Run("a", {"team": "x"}, in_pool("a", "db").pools)
    limits = QueueLimits(tag_concurrency_limits=(TagConcurrencyLimit("team", 1),))
    chosen = runs_to_dequeue(
        [held, Run("b", {"team": "x"})], [], limits=limits, pools=PoolsNow({"db": 1}, {"db": 1})
    )

    assert [] == chosen


def test_one_root_with_a_slot_is_enough_for_a_run_to_start() -> None:
    """With op granularity a run waits only when all its roots would."""
    pools = PoolsNow({"db": 1, "api": 1}, {"db": 1})

    assert ["a"] == names(
        runs_to_dequeue(
            [in_pool("a", "db", "api"), in_pool("b", "db")], [], limits=QueueLimits(), pools=pools
        )
    )


def test_runs_that_started_lately_have_their_slots_kept_for_them() -> None:
    """What they have not claimed yet is not given to others."""
    pools = PoolsNow({"db": 2}, {"db": 1}, {"db": 1})

    assert [] == runs_to_dequeue([in_pool("a", "db")], [], limits=QueueLimits(), pools=pools)


def test_the_buffer_lets_more_runs_in_than_there_are_slots() -> None:
    """op_granularity_run_buffer: they then wait inside for the slot."""
    limits = QueueLimits(op_granularity_run_buffer=1)
    pools = PoolsNow({"db": 1}, {"db": 1})

    assert ["a"] == names(
        runs_to_dequeue([in_pool("a", "db"), in_pool("b", "db")], [], limits=limits, pools=pools)
    )


def test_with_run_granularity_each_run_counts_once_in_every_pool() -> None:
    """One full pool is enough to hold a run back."""
    limits = QueueLimits(granularity="run")
    pools = PoolsNow({"db": 1, "api": 2})
    queued = [
        in_pool("a", "db", "api"),
        in_pool("b", "api"),
        in_pool("c", "db"),
        in_pool("d", "api"),
    ]

    assert ["a", "b"] == names(runs_to_dequeue(queued, [], limits=limits, pools=pools))


def test_a_paused_location_is_passed_over() -> None:
    """Its code server gets time to recover."""
    queued = [Run("a", location="bad"), Run("b")]

    assert ["b"] == names(
        runs_to_dequeue(queued, [], limits=QueueLimits(), paused_locations={"bad"})
    )
