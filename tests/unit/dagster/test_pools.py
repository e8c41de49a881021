"""Slots of pools: who gets one, and who waits."""

from __future__ import annotations

from sim.orchestrators.dagster.pools import PoolSlots, recheck_seconds


class Line:
    """A pool of one slot, and who was given it."""

    def __init__(self, slots: int = 1) -> None:
        self.pools = PoolSlots({"db": slots}, default_limit=None)
        self.given: list[str] = []

    def claim(self, run: str, step: str = "s", priority: int = 0) -> bool:
        """A step looks."""
        return self.pools.claim(
            "db", run, step, priority=priority, on_assigned=lambda: self.given.append(run)
        )


def test_a_slot_is_held_until_it_is_freed() -> None:
    """The next one in line is given it, and takes it when it looks."""
    line = Line()

    assert [True, False, True] == [line.claim("a"), line.claim("b"), line.claim("a")]

    line.pools.free("a", "s")

    assert (["b"], True) == (line.given, line.claim("b"))


def test_a_higher_priority_goes_first_and_then_the_longest_wait() -> None:
    """A slot that is kept for one is not given to another who looks earlier."""
    line = Line()
    for run, priority in (("a", 0), ("b", 0), ("c", 5), ("d", 5)):
        line.claim(run, priority=priority)
    line.pools.free("a", "s")

    assert (["c"], False, True) == (line.given, line.claim("d"), line.claim("c"))


def test_who_leaves_the_line_gives_back_what_was_kept_for_it() -> None:
    """A run that ends frees what its steps waited for; what they hold stays held."""
    line = Line()
    line.claim("a")
    line.claim("b", "one")
    line.claim("c")
    line.pools.free_run("a")
    line.pools.free_run("b", pending_only=True)

    assert ["b", "c"] == line.given
    assert line.claim("c")

    line.pools.free_run("c", pending_only=True)

    assert {"db": 1} == line.pools.taken()


def test_a_smaller_limit_takes_nothing_away() -> None:
    """Slots that are held stay held; none is given until there are fewer."""
    line = Line(2)
    line.claim("a")
    line.claim("b")
    line.pools.set_limit("db", 1)
    line.claim("c")
    line.pools.free("a", "s")

    assert [] == line.given

    line.pools.free("b", "s")

    assert ["c"] == line.given


def test_a_pool_without_a_limit_bounds_nobody() -> None:
    """Nobody stands in line for it."""
    pools = PoolSlots({}, default_limit=None)

    assert pools.claim("x", "a", "s", priority=0, on_assigned=lambda: None)
    assert {} == pools.taken()
    assert 3 == PoolSlots({}, default_limit=3).limit_of("x")


def test_the_looks_come_further_apart() -> None:
    """1 s, 1.1 s, 1.21 s, and never more than 15 s."""
    assert [1.0, 1.1, 1.21, 15.0, 15.0] == [
        round(recheck_seconds(count), 4) for count in (0, 1, 2, 29, 31)
    ]
