"""The flow engine: one flow run in its process, from its first state to its last.

Source: Prefect 3.8.8, flow_engine.py, and for flow retries the server's rule RetryFailedFlows
(server/orchestration/core_policy.py). Only what raises is really tried again: a function that
returns failing states while retries are left ends as AwaitingRetry, and nobody runs it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import SECOND
from sim.kernel.loop import Interrupt
from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.blocks import Blocks
from sim.orchestrators.prefect.pauses import NEVER_RESUMED, Answer
from sim.orchestrators.prefect.runs import Ending, TaskRun
from sim.orchestrators.prefect.states import State, StateType
from sim.orchestrators.prefect.task_engine import TaskEngine
from sim.orchestrators.prefect.task_runners import TaskRunner

if TYPE_CHECKING:
    from sim.orchestrators.prefect.flows import Call, Pause, Ref
    from sim.orchestrators.prefect.runs import Client, FlowRun, Steps

SUSPENDED = "suspended"
"""What leaves a function that was suspended; no `except` of it catches that."""
CANNOT_PAUSE = "cannot_pause"
"""Why a function fails whose pause the server refused."""
FLOW_TIMEOUT = "flow_timeout"
"""Cause of the interrupt that a flow's own timeout is."""
_HALF = SECOND // 2


class FlowEngine:
    """Runs one flow run, and its subflows inside it."""

    def __init__(self, client: Client, run: FlowRun, *, outer: Blocks | None = None) -> None:
        """`outer`: the blocks that a subflow is called in."""
        self._client = client
        self._kernel = client.kernel
        self._run = run
        self.blocks = Blocks(client, run, outer)
        """Where its function stands."""
        self._tasks = TaskEngine(client, self.blocks)
        self._made: dict[str, list[TaskRun]] = {}
        """Task runs of this try by call; a direct call has none that others could wait for."""
        self._values: dict[str, object] = {}
        """What direct calls returned."""
        self._pauses = 0
        """How many pauses this try of the function has met."""

    def run(self) -> Steps:
        """Run to the end; the last state."""
        run, client = self._run, self._client
        state = states.RUNNING
        if run.parent is None:
            run.leaving = False
        while True:
            run.run_count += not run.resuming
            run.resuming = False
            client.flow_run_state(run, state)
            run.state = state
            runner = TaskRunner(client, self._tasks, run, run.flow.runner, self.spawn)
            runner.cancelled = self._future_cancelled
            ending = yield from self._timed(runner)
            if run.root.leaving:
                yield from runner.shut_down()
                return run.state
            last = self._last_state(ending)
            running = run.state.type is StateType.RUNNING
            failed = last.type is StateType.FAILED
            if not (failed and running and run.run_count <= run.flow.retries):
                self._end(last)
                yield from runner.shut_down()
                return run.state
            due = self._kernel.now + self._delay()
            if not ending.raised:
                # the success path does not look at what the server answered
                self._end(states.AWAITING_RETRY, until=due, stuck=True)
                yield from runner.shut_down()
                return run.state
            run.state = states.AWAITING_RETRY
            client.flow_run_state(run, run.state, until=due, reason=last.reason)
            yield self._kernel.timeout(due - self._kernel.now)
            yield from runner.shut_down()
            state = states.RETRYING

    def spawn(self, run: FlowRun, steps: Steps) -> None:
        """Run steps in a thread of a flow run's process."""
        run.threads.append(self._kernel.process(_mortal(steps)))

    def _end(self, state: State, **detail: Any) -> None:
        """Propose the last state, which replaces one that the server gave it meanwhile."""
        if self._run.state.terminal and self._run.state.type is state.type:
            self._client.call_hooks(self._run, self._run.state)
            return
        self._client.flow_run_state(self._run, state, **detail)

    def _delay(self) -> int:
        """The server tells the wait in whole seconds: under half a second it is none."""
        delay = round(self._run.flow.retry_delay * SECOND)
        return (delay // SECOND + (delay % SECOND > _HALF)) * SECOND

    def _future_cancelled(self, run: TaskRun) -> None:
        run.finished = True
        self._client.task_run_state(run, run.state, reason="cancel_futures")

    # -- the function -----------------------------------------------------------------------

    def _timed(self, runner: TaskRunner) -> Steps:
        """The flow function under its timeout; how it ended."""
        timeout = self._run.flow.timeout
        alarm = None
        if timeout is not None:
            alarm = self._kernel.after(timeout, self._ring)
        try:
            ending = yield from self._function(runner)
        except Interrupt as stop:
            if stop.cause != FLOW_TIMEOUT:
                raise
            ending = Ending(raised="timed_out")
            for task_run in self._run.task_runs:
                if task_run.main_thread and not task_run.finished:
                    yield from self._tasks.interrupt(task_run, states.crashed(FLOW_TIMEOUT))
            yield from self.blocks.unwind()
        finally:
            if alarm is not None:
                alarm.cancel()
        return ending

    def _ring(self) -> None:
        if self._run.process is not None and self._run.process.is_alive:
            self._run.process.interrupt(FLOW_TIMEOUT)

    def _function(self, runner: TaskRunner) -> Steps:
        """Every call in its order; how the function ended: what it raised, or its states."""
        flow = self._run.flow
        self._made, self._values, self._pauses = {}, {}, 0
        self.blocks.begin()
        for call in flow.calls:
            made, raised = yield from self.blocks.reach(call.transaction)
            if made:
                raised = self._leaves() or (yield from self._call(call, runner)) or self._leaves()
            if raised == SUSPENDED:
                yield from self.blocks.unwind()
                return Ending(raised=raised)
            caught = made and flow.catch and call.pause is None
            if raised and not caught and not (yield from self.blocks.thrown()):
                return Ending(raised=raised)
        _, raised = yield from self.blocks.reach(())
        if raised and not (yield from self.blocks.thrown()):
            return Ending(raised=raised)
        return (yield from self._at_its_end())

    def _at_its_end(self) -> Steps:
        """What the function does after its last call: it waits, raises or returns."""
        flow = self._run.flow
        if flow.wait_all:
            yield from self._wait_for(tuple(self._made))
        if flow.raises == "always" or (flow.raises == "first" and self._run.run_count == 1):
            return Ending(raised="raised")
        yield from self._wait_for(flow.returned)
        return Ending()

    def _wait_for(self, calls: tuple[str, ...]) -> Steps:
        for task_run in self._task_runs(calls):
            if not self._leaves():
                yield from self._tasks.wait(task_run)

    def _leaves(self) -> str:
        """Whether the function ends here because its run was suspended."""
        return SUSPENDED if self._run.root.leaving else ""

    def _last_state(self, ending: Ending) -> State:
        """The state that the end of the function proposes."""
        if ending.raised == "timed_out":
            return states.timed_out()
        if ending.raised:
            return states.failed(ending.raised, ending.raised)
        flow = self._run.flow
        returned = [run.state for run in self._task_runs(flow.returned)]
        if flow.returns in {"states", "state"} and returned:
            return states.aggregate(returned)
        return states.COMPLETED

    def _task_runs(self, names: tuple[str, ...]) -> list[TaskRun]:
        return [run for name in names for run in self._made.get(name, ())]

    # -- calls ------------------------------------------------------------------------------

    def _call(self, call: Call, runner: TaskRunner) -> Steps:
        """One call; what it raised in the flow, or nothing."""
        match call.mode:
            case "submit":
                self._submit(call, -1, runner)
                yield self._kernel.timeout(0)  # its thread begins before the next line
                return ""
            case "map":
                return (yield from self._map(call, runner))
            case "subflow":
                return (yield from self._subflow(call))
            case "pause":
                return (yield from self._pause(call))
            case _:
                return (yield from self._direct(call))

    def _submit(self, call: Call, index: int, runner: TaskRunner) -> None:
        run = self._new(call, index)
        self._client.task_run_state(run, run.state)
        runner.submit(run)

    def _map(self, call: Call, runner: TaskRunner) -> Steps:
        """One task run for each element; a single future is waited for, to know the length."""
        length, over = call.length, call.over
        if over is not None:
            mapped = self._made.get(over.call, [])
            single = len(mapped) == 1 and mapped[0].map_index < 0
            if single:
                yield from self._tasks.wait(mapped[0])
                if not states.accepts(mapped[0].state, allow_failure=over.allow_failure):
                    return "upstream_failed"
            else:
                length = len(mapped)
        self._made[call.name] = []
        for index in range(length):
            self._submit(call, index, runner)
            yield self._kernel.timeout(0)
        return ""

    def _direct(self, call: Call) -> Steps:
        """In the flow's own thread, which waits for it."""
        run = self._new(call, -1)
        run.main_thread = True
        self._client.task_run_state(run, run.state)
        if (yield from self._tasks.resolve(run)):
            yield from self._tasks.execute(run)
        if call.mode == "direct_state":
            return ""
        state = run.state
        returned_state = run.finished and state.terminal and not run.raised
        if state.type is StateType.COMPLETED or not returned_state:
            # what a direct call returns is a value, None without one: no future, no state
            self._made.pop(call.name, None)
            self._values[call.name] = state.value
        return (state.reason or state.name) if run.raised else ""

    def _subflow(self, call: Call) -> Steps:
        """Another flow in this thread; a task run stands for it here."""
        run = self._new(call, -1)
        run.main_thread = True
        self._client.task_run_state(run, run.state)
        if not (yield from self._tasks.resolve(run)):
            return ""
        child = self._client.subflow(run)
        child.process = self._run.process
        self._run.children.append(child)
        run.run_count += 1
        run.state = states.RUNNING
        self._client.task_run_state(run, run.state)
        state: State = yield from FlowEngine(self._client, child, outer=self.blocks).run()
        self._tasks.finish(run, state)
        if state.type is StateType.COMPLETED or call.return_state:
            return ""
        return state.reason or state.name

    # -- pauses -----------------------------------------------------------------------------

    def _pause(self, call: Call) -> Steps:
        """`pause_flow_run()` or `suspend_flow_run()`; what it raised, or nothing."""
        pause = call.pause
        assert pause is not None
        for ref in call.wait_for:
            for task_run in self._of(ref, call, -1):
                yield from self._tasks.wait(task_run)
                if self._leaves():
                    return SUSPENDED
        self._pauses += 1
        answer = self._client.pause(self._run, pause.key or str(self._pauses), pause)
        if answer is Answer.REFUSED:
            return CANNOT_PAUSE
        if answer is Answer.PASSED:
            return ""
        return SUSPENDED if pause.suspends else (yield from self._blocked(pause))

    def _blocked(self, pause: Pause) -> Steps:
        """Blocked until a look finds the run Running; the looks between changes are not stepped.

        It looks after half the timeout, or after an interval if that is sooner, then once each
        interval, and for the last time when the timeout is over.
        """
        assert pause.timeout is not None
        run, kernel = self._run, self._kernel
        start = kernel.now
        first = min(pause.timeout // 2, pause.poll)
        last = start + first - (first - pause.timeout) // pause.poll * pause.poll
        while True:
            run.resumed = kernel.event()
            alarm = kernel.at(last, _happen, run.resumed)
            yield run.resumed
            alarm.cancel()
            due = start + first - (start + first - kernel.now) // pause.poll * pause.poll
            look = max(start + first, due)
            if look > kernel.now:
                yield kernel.timeout(look - kernel.now)
            if run.state.type is StateType.RUNNING:
                return ""
            if kernel.now >= last:
                return NEVER_RESUMED

    def _new(self, call: Call, index: int) -> TaskRun:
        """A task run for a call, with what it waits for."""
        upstream: list[tuple[TaskRun, bool]] = []
        inputs: list[object] = []
        for number, ref in enumerate(call.refs):
            found = self._of(ref, call, index)
            upstream += [(run, ref.allow_failure) for run in found]
            if number < len(call.refs) - len(call.wait_for):
                inputs += found or [self._values.get(ref.call)]
        inputs += [self._run.parameter(name) for name in call.parameters]
        run = TaskRun(self._run, call, index, tuple(upstream), tuple(inputs))
        run.elsewhere = call.mode in {"submit", "map"} and self._run.flow.runner.kind != "thread"
        run.block = None if run.elsewhere else self.blocks.innermost
        self._made.setdefault(call.name, []).append(run)
        self._run.task_runs.append(run)
        return run

    def _of(self, ref: Ref, call: Call, index: int) -> list[TaskRun]:
        """The task runs behind an argument; of a mapped argument, the one of this element."""
        found = self._made.get(ref.call, [])
        if call.over is ref and found and found[0].map_index >= 0:
            return [found[index]]
        return list(found)


def _mortal(steps: Steps) -> Steps:
    """A thread until it ends, or its process is killed."""
    try:
        yield from steps
    except Interrupt:
        return


def _happen(event: Any) -> None:
    if not event.triggered:
        event.succeed()
