"""One scheduler as Airflow's job table knows it: its executor, its heartbeat and its timers.

A timer is armed only while it could find something, and then fires at the end of exactly the loop
in which the real one would. Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py
`_run_scheduler_loop`, jobs/job.py, utils/event_scheduler.py. Invariant: no timer fires twice in one
loop, and none after its scheduler died.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.executors.several import AnyExecutor


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that every scheduler does now and then, at the end of a loop."""

    order: int
    """Its place among timers that are due in one loop: adoption, heartbeats, paused runs, queued
    [`_run_scheduler_loop`]."""
    interval: int
    fire: Callable[[SchedulerJob, int], None]
    """Called with the scheduler and now."""


class SchedulerJob:
    """A scheduler from its start to its death."""

    __slots__ = (
        "_armed",
        "_clockwork",
        "_due",
        "_heartbeat",
        "_now",
        "_turn",
        "adopts",
        "died",
        "executor",
        "number",
        "started",
        "stepped",
    )

    def __init__(
        self,
        number: int,
        *,
        clockwork: Clockwork,
        executor: AnyExecutor,
        adopts: bool | None = None,
        started: int,
        heartbeat: int,
    ) -> None:
        self.number = number
        self.executor = executor
        self.adopts = adopts
        """Whether its executor takes over what a dead scheduler's executor ran; None: as its kind
        does."""
        self.started = started
        self.died: int | None = None
        self.stepped = started - 1
        """Instant of the latest loop whose timers have had their turn."""
        self._clockwork = clockwork
        self._heartbeat = heartbeat
        self._due: list[tuple[int, int, Timer]] = []
        self._armed: set[tuple[int, int]] = set()
        self._now = started
        """Instant of the loop whose timers have their turn."""
        self._turn = -1
        """Order of the timer that fires now; -1: none does."""

    @property
    def last_heartbeat(self) -> int:
        """Of one that died: what the job table says until someone marks it failed."""
        assert self.died is not None
        first = self._clockwork.firing(self.started, self._heartbeat, self.started)
        if first >= self.died:
            return self.started
        every = self._clockwork.firing(self.started, self._heartbeat, first + 1) - first
        return first + (self.died - 1 - first) // every * every

    def arm(self, timer: Timer, after: int) -> None:
        """Have `timer` fire the first time that it is due at or after `after`, but not before."""
        if self.died is not None:
            return
        # one that has had its turn in this loop is due again after it, a later one still in it
        earliest = self._now + 1 if timer.order <= self._turn else self.stepped + 1
        at = self._clockwork.firing(self.started, timer.interval, max(after, earliest))
        if (at, timer.order) not in self._armed:
            self._armed.add((at, timer.order))
            heappush(self._due, (at, timer.order, timer))
            self._clockwork.wake_at(at)

    def step(self, now: int) -> None:
        """The end of the loop at `now`: fire what is due."""
        due = self._due
        self._now = now
        while due and due[0][0] <= now:
            at, order, timer = heappop(due)
            self._armed.discard((at, order))
            self._turn = order
            timer.fire(self, now)
            self._clockwork.again()
        self._turn = -1
        self.stepped = now
