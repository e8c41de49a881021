"""A Prefect whose task bodies follow a recording: the engines' client without a server.

Bodies take the recorded time and end as recorded; states go nowhere but into the runs themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import InternalError
from sim.kernel.calendar import SECOND
from sim.kernel.loop import Kernel
from sim.orchestrators.prefect.caching import ResultStore
from sim.orchestrators.prefect.flow_engine import FlowEngine
from sim.orchestrators.prefect.pauses import Answer
from sim.orchestrators.prefect.runs import FlowRun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.model.work import Running
    from sim.orchestrators.prefect.blocks import Blocks
    from sim.orchestrators.prefect.concurrency import ConcurrencyLimit
    from sim.orchestrators.prefect.flows import Flow, Pause
    from sim.orchestrators.prefect.runs import Ending, HookRun, Steps, TaskRun
    from sim.orchestrators.prefect.states import State

FAILS = "fails"
"""The task of a hook that raises."""
HORIZON = 24 * 3600 * SECOND
"""Longer than any recorded flow takes."""


@dataclass(slots=True)
class ScriptedClient:
    """Implements `sim.orchestrators.prefect.runs.Client`."""

    kernel: Kernel
    perform: Callable[[TaskRun, int], tuple[Ending, int]]
    """How run number `n` (from 0) of a call's body ends, and how long it takes, microseconds."""
    results: ResultStore = field(default_factory=ResultStore)
    bodies: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """When bodies began and ended, by call."""
    flow_state: State | None = None
    log: list[str] = field(default_factory=list)
    """What transactions did, and the states in which task runs ended, in order."""
    blocks: Blocks | None = None
    """Where its process stands after the flow."""

    def flow_run_state(self, run: FlowRun, state: State, **detail: Any) -> None:
        """Remember the newest."""
        del detail
        run.state = self.flow_state = state

    def task_run_state(self, run: TaskRun, state: State, **detail: Any) -> None:
        """Note that it ended; otherwise the run itself has it."""
        del detail
        if state.terminal:
            self.log.append(f"{run.call.name} {state.name}")

    def waits_for_slot(self, run: TaskRun) -> None:
        """There are no limits."""

    def begin(self, run: TaskRun, on_end: Callable[[Ending], None]) -> Running | None:
        """Perform a body as recorded; one that takes no time is over at once."""
        self.log.append(f"{run.call.name} body")
        times = self.bodies.setdefault(run.call.name, [])
        ending, span = self.perform(run, len(times))
        times.append((self.kernel.now, self.kernel.now + span))
        if span:
            self.kernel.after(span, on_end, ending)
        else:
            on_end(ending)
        return None

    def limits_of(self, tags: Sequence[str]) -> Sequence[ConcurrencyLimit]:
        """None is recorded."""
        del tags
        return ()

    def global_limits(self, names: Sequence[str]) -> Sequence[ConcurrencyLimit]:
        """None is recorded."""
        del names
        return ()

    def draw(self, run: TaskRun, purpose: str, number: int) -> float:
        """Nothing is drawn."""
        del run, purpose, number
        return 0.5

    def subflow(self, run: TaskRun) -> FlowRun:
        """No recording has any."""
        message = f"{run.call.name} is a subflow"
        raise InternalError(message)

    def hook(self, hook: HookRun, cause: int) -> Steps:
        """Perform a hook as recorded, which takes no time."""
        del cause
        self.log.append(f"{hook.owner} {hook.event} {hook.number}")
        yield from ()
        return hook.task != FAILS

    def rolled_back(self, run: TaskRun, cause: int) -> None:
        """Note it."""
        del cause
        self.log.append(f"{run.call.name} RolledBack")

    def never_begun(self, run: TaskRun) -> None:
        """No recording has a suspension."""

    def pause(self, run: FlowRun, key: str, pause: Pause) -> Answer:
        """No recording has a pause."""
        del run, key, pause
        return Answer.REFUSED

    def call_hooks(self, run: FlowRun, state: State) -> None:
        """No hook is recorded."""


def run_flow(
    flow: Flow,
    perform: Callable[[TaskRun, int], tuple[Ending, int]],
    *,
    before: ScriptedClient | None = None,
    run_id: str = "run",
) -> tuple[ScriptedClient, FlowRun]:
    """Run a flow to its end; the client and the flow run tell what became of it.

    `before`: that of the run before it in the same process, over the same store.
    """
    kernel = Kernel(seed=0, start=0)
    client = ScriptedClient(kernel, perform, ResultStore() if before is None else before.results)
    run = FlowRun(flow, run_id, 0, 0)
    engine = FlowEngine(client, run, outer=None if before is None else before.blocks)
    client.blocks = engine.blocks
    if before is not None:
        # what an earlier run has left in its process may still speak
        client.log = before.log
    run.process = kernel.process(engine.run())
    kernel.run(until=HORIZON)
    return client, run
