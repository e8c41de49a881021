"""States of flow runs and task runs: nine types, and the names under which people know them.

Source: Prefect 3.8.8, states.py and server/schemas/states.py. What is decided asks for the type,
never for the name. Invariant: a NotReady task run never goes on, although PENDING is no terminal
type.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class StateType(StrEnum):
    """What a state means to the rules."""

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"


_T = StateType
TERMINAL = frozenset({_T.COMPLETED, _T.FAILED, _T.CANCELLED, _T.CRASHED})


@dataclass(frozen=True, slots=True)
class State:
    """A state with its name, and what it carries."""

    type: StateType
    name: str
    value: object = None
    """The result of a COMPLETED state, the exception of a FAILED one."""
    reason: str = ""
    """Stable code of why; empty when there is nothing to say."""

    @property
    def terminal(self) -> bool:
        """Whether nothing follows without a person."""
        return self.type in TERMINAL


SCHEDULED = State(_T.SCHEDULED, "Scheduled")
LATE = State(_T.SCHEDULED, "Late")
AWAITING_RETRY = State(_T.SCHEDULED, "AwaitingRetry")
AWAITING_CONCURRENCY_SLOT = State(_T.SCHEDULED, "AwaitingConcurrencySlot")
PENDING = State(_T.PENDING, "Pending")
NOT_READY = State(_T.PENDING, "NotReady")
RUNNING = State(_T.RUNNING, "Running")
RETRYING = State(_T.RUNNING, "Retrying")
COMPLETED = State(_T.COMPLETED, "Completed")
RESUMING = State(_T.SCHEDULED, "Resuming")
PAUSED = State(_T.PAUSED, "Paused")
SUSPENDED = State(_T.PAUSED, "Suspended")
CANCELLED = State(_T.CANCELLED, "Cancelled")
CANCELLING = State(_T.CANCELLING, "Cancelling")


def completed(value: object = None) -> State:
    """The body returned a value."""
    return State(_T.COMPLETED, "Completed", value)


def cached(value: object) -> State:
    """The result was in the store."""
    return State(_T.COMPLETED, "Cached", value)


def failed(error: object, reason: str) -> State:
    """The body raised."""
    return State(_T.FAILED, "Failed", error, reason)


def timed_out(error: object = None) -> State:
    """It took longer than `timeout_seconds`."""
    return State(_T.FAILED, "TimedOut", error, "timed_out")


def crashed(reason: str) -> State:
    """Its process is gone."""
    return State(_T.CRASHED, "Crashed", None, reason)


def accepts(state: State, *, allow_failure: bool) -> bool:
    """Whether a task run goes on behind an upstream in this state.

    `allow_failure` lets FAILED and NotReady pass, but neither CANCELLED nor CRASHED.
    """
    if state.type is _T.COMPLETED:
        return True
    not_ready = state.type is _T.PENDING and state.name == NOT_READY.name
    return allow_failure and (state.type is _T.FAILED or not_ready)


def aggregate(states: Sequence[State]) -> State:
    """The state of a flow that returned these (states.py `return_value_to_state`)."""
    types = {state.type for state in states}
    if types <= {_T.COMPLETED}:
        return COMPLETED
    if _T.CANCELLED in types:
        return CANCELLED
    if _T.PAUSED in types:
        return PAUSED
    return State(_T.FAILED, "Failed", None, "returned_states")
