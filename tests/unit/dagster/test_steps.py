"""The steps of one run: order, skips, abandons, retries."""

from __future__ import annotations

import pytest

from sim.orchestrators.dagster.failures import StepFailure, asks_again
from sim.orchestrators.dagster.plan import CheckSpec, NodeSpec, plan_of
from sim.orchestrators.dagster.steps import ActiveExecution, StepEnd


def active(*nodes: NodeSpec) -> ActiveExecution:
    """An execution of these nodes."""
    return ActiveExecution(plan_of(nodes))


def keys(execution: ActiveExecution, limit: int | None = None) -> list[str]:
    """The steps that start now."""
    return [step.key for step in execution.take(0, limit=limit)]


def test_a_plan_is_listed_by_level_and_key() -> None:
    """What is deeper comes later; within a level the key decides."""
    plan = plan_of([NodeSpec("z"), NodeSpec("b", ("z",)), NodeSpec("a", ("z",)), NodeSpec("c")])

    assert ["c", "z", "a", "b"] == [step.key for step in plan.steps]


def test_no_order_leads_through_a_node_that_is_not_selected() -> None:
    """With b left out of a -> b -> c, c waits for nothing."""
    plan = plan_of([NodeSpec("a"), NodeSpec("c", ("b",))])

    assert ["a", "c"] == [step.key for step in plan.roots]


def test_a_node_does_not_wait_for_itself() -> None:
    """A dependency on its own earlier partition orders nothing inside a run."""
    plan = plan_of([NodeSpec("a", ("a",))])

    assert () == plan.steps[0].upstream


def test_a_circle_is_refused() -> None:
    """Steps that wait for each other are no plan."""
    with pytest.raises(ValueError, match="wait for each other: a, b"):
        plan_of([NodeSpec("a", ("b",)), NodeSpec("b", ("a",))])


def test_skip_wins_over_failure() -> None:
    """One parent without output and one that failed: skipped, not abandoned."""
    execution = active(NodeSpec("a"), NodeSpec("b"), NodeSpec("c", ("a", "b")))
    execution.take(0)
    execution.mark_failed("a")
    execution.mark_success("b", missing=("result",))

    assert [("c", StepEnd.SKIPPED)] == [(step.key, end) for step, end in execution.sweep()]


def test_a_failed_parent_is_not_enough_to_abandon() -> None:
    """A step waits for all its parents before it is given up."""
    execution = active(NodeSpec("a"), NodeSpec("b"), NodeSpec("c", ("a", "b")))
    execution.take(0)
    execution.mark_failed("a")

    assert [] == execution.sweep()

    execution.mark_success("b")

    assert [("c", StepEnd.ABANDONED)] == [(step.key, end) for step, end in execution.sweep()]


def test_what_is_skipped_because_of_an_abandoned_step_waits_for_the_next_sweep() -> None:
    """`plan_events_iterator` looks for skips first, and not again in the same pass."""
    execution = active(
        NodeSpec("a"), NodeSpec("b"), NodeSpec("c", ("a",)), NodeSpec("d", ("b", "c"))
    )
    execution.take(0)
    execution.mark_success("b", missing=("result",))
    execution.mark_failed("a")

    assert ["c"] == [step.key for step, _ in execution.sweep()]
    assert (True, False) == (execution.idle, execution.complete)
    assert [("d", StepEnd.SKIPPED)] == [(step.key, end) for step, end in execution.sweep()]


def test_a_fan_in_goes_without_what_is_missing() -> None:
    """It is skipped only when nothing at all is left to load."""
    execution = active(
        NodeSpec("a"), NodeSpec("b"), NodeSpec("c", ("a", "b"), fan_in=True), NodeSpec("d")
    )
    execution.take(0)
    execution.mark_success("a", missing=("result",))
    execution.mark_success("b")

    assert [] == execution.sweep()
    (step,) = execution.take(0)
    assert ("c", ["b"]) == (step.key, [s.step_key for s in execution.loaded(step, 0)])


def test_blocking_checks_stand_between_an_asset_and_its_readers() -> None:
    """Downstream waits for the check step, and is abandoned when that fails."""
    execution = active(
        NodeSpec("a", checks=(CheckSpec("rows", blocking=True), CheckSpec("freshness"))),
        NodeSpec("b", ("a",)),
    )
    execution.take(0)
    execution.mark_success("a")
    execution.sweep()

    assert ["a_freshness", "a_rows"] == keys(execution)

    execution.mark_failed("a_rows")

    assert [("b", StepEnd.ABANDONED)] == [(step.key, end) for step, end in execution.sweep()]


def test_a_blocking_check_without_a_result_gates_nothing() -> None:
    """Since 1.13 only a result that failed holds readers back."""
    execution = active(
        NodeSpec("a", checks=(CheckSpec("rows", blocking=True),)), NodeSpec("b", ("a",))
    )
    execution.take(0)
    execution.mark_success("a")
    execution.take(0)
    execution.mark_success("a_rows", missing=("result",))
    execution.sweep()

    assert ["b"] == keys(execution)


def test_ready_steps_start_by_priority_and_then_first_come_first_served() -> None:
    """A retry without a delay goes to the end of those with its priority."""
    execution = active(NodeSpec("a"), NodeSpec("b"), NodeSpec("c", priority=5))

    assert ["c", "a"] == keys(execution, 1) + keys(execution, 1)

    execution.mark_up_for_retry("a")

    assert ["b", "a"] == keys(execution)


def test_a_delayed_retry_starts_when_it_is_due_and_not_before() -> None:
    """Until then other steps go on; the executor sleeps until the nearest one."""
    execution = active(NodeSpec("a"))
    execution.take(0)
    execution.mark_up_for_retry("a", at=10)

    assert 10 == execution.next_retry
    assert [] == execution.take(9)
    assert ["a"] == [step.key for step in execution.take(10)]


def test_a_step_that_is_refused_blocks_nobody() -> None:
    """A limit passes it over and lets later ones start."""
    execution = active(NodeSpec("a"), NodeSpec("b"))

    assert ["b"] == [s.key for s in execution.take(0, admits=lambda step: step.key != "a")]


def test_a_reexecution_reads_from_storage_what_it_does_not_run_again() -> None:
    """Steps that are not chosen gate nothing."""
    plan = plan_of([NodeSpec("a"), NodeSpec("b", ("a",)), NodeSpec("c", ("b",))]).only({"b", "c"})

    assert [("b", ()), ("c", ("b",))] == [(step.key, step.upstream) for step in plan.steps]


@pytest.mark.parametrize(
    ("failure", "policy", "attempts", "again"),
    [
        (StepFailure("error"), None, 0, False),
        (StepFailure("error"), 2, 1, True),
        (StepFailure("error"), 2, 2, False),
        (StepFailure("no_retries"), 5, 0, False),
        (StepFailure("framework"), 5, 0, False),
        (StepFailure("retry_requested", 1), None, 0, True),
        (StepFailure("retry_requested", 1), 5, 1, False),
    ],
)
def test_which_failures_ask_for_another_try(
    failure: StepFailure, policy: int | None, attempts: int, *, again: bool
) -> None:
    """The policy is for exceptions of the user's code alone; a request has its own limit."""
    decided = asks_again(failure, policy_retries=policy, attempts=attempts)

    assert again == decided
