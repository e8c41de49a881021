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
    from sim.orchestrators.prefect.concurrency import ConcurrencyLimit
    from sim.orchestrators.prefect.flows import Flow, Pause
    from sim.orchestrators.prefect.runs import Ending, Steps, TaskRun
    from sim.orchestrators.prefect.states import State

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

    def flow_run_state(self, run: FlowRun, state: State, **detail: Any) -> None:
        """Remember the newest."""
        del detail
        run.state = self.flow_state = state

    def task_run_state(self, run: TaskRun, state: State, **detail: Any) -> None:
        """The run itself has it."""

    def waits_for_slot(self, run: TaskRun) -> None:
        """There are no limits."""

    def begin(self, run: TaskRun, on_end: Callable[[Ending], None]) -> Running | None:
        """Perform a body as recorded; one that takes no time is over at once."""
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

    def roll_back(self, run: TaskRun) -> Steps:
        """No recording has a transaction."""
        message = f"{run.call.name} stands in a transaction"
        raise InternalError(message)

    def never_begun(self, run: TaskRun) -> None:
        """No recording has a suspension."""

    def pause(self, run: FlowRun, key: str, pause: Pause) -> Answer:
        """No recording has a pause."""
        del run, key, pause
        return Answer.REFUSED

    def call_hooks(self, run: FlowRun, state: State) -> None:
        """No hook is recorded."""


def run_flow(
    flow: Flow, perform: Callable[[TaskRun, int], tuple[Ending, int]]
) -> tuple[ScriptedClient, FlowRun]:
    """Run a flow to its end; the client and the flow run tell what became of it."""
    kernel = Kernel(seed=0, start=0)
    client = ScriptedClient(kernel, perform)
    run = FlowRun(flow, "run", 0, 0)
    run.process = kernel.process(FlowEngine(client, run).run())
    kernel.run(until=HORIZON)
    return client, run
