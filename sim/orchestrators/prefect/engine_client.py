"""What the engines of a simulated Prefect stand on: bodies that work, states that are written.

The body of a task run is a try of a task of the config on the platform. States of task runs are
the engine's own, the server only hears of them. Invariant: a process that is gone writes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import to_civil
from sim.model.facts import Entity, Fact
from sim.model.states import TaskState
from sim.model.work import Attempt, Outcome, Result
from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.cache_keys import flow_names
from sim.orchestrators.prefect.runs import Ending
from sim.orchestrators.prefect.states import State, StateType
from sim.orchestrators.prefect.transaction_hooks import perform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sim.kernel.loop import Kernel
    from sim.model.work import Running
    from sim.orchestrators.prefect.caching import ResultStore
    from sim.orchestrators.prefect.concurrency import ConcurrencyLimit
    from sim.orchestrators.prefect.flows import Pause
    from sim.orchestrators.prefect.pauses import Answer, Pauses
    from sim.orchestrators.prefect.runs import FlowRun, HookRun, Steps, TaskRun
    from sim.orchestrators.prefect.server import Server

TRY = 256
_HOOKS = {
    StateType.RUNNING: "on_running",
    StateType.COMPLETED: "on_completion",
    StateType.FAILED: "on_failure",
    StateType.CRASHED: "on_crashed",
    StateType.CANCELLED: "on_cancellation",
}


class EngineClient:
    """Implements `sim.orchestrators.prefect.runs.Client` for every flow run of a deployment."""

    def __init__(self, server: Server, pauses: Pauses) -> None:
        self._server = server
        self._pauses = pauses
        self._platform = server.platform
        self._states: dict[int, TaskState] = {}
        self.struck: Callable[[FlowRun, str], None] = lambda _run, _kind: None
        """Told when a fault takes the process of a flow run."""

    @property
    def kernel(self) -> Kernel:
        """Time."""
        return self._server.kernel

    @property
    def results(self) -> ResultStore:
        """The same for every run: local files of one machine, or a bucket."""
        return self._server.results

    # -- states -----------------------------------------------------------------------------

    def flow_run_state(self, run: FlowRun, state: State, **detail: Any) -> None:
        """A flow run came into a state, and its hooks are called."""
        self._server.set_state(run, state, **detail)
        if not state.terminal and state.type is not StateType.RUNNING:
            return
        self.call_hooks(run, state)

    def notify(self, alert: str, run: FlowRun | None, automation: str, cause: int) -> None:
        """Send an alert of an automation, about a flow run or about itself."""
        about = None if run is None else run.attempt or self._first_attempt(run)
        if about is None:
            entity = self.kernel.journal.entity(Entity.INSTIGATOR, automation)
            yesterday = to_civil(self.kernel.now, self._platform.timezone).date()
            names = {"fecha": (yesterday - timedelta(days=1)).isoformat(), "run_id": automation}
            about = Attempt(entity, automation, automation, automation, 1, dict, names, cause)
        self._platform.announcer.send(alert, about, cause=cause)

    def call_hooks(self, run: FlowRun, state: State) -> None:
        """Hooks of a flow run's state."""
        for alert in run.flow.hooks.get(_HOOKS.get(state.type, ""), ()):
            about = run.attempt or self._first_attempt(run)
            self._platform.announcer.send(alert, about, cause=run.row)

    def task_run_state(self, run: TaskRun, state: State, **detail: Any) -> None:
        """A task run came into a state."""
        cause = detail.pop("cause", -1)
        said = detail.pop("said", "")
        detail = {name: value for name, value in detail.items() if value not in {"", None}}
        if said or state.reason:
            detail.setdefault("reason", said or state.reason)
        cause = self._cause(run) if cause < 0 else cause
        if state.type is StateType.PENDING:
            self._pending(run, state, cause, detail)
        elif state.type is StateType.SCHEDULED or "until" in detail:
            # a retry at once goes straight to Retrying: between its tries it is no other state
            self._write(run, TaskState.UP_FOR_RETRY, cause, state=state.name, **detail)
        elif state.type is StateType.RUNNING:
            self._run(run, state, cause)
        else:
            self._ended(run, state, cause, detail)

    def _pending(self, run: TaskRun, state: State, cause: int, detail: dict[str, Any]) -> None:
        if state.name == states.NOT_READY.name:
            detail.pop("reason", None)
            self._write(run, TaskState.UPSTREAM_FAILED, cause, state=state.name, **detail)
        elif run.cancelled:
            self._write(run, TaskState.REMOVED, cause, state=state.name, **detail)
        else:
            self._anew(run, cause)
            run.row = self.kernel.fact(
                Fact.NATIVE_STATE, self._entity(run), 0, self._cause(run), state=state.name
            )

    def _ended(self, run: TaskRun, state: State, cause: int, detail: dict[str, Any]) -> None:
        if state.name not in {"Completed", "Failed"}:
            detail["state"] = state.name
        if state.type is StateType.COMPLETED:
            self._write(run, TaskState.SUCCESS, cause, **detail)
            self._announce(run, run.call.options.on_completion)
            return
        self._write(run, TaskState.FAILED, cause, **detail)
        if state.type is StateType.FAILED:
            self._announce(run, run.call.options.on_failure)

    def waits_for_slot(self, run: TaskRun) -> None:
        """A limit of its tags, or a global one, was full."""
        if self._states.get(self._entity(run), TaskState.NONE) is TaskState.NONE:
            self._write(run, TaskState.SCHEDULED, self._cause(run))

    def never_begun(self, run: TaskRun) -> None:
        """Its process is gone before its first try: it stays Pending, and waits for no slot."""
        if self._states.get(self._entity(run)) is TaskState.SCHEDULED:
            self._write(run, TaskState.NONE, self._cause(run), state=states.PENDING.name)

    def _run(self, run: TaskRun, state: State, cause: int) -> None:
        """A try begins."""
        tries = run.flow_run.tries
        before = self._states.get(self._entity(run), TaskState.NONE)
        if before is TaskState.SCHEDULED:
            self._write(run, TaskState.QUEUED, cause)
        elif before is TaskState.UP_FOR_RETRY:
            self._write(run, TaskState.NONE, cause)
        tries[run.place] = tries.get(run.place, 0) + 1
        detail = {} if state.name == "Running" else {"state": state.name}
        self._write(run, TaskState.RUNNING, self._cause(run), **detail)

    def _anew(self, run: TaskRun, cause: int) -> None:
        """When a flow is tried again or resumed, the call is made again."""
        if self._states.get(self._entity(run), TaskState.NONE) is not TaskState.NONE:
            self._write(run, TaskState.NONE, cause, reason="flow_retry")

    def _write(self, run: TaskRun, state: TaskState, cause: int, /, **detail: Any) -> None:
        entity = self._entity(run)
        number = run.flow_run.tries.get(run.place, 0)
        self._states[entity] = state
        run.row = self.kernel.fact(Fact.TASK_STATE, entity, state + TRY * number, cause, **detail)
        run.flow_run.rows[run.place] = run.row

    def _entity(self, run: TaskRun) -> int:
        if run.entity < 0:
            flow_run = run.flow_run.entity
            run.entity = self.kernel.journal.entity(
                Entity.TASK_INSTANCE, run.call.name, flow_run, run.map_index
            )
        return run.entity

    def _cause(self, run: TaskRun) -> int:
        return run.row if run.row >= 0 else run.flow_run.row

    # -- bodies -----------------------------------------------------------------------------

    def begin(self, run: TaskRun, on_end: Callable[[Ending], None]) -> Running | None:
        """Start a try of its task."""
        options, flow_run = run.call.options, run.flow_run
        value = (options.task, flow_run.data_date, run.map_index)

        def ended(outcome: Outcome) -> None:
            on_end(_ending(outcome, value))

        attempt = self._attempt(run)
        run.attempt = flow_run.attempt = attempt
        process = self._platform.workshop.begin(attempt, ended)
        self._meet_fate(run, attempt)
        return process

    def _attempt(self, run: TaskRun) -> Attempt:
        flow_run = run.flow_run
        return Attempt(
            self._entity(run),
            flow_run.flow.name,
            run.call.options.task,
            flow_run.run_id,
            max(1, flow_run.tries.get(run.place, 0)),
            self._macros,
            run,
            self._cause(run),
            run.map_index,
        )

    def _first_attempt(self, run: FlowRun) -> Attempt:
        """What a message about a flow run without any try is about."""
        return Attempt(
            run.entity, run.flow.name, run.flow.name, run.run_id, 1, self._macros, run, run.row
        )

    def _macros(self, origin: TaskRun | FlowRun) -> Mapping[str, Any]:
        run: Any = getattr(origin, "flow_run", origin)
        place = getattr(origin, "place", None)
        return {**flow_names(run), "try_number": max(1, run.tries.get(place, 0))}

    def _meet_fate(self, run: TaskRun, attempt: Attempt) -> None:
        """What a fault does to the process that this try runs in: that of its whole flow run."""
        fates = self._platform.fates
        fate = None if fates is None else fates.of(attempt)
        if fate is not None and fate.kind != "network_split":
            self.kernel.after(fate.after, self._strike, run, run.run_count, fate.kind)

    def _strike(self, run: TaskRun, tried: int, kind: str) -> None:
        if run.finished or run.run_count != tried or run.process is None:
            return
        self.kernel.fact(Fact.FAULT, self._entity(run), 0, run.row, fault=kind)
        self.struck(_outermost(run.flow_run), kind)

    def _announce(self, run: TaskRun, alerts: tuple[str, ...]) -> None:
        for alert in alerts:
            attempt = run.attempt or self._attempt(run)
            self._platform.announcer.send(alert, attempt, cause=run.row)

    # -- limits, subflows, pauses, rollbacks ------------------------------------------------

    def limits_of(self, tags: Sequence[str]) -> Sequence[ConcurrencyLimit]:
        """The limits of some tags; a tag without one is not limited."""
        return self.global_limits([f"tag:{tag}" for tag in tags])

    def global_limits(self, names: Sequence[str]) -> Sequence[ConcurrencyLimit]:
        """The limits of these names that there are."""
        return [self._server.limits[name] for name in names if name in self._server.limits]

    def draw(self, run: TaskRun, purpose: str, number: int) -> float:
        """Keyed by flow, run, call, element and number."""
        flow_run = run.flow_run
        return self.kernel.streams.uniform(
            purpose,
            flow_run.flow.name,
            flow_run.data_date,
            flow_run.run_id,
            run.call.name,
            run.map_index,
            flow_run.tries.get(run.place, 0),
            number,
        )

    def subflow(self, run: TaskRun) -> FlowRun:
        """The flow run of a subflow call, in the same process."""
        parent = run.flow_run
        flow = self._server.flows[run.call.flow or ""]
        child = self._server.create_run(
            flow,
            scheduled=self.kernel.now,
            run_type="subflow",
            parameters=parent.parameters,
            data_date=parent.data_date,
            cause=run.row,
        )
        child.parent = run
        return child

    def pause(self, run: FlowRun, key: str, pause: Pause) -> Answer:
        """A flow function asks to be paused or suspended."""
        return self._pauses.propose(run, key, pause.timeout, suspends=pause.suspends)

    def hook(self, hook: HookRun, cause: int) -> Steps:
        """Perform a hook of a transaction, as a task of its own in the thread that asks."""
        return perform(hook, cause, self.kernel, self._platform.workshop, self._macros)

    def rolled_back(self, run: TaskRun, cause: int) -> None:
        """The task run is RolledBack, which is a Completed state."""
        cause = self._cause(run) if cause < 0 else cause
        run.row = self.kernel.fact(
            Fact.NATIVE_STATE, self._entity(run), 0, cause, state="RolledBack"
        )


def _ending(outcome: Outcome, value: object) -> Ending:
    """What the function returned or raised."""
    if outcome.result in {Result.SUCCESS, Result.SKIPPED}:
        return Ending(value=value, cause=outcome.cause, reason=outcome.reason)
    return Ending(raised=outcome.reason or "failed", cause=outcome.cause)


def _outermost(run: FlowRun) -> FlowRun:
    """The flow run whose process it is."""
    while run.parent is not None:
        run = run.parent.flow_run
    return run
