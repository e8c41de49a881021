"""How a try of a step failed, and whether the step asks for another one.

Source: Dagster 1.13.29, _core/execution/plan/utils.py (`op_execution_error_boundary`),
execute_plan.py (`dagster_event_sequence_for_step`). How long it then waits is `retry_policy`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StepFailure:
    """What ended a try."""

    kind: Literal["error", "no_retries", "framework", "retry_requested"]
    """An exception of the user's code; `Failure(allow_retries=False)`; a DagsterError (an output
    that is missing, a blocking check that failed), raised outside what the policy surrounds; or
    `RetryRequested`, raised by the user's code."""
    max_retries: int = 0
    """Of `RetryRequested`: its own limit."""


def asks_again(failure: StepFailure, *, policy_retries: int | None, attempts: int) -> bool:
    """Whether another try follows. `attempts`: how many tries before this one asked for another.

    `policy_retries` is the RetryPolicy's `max_retries`, None without a policy. `RetryRequested` has
    a limit of its own, and counts with the same counter.
    """
    match failure.kind:
        case "retry_requested":
            return attempts < failure.max_retries
        case "error":
            return policy_retries is not None and attempts < policy_retries
        case "no_retries" | "framework":
            return False
