"""The pure rules agree with every recorded decision of Airflow 2.11.2 and 3.3.2."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import SECOND, parse_instant, parse_span
from sim.model.states import TaskState
from sim.orchestrators.airflow.retries import RetryPolicy
from sim.orchestrators.airflow.trigger_rules import RUN, WAIT, Counts, decide
from sim.orchestrators.airflow.weights import effective_weights
from tests.conformance.airflow.recorded import recorded

BOTH = pytest.mark.parametrize("version", [2, 3])
OUTCOMES = {
    RUN: "run",
    WAIT: "wait",
    int(TaskState.SKIPPED): "skipped",
    int(TaskState.UPSTREAM_FAILED): "upstream_failed",
}


@BOTH
def test_trigger_rules(version: int) -> None:
    """Each rule decides as recorded, for all counts of upstream states."""
    cases = recorded("trigger_rules", version)
    order = ("success", "failed", "upstream_failed", "skipped", "removed")
    decided = [
        OUTCOMES[
            decide(rule, Counts(total, *(counts.get(state, 0) for state in order)), version=version)
        ]
        for rule, total, counts, _ in cases
    ]

    assert [outcome for *_, outcome in cases] == decided


@BOTH
def test_retry_delays(version: int) -> None:
    """The wait after a failed try is the recorded one to the microsecond."""
    cases = recorded("retries", version)
    waits = []
    for dag_id, task_id, logical, number, delay, backoff, longest, _ in cases:
        policy = RetryPolicy(
            delay=parse_span(delay),
            base=2.0 if backoff is True else float(backoff),
            delay_max=None if longest is None else parse_span(longest),
        )
        logical_date = None if logical is None else parse_instant(logical)
        waits.append(policy.after(dag_id, task_id, logical_date, number))

    assert [round(wait * SECOND) for *_, wait in cases] == waits


@BOTH
@pytest.mark.parametrize("rule", ["absolute", "downstream", "upstream", "mixed"])
def test_weights(version: int, rule: str) -> None:
    """Effective weights are the recorded ones, for one rule for all tasks and for mixed ones."""
    for case in recorded("weights", version):
        count = case["n"]
        upstream: list[list[int]] = [[] for _ in range(count)]
        for above, below in case["edges"]:
            upstream[below].append(above)
        rules = case["mixed_rules"] if rule == "mixed" else [rule] * count
        weights = effective_weights(case["priority_weight"], rules, upstream)

        assert case["effective"][rule] == {f"t{n}": weight for n, weight in enumerate(weights)}
