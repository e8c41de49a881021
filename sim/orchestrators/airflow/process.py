"""One process of a try, as far as more is known of it than that it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.rows import QUEUED, RUNNING

if TYPE_CHECKING:
    from sim.model.work import Running
    from sim.orchestrators.airflow.executor import Executor
    from sim.orchestrators.airflow.rows import TaskInstance


class Process:
    """One process of a try, as far as more is known of it than that it runs."""

    __slots__ = (
        "back",
        "checks",
        "cut",
        "generation",
        "handle",
        "home",
        "slot",
        "started",
        "ti",
        "token",
        "try_number",
    )

    def __init__(self, ti: TaskInstance, generation: int) -> None:
        self.ti = ti
        self.token = ti.token
        self.generation = generation
        self.try_number = ti.try_number
        self.started = ti.started if ti.state != QUEUED else None
        """None: it has yet to start."""
        self.handle: Running | None = ti.process
        """None: nothing is left to be ended."""
        self.slot: Executor | None = None if ti.job is None else ti.job.executor.of(ti)
        """Whose slot it occupies; None once that is free."""
        self.home: Executor | None = self.slot
        """Whose backend runs it; None once that knows of its end."""
        self.cut: int | None = None
        """No heartbeat arrives after this instant"""
        self.back: int | None = None
        """and before this one; None: none arrives ever again."""
        self.checks: int | None = None
        """Heartbeats that found the task instance changed; None: it was not."""

    @property
    def owns(self) -> bool:
        """Whether the task instance runs, and this is the process that runs it."""
        return self.ti.token == self.token and self.ti.state == RUNNING

    @property
    def alive(self) -> bool:
        """Whether something of it is left that could be ended."""
        return (self.ti.process if self.owns else self.handle) is not None
