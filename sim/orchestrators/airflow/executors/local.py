"""LocalExecutor and SequentialExecutor: processes on the scheduler's own host.

Local: each gets a process at once. Sequential (2.x only): one after another, and the scheduler's
loop stands still meanwhile. Source: Airflow 2.11.2 and 3.3.2, executors/local_executor.py; 2.11.2,
executors/sequential_executor.py `sync`. Invariant of Sequential: one process at a time, in the
order of handing over.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.orchestrators.airflow.executor import Traits
from sim.orchestrators.airflow.rows import QUEUED
from sim.orchestrators.airflow.worker import Sleep

if TYPE_CHECKING:
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.executor import Executor
    from sim.orchestrators.airflow.executors.backend import Surroundings
    from sim.orchestrators.airflow.rows import TaskInstance

_OWN_CHILDREN = Traits(adopts=False, revokes=False)


class _Nothing:
    """What a backend need not do whose processes live and die with the scheduler."""

    def ended(self, ti: TaskInstance, token: int) -> None:
        """Nobody waits for the process."""

    def sync(self) -> None:
        """All was started when it was sent."""

    def holds(self, ti: TaskInstance, token: int) -> bool:  # noqa: ARG002 - all it was handed
        """Every process is there."""
        return True

    def adopt(self, ti: TaskInstance) -> None:
        """A process is a process."""

    def clear(self) -> None:
        """Nothing is left."""


class Local:
    """A process for each task instance."""

    traits = _OWN_CHILDREN
    elsewhere = False
    steps = False

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def backend(self, executor: Executor, clockwork: Clockwork) -> LocalBackend:
        """Without anything of its own."""
        del executor, clockwork
        return LocalBackend(self._around)


class LocalBackend(_Nothing):
    """Starts a process for each task instance."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        # by far the most: nothing stands between the hand-over and the start
        self.send = self._send_later if around.start_delay else around.start

    def _send_later(self, ti: TaskInstance, token: int) -> None:
        around = self._around
        ti.process = Sleep(around.kernel.after(around.start_delay, around.start, ti, token))


class Sequential:
    """One task instance at a time."""

    traits = _OWN_CHILDREN
    elsewhere = False
    steps = True

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def backend(self, executor: Executor, clockwork: Clockwork) -> SequentialBackend:
        """A line of its own."""
        del executor
        return SequentialBackend(self._around, clockwork)


@dataclass(frozen=True, slots=True, eq=False)
class _Command:
    """A place in the line."""

    ti: TaskInstance
    token: int
    line: deque[_Command]

    def kill(self, reason: str) -> None:  # noqa: ARG002 - whatever the reason
        """Leave the line."""
        self.line.remove(self)


class SequentialBackend(_Nothing):
    """One task instance at a time; the loop waits."""

    def __init__(self, around: Surroundings, clockwork: Clockwork) -> None:
        self._around = around
        self._clockwork = clockwork
        self._line: deque[_Command] = deque()
        self._busy: tuple[TaskInstance, int] | None = None
        self._held = 0
        """What `hold` gave for the loop that waits."""

    def send(self, ti: TaskInstance, token: int) -> None:
        """Put it in line."""
        ti.process = command = _Command(ti, token, self._line)
        self._line.append(command)

    def sync(self) -> None:
        """Run all that is in line before the loop goes on."""
        if self._line and self._busy is None:
            self._held = self._clockwork.hold()
            self._next()

    def _next(self) -> None:
        around, command = self._around, self._line.popleft()
        ti, token = self._busy = command.ti, command.token
        call = around.kernel.after(around.start_delay, around.start, ti, token)
        if ti.token == token and ti.state == QUEUED:
            ti.process = Sleep(call)

    def ended(self, ti: TaskInstance, token: int) -> None:
        """The next one, or on with the loop."""
        if self._busy != (ti, token):
            return
        self._busy = None
        if self._line:
            self._next()
        else:
            self._clockwork.release(self._held)

    def clear(self) -> None:
        """The line is gone with the scheduler."""
        self._line.clear()
        self._busy = None
