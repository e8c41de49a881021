"""What an executor does with work below its slots, as a protocol, and what it is given for that.

Slots are counted by `sim.orchestrators.airflow.executor`, alike for all; a backend says when a
handed-over task instance starts on a worker, and what its worker does once it ended. A kind is what
the schedulers of a deployment share of an executor, such as broker and workers; a backend is one
scheduler's part. Invariant: while a task instance waits below the slots, its `process` is a handle
that takes it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Kernel
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.config import AirflowConfig
    from sim.orchestrators.airflow.executor import Executor, Traits
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob


class Backend(Protocol):
    """How one kind of executor runs what one scheduler handed over."""

    def send(self, ti: TaskInstance, token: int) -> None:
        """The heartbeat of a loop hands a queued task instance over."""

    def ended(self, ti: TaskInstance, token: int) -> None:
        """The process of a task instance is gone, whatever became of it."""

    def sync(self) -> None:
        """The second half of each heartbeat that has something to do."""

    def holds(self, ti: TaskInstance, token: int) -> bool:
        """Whether others than the scheduler know of a hand-over."""

    def adopt(self, ti: TaskInstance) -> None:
        """A task instance of a dead scheduler is this one's now."""

    def clear(self) -> None:
        """The scheduler died: what only it knew is gone."""


class Kind(Protocol):
    """What the schedulers of a deployment share of one executor."""

    traits: Traits
    elsewhere: bool
    """Whether work goes on when the scheduler's host does not."""
    steps: bool
    """Whether backends want to know of ends and heartbeats."""

    def backend(self, executor: Executor, clockwork: Clockwork) -> Backend:
        """The part of one scheduler, below its slots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a kind of executor is built with."""

    kernel: Kernel
    config: AirflowConfig
    start_delay: int
    """From a process taking the work until the task runs, microseconds."""
    start: Callable[[TaskInstance, int], None]
    """Starts a task instance on a worker; one that is not queued any more is refused."""
    start_all: Callable[[list[TaskInstance], SchedulerJob], None] | None
    """Hands several over and starts them; None: something may keep one from starting."""
    give_up: Callable[[TaskInstance, int, Executor, str], None]
    """The executor says that a task instance is over which never started: it has failed."""
    lose: Callable[[TaskInstance, int, str], None]
    """The host of a process went off."""
    delivered_again: Callable[[TaskInstance], int | None] = lambda _ti: None
    """How long after its first delivery a broker delivers a message again; None: never."""
