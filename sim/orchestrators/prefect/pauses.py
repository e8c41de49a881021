"""Pauses and suspensions of flow runs: what the server accepts, and what becomes of the run.

Source: Prefect 3.8.8, server/orchestration/core_policy.py (HandlePausingFlows,
HandleResumingPausedFlows) and server/api/flow_runs.py (`resume`). A pause blocks the process of the
flow, a suspension ends it: resumed, the flow begins anew from its top. Invariant: a key fires once
in the life of a flow run, until it is tried again.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.runs import Standstill
from sim.orchestrators.prefect.states import StateType

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.prefect.runs import FlowRun
    from sim.orchestrators.prefect.server import Server
    from sim.orchestrators.prefect.states import State

NEVER_RESUMED = "never_resumed"
"""Why a flow run failed whose pause ran out."""


class Answer(Enum):
    """What the server says of a proposed pause."""

    PAUSED = "paused"
    PASSED = "passed"
    """Its key has fired before: the function goes on."""
    REFUSED = "refused"
    """The function raises."""


class Pauses:
    """The pauses of every flow run of one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._kernel = server.kernel
        self.expires: Callable[[str, int], None] = lambda _run, _until: None
        """Told of each run that fails at an instant unless it is resumed."""
        self.left: Callable[[str], None] = lambda _run: None
        """Told of each run that is not paused any more."""
        server.listeners.append(self._changed)

    def propose(
        self, run: FlowRun, key: str | None, timeout: int | None, *, suspends: bool, cause: int = -1
    ) -> Answer:
        """A flow asks for its own pause, or somebody for its suspension.

        `key`: which pause it is of the run; None: one that never came before. `timeout`:
        microseconds until it fails unless it is resumed; None: it waits for ever.
        """
        if run.state.type is not StateType.RUNNING:
            return Answer.REFUSED
        if key is not None and key in run.pause_keys:
            return Answer.PASSED
        if suspends and self.refuses(run):
            return Answer.REFUSED
        if key is not None:
            run.pause_keys.add(key)
        until = None if timeout is None else self._kernel.now + timeout
        run.standstill = Standstill(until, suspends=suspends)
        if cause >= 0:
            run.row = cause
        detail = {} if until is None else {"until": until}
        self._server.set_state(run, states.SUSPENDED if suspends else states.PAUSED, **detail)
        return Answer.PAUSED

    @staticmethod
    def refuses(run: FlowRun) -> str:
        """Why a flow run cannot be suspended; empty: it can."""
        if run.state.type is not StateType.RUNNING:
            return "its run is not running"
        if run.parent is not None:
            return "subflows cannot be suspended"
        return "" if run.deployment is not None else "only runs of deployments can be suspended"

    @staticmethod
    def refuses_resume(run: FlowRun) -> str:
        """Why a flow run cannot be resumed; empty: it can."""
        return "" if run.standstill is not None else "its run is not paused"

    def resume(self, run: FlowRun, *, cause: int) -> None:
        """Let a paused run go on; one whose time is over fails there and then."""
        assert run.standstill is not None
        run.row = cause
        until = run.standstill.until
        if until is not None and until < self._kernel.now:
            self._server.set_state(run, states.failed(None, NEVER_RESUMED))
        elif run.standstill.suspends:
            self._server.set_state(run, states.RESUMING, at=self._kernel.now)
        else:
            self._server.set_state(run, states.RUNNING)

    def _changed(self, run: FlowRun, before: State) -> None:
        now, state = run.standstill, run.state
        if state.type is StateType.PAUSED:
            assert now is not None
            run.leaving = run.leaving or now.suspends
            if now.until is not None:
                self.expires(run.run_id, now.until)
            return
        if before.type is StateType.PAUSED:
            self.left(run.run_id)
            run.standstill = None
            run.resuming = state.type is StateType.SCHEDULED
            if run.resumed is not None and not run.resumed.triggered:
                run.resumed.succeed()
        elif (before.terminal and not state.terminal) or state == states.AWAITING_RETRY:
            run.pause_keys.clear()
            run.resuming = False
        elif state.terminal:
            run.resuming = False
