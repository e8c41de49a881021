"""Task runners: which of the submitted task runs have a thread or a process, and since when.

Source: Prefect 3.8.8, task_runners.py. A thread is taken when a task run is dequeued, first come
first served, not when its inputs are there: one that waits for its upstream holds its thread. The
process pool resolves inputs in as many threads before it hands over; Dask and Ray wait on their
scheduler, where waiting costs no place.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.prefect.flows import RunnerOptions
    from sim.orchestrators.prefect.runs import Client, FlowRun, Steps, TaskRun
    from sim.orchestrators.prefect.task_engine import TaskEngine


class Places:
    """So many places, given in the order of asking; None: there is always one."""

    def __init__(self, count: int | None) -> None:
        self._free = count
        self._waiting: deque[tuple[TaskRun, Callable[[], None]]] = deque()

    def enter(self, run: TaskRun, begin: Callable[[], None]) -> None:
        """Call `begin` as soon as there is a place."""
        if self._free is None:
            begin()
        elif self._free > 0:
            self._free -= 1
            begin()
        else:
            self._waiting.append((run, begin))

    def leave(self) -> None:
        """Give a place back."""
        if self._waiting:
            self._waiting.popleft()[1]()
        elif self._free is not None:
            self._free += 1

    def cancel(self) -> list[TaskRun]:
        """Nobody who waits will come any more; who that was."""
        runs = [run for run, _ in self._waiting]
        self._waiting.clear()
        return runs


class TaskRunner:
    """The task runner of one try of one flow run."""

    def __init__(
        self,
        client: Client,
        engine: TaskEngine,
        flow_run: FlowRun,
        options: RunnerOptions,
        spawn: Callable[[FlowRun, Steps], None],
    ) -> None:
        self._client = client
        self._engine = engine
        self._flow_run = flow_run
        self._spawn = spawn
        self._together = options.kind == "thread"
        self._workers = Places(options.max_workers)
        self._resolvers = Places(options.max_workers if options.kind == "process" else None)
        self._started: list[TaskRun] = []
        self.cancelled: Callable[[TaskRun], None] = lambda _run: None
        """Told of each task run whose future was cancelled."""

    def submit(self, run: TaskRun) -> None:
        """Queue a task run; it begins at once when there is a place."""
        first = self._workers if self._together else self._resolvers
        first.enter(run, lambda: self._begin(run))

    def _begin(self, run: TaskRun) -> None:
        self._started.append(run)
        self._spawn(self._flow_run, self._thread(run) if self._together else self._handed(run))

    def _thread(self, run: TaskRun) -> Steps:
        """Resolve and execute in one thread."""
        if (yield from self._engine.resolve(run)):
            yield from self._engine.execute(run)
        self._workers.leave()

    def _handed(self, run: TaskRun) -> Steps:
        """Resolve in one place, execute in another."""
        ready = yield from self._engine.resolve(run)
        self._resolvers.leave()
        if not ready:
            return
        came = self._client.kernel.event()
        self._workers.enter(run, lambda: _happen(came))
        yield came
        yield from self._engine.execute(run)
        self._workers.leave()

    def shut_down(self) -> Steps:
        """`shutdown(cancel_futures=True)`: what has started is waited for, the rest never will."""
        for run in (self._workers if self._together else self._resolvers).cancel():
            run.cancelled = True
            self.cancelled(run)
        for run in self._started:
            yield from self._engine.wait(run)


def _happen(event: Any) -> None:
    event.succeed()
