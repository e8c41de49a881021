"""The processes of flow runs: started by a worker or a runner, and what becomes of them.

Source: Prefect 3.8.8, workers/process.py, runner/runner.py and flow_engine.py. A run that was
picked up early waits in its process for its scheduled time. Who started a process sees how it
exits, unless both are gone: then the run stays as it is, and nobody looks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.kernel.loop import Interrupt
from sim.model.facts import Fact
from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.concurrency import give
from sim.orchestrators.prefect.flow_engine import FlowEngine
from sim.orchestrators.prefect.states import StateType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.orchestrators.prefect.engine_client import EngineClient
    from sim.orchestrators.prefect.runs import FlowRun, Hold, Steps, TaskRun
    from sim.orchestrators.prefect.server import Server
    from sim.orchestrators.prefect.states import State

KILLED = "killed"
"""Cause of the interrupt that ends a process."""
SLOT_LEASE = 60 * SECOND
"""How long the slots of task runs stay taken after their process is gone."""
LOCAL_START = 3 * SECOND
"""How long a process of `serve` takes to load the flow: our figure, that of a process pool."""


class Infrastructure:
    """Every process of a flow run."""

    def __init__(self, server: Server, client: EngineClient) -> None:
        self._server = server
        self._client = client
        self._kernel = server.kernel
        self._of: dict[str, str] = {}
        """Which worker or runner started the process of each run."""
        self.ended: Callable[[FlowRun, str], None] = lambda _run, _by: None
        """Told when the process of a run is over, with who had started it."""
        self.lost: Callable[[FlowRun], None] = lambda _run: None
        """Told when a process is gone and the server does not know."""
        self.may_run: Callable[[FlowRun], bool] = lambda _run: True
        """Asked before the function begins; False: the server has cancelled it."""
        client.struck = self.struck

    def start(self, run: FlowRun, by: str) -> None:
        """Start the process of a run that is Pending."""
        self._of[run.run_id] = by
        self._kernel.after(self._start_us(run), self._loaded, run, by)

    def running(self, by: str) -> list[FlowRun]:
        """The runs whose processes somebody started and that are not over."""
        return [self._server.runs[one] for one, who in self._of.items() if who == by]

    def struck(self, run: FlowRun, kind: str) -> None:
        """A fault takes the process: it exits, which is seen, or its machine goes with it."""
        if kind == "worker_crash":
            self.kill(run, states.crashed(kind))
        else:
            self.lose(run)

    def kill(self, run: FlowRun, state: State) -> None:
        """The process exits, and who started it tells the server."""
        by = self._stop(run)
        for flow_run in _family(run):
            for task_run in _unfinished(flow_run):
                if task_run.run_count:
                    self._client.task_run_state(task_run, state)
                else:
                    self._client.never_begun(task_run)
                task_run.finished = True
            if not flow_run.state.terminal:
                self._client.flow_run_state(flow_run, state)
        if by is not None:
            self.ended(run, by)

    def lose(self, run: FlowRun) -> None:
        """The process is gone with its machine: every state stays as it is."""
        for flow_run in _family(run):
            for task_run in _unfinished(flow_run):
                if task_run.process is not None:
                    tries = flow_run.tries.get(task_run.place, 0)
                    self._kernel.fact(
                        Fact.PROCESS, task_run.entity, tries, task_run.row, end="lost"
                    )
        by = self._stop(run)
        self.lost(run)
        if by is not None:
            self.ended(run, by)

    def _stop(self, run: FlowRun) -> str | None:
        for flow_run in _family(run):
            for task_run in flow_run.task_runs:
                if task_run.process is not None:
                    task_run.process.kill(KILLED)
                    task_run.process = None
                if task_run.holds:
                    # nobody renews the lease of its slots any more
                    self._kernel.after(SLOT_LEASE, _reclaim, task_run.holds, self._kernel.now)
                    task_run.holds = []
            for thread in (*flow_run.threads, flow_run.process):
                if thread is not None and thread.is_alive:
                    thread.interrupt(KILLED)
            flow_run.threads, flow_run.process = [], None
        return self._of.pop(run.run_id, None)

    def _start_us(self, run: FlowRun) -> int:
        if run.deployment is None:
            return LOCAL_START
        pool = self._server.config.deployments[run.deployment].work_pool
        if pool is None:
            return LOCAL_START
        return round(self._server.config.work_pools[pool].start_seconds * SECOND)

    def _loaded(self, run: FlowRun, by: str) -> None:
        """The process has loaded the flow, if it is still wanted."""
        if self._of.get(run.run_id) == by and run.state.type is StateType.PENDING:
            run.process = self._kernel.process(self._life(run, by))

    def _life(self, run: FlowRun, by: str) -> Steps:
        try:
            if self._kernel.now < run.starts:
                yield self._kernel.timeout(run.starts - self._kernel.now)
            if self.may_run(run):
                yield from FlowEngine(self._client, run).run()
        except Interrupt:
            return
        run.process = None
        run.threads = []
        self._of.pop(run.run_id, None)
        self.ended(run, by)
        if run.state == states.RESUMING:
            self._server.may_be_taken(run)


def _family(run: FlowRun) -> Iterator[FlowRun]:
    """A flow run with its subflows: one process."""
    yield run
    for child in run.children:
        yield from _family(child)


def _reclaim(holds: list[Hold], now: int) -> None:
    """The repossessor takes back slots whose lease ran out."""
    for hold in holds:
        end = now + SLOT_LEASE
        give(hold.limits, hold.slots, (end - hold.since) / SECOND, end)


def _unfinished(run: FlowRun) -> list[TaskRun]:
    """Those without a last state; what ends after it, on a commit, is no state."""
    return [one for one in run.task_runs if not one.finished and not one.state.terminal]
