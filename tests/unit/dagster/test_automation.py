"""Declarative automation: latches, ties, and what a tick requests."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.calendar import MINUTE, SECOND, parse_instant
from sim.orchestrators.dagster.asset_graph import AssetDep, AssetGraph, AssetSpec
from sim.orchestrators.dagster.asset_graph_view import NOTHING, PartitionKeys
from sim.orchestrators.dagster.automation.conditions import (
    Condition,
    NewlyTrue,
    Operand,
    eager,
    on_cron,
    on_missing,
    since_last_handled,
)
from sim.orchestrators.dagster.automation.evaluator import AutomationRun, ConditionEvaluator
from sim.orchestrators.dagster.automation.records import CheckKey, CheckState, Update
from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext

START = parse_instant("2024-05-06T08:00Z")


@dataclass
class Desk:
    """A chain of assets a -> b -> c, and their records."""

    conditions: dict[str, Condition]
    now: int = START
    history: dict[str, list[tuple[str | None, Update]]] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    checks: dict[str, CheckState] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        graph = AssetGraph.of(
            [AssetSpec("a"), AssetSpec("b", (AssetDep("a"),)), AssetSpec("c", (AssetDep("b"),))]
        )
        self.evaluator = ConditionEvaluator(graph, self.conditions, self)

    def update(self, *keys: str, after: int = SECOND) -> None:
        """One run that plans these assets materializes them."""
        self.now += after
        for key in keys:
            self.count += 1
            update = Update(self.count, self.now, frozenset(keys), run_id=f"run{self.now}")
            self.history.setdefault(key, []).append((None, update))

    def tick(self, after: int = 30 * SECOND) -> str:
        """What the next tick requests, `b c`."""
        self.now += after
        return " ".join(self.evaluator.tick(PartitionLoadingContext(self.now)))

    def last_number(self) -> int:
        """How many updates there were."""
        return self.count

    def materialized(self, key: str) -> PartitionKeys:
        """What was ever updated."""
        return frozenset({None}) if key in self.history else NOTHING

    def updates(self, key: str) -> list[tuple[str | None, Update]]:
        """All of them."""
        return self.history.get(key, [])

    def run_in_progress(self, key: str) -> PartitionKeys:
        """What the test says is running."""
        return frozenset({None}) if key in self.running else NOTHING

    def backfill_in_progress(self, key: str) -> PartitionKeys:
        """Nothing."""
        return NOTHING

    def failed(self, key: str) -> PartitionKeys:
        """What the test says has failed."""
        return frozenset({None}) if key in self.broken else NOTHING

    def freshness(self, key: str) -> None:
        """No policy."""
        return

    def check(self, key: CheckKey) -> CheckState:
        """What the test says of it."""
        return self.checks.get(str(key), CheckState())


def test_eager_waits_for_a_parent_that_runs_and_fires_when_it_is_over() -> None:
    """The trigger is latched while the parent is under way."""
    desk = Desk({"b": eager()})
    desk.tick()
    desk.update("a")
    desk.running = {"a"}

    assert "" == desk.tick()
    desk.running = set()
    assert "b" == desk.tick()
    assert "" == desk.tick()


def test_what_was_missing_when_a_condition_was_deployed_is_not_requested() -> None:
    """Neither by eager nor by on_missing: the first evaluation resets everything."""
    desk = Desk({"a": on_missing(), "b": eager()})

    assert ["", "", ""] == [desk.tick() for _ in range(3)]


def test_a_whole_chain_is_requested_in_one_tick_and_runs_together() -> None:
    """Children see what their parents request; the three are one run."""
    desk = Desk({"a": on_cron("* * * * *"), "b": eager(), "c": eager()})
    desk.tick(0)
    desk.update("a", "b", "c")

    assert ["", "a b c"] == [desk.tick(30 * SECOND), desk.tick(MINUTE)]
    assert [AutomationRun(("a", "b", "c"), None)] == desk.evaluator.runs(
        {"a": frozenset({None}), "b": frozenset({None}), "c": frozenset({None})}
    )


def test_an_update_just_before_a_tick_does_not_count_for_on_cron() -> None:
    """Both lie between the same two evaluations, and the times decide."""
    desk = Desk({"b": on_cron("1 8 * * *")})
    desk.tick(0)
    desk.update("a", after=50 * SECOND)
    assert "" == desk.tick(20 * SECOND)

    late = Desk({"b": on_cron("1 8 * * *")})
    late.tick(0)
    late.update("a", after=65 * SECOND)
    assert "b" == late.tick(20 * SECOND)


def test_a_failure_can_be_a_condition_of_its_own() -> None:
    """Newly failed, and not handled since: requested once."""
    desk = Desk({"a": since_last_handled(NewlyTrue(Operand("execution_failed")))})
    desk.tick()
    desk.broken = {"a"}

    assert ["a", "", ""] == [desk.tick() for _ in range(3)]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["tick"]),
            st.sets(st.sampled_from("abc"), min_size=1).map(lambda keys: "".join(sorted(keys))),
        ),
        max_size=30,
    )
)
def test_nothing_is_requested_twice_without_a_new_cause(script: list[str]) -> None:
    """Between two requests of an eager asset something upstream was updated or requested."""
    desk = Desk({"b": eager(), "c": eager()})
    cause: dict[str, bool] = {"b": False, "c": False}
    desk.tick()
    for step in script:
        if step != "tick":
            desk.update(*step)
            cause["b"] |= "a" in step
            cause["c"] |= "b" in step
            continue
        for key in desk.tick().split():
            assert cause[key] or (key == "c" and "b" in desk.evaluator._requested)
            cause[key] = False
