"""An executor's slots: `parallelism` of them, filled and freed in the scheduler's heartbeat.

A slot is free again only once a heartbeat has taken note of the end of its work, so from the loop
after that. What happens to work below the slots is its backend's business (`executors/`). Source:
Airflow 2.11.2 and 3.3.2, executors/base_executor.py `heartbeat`, `slots_available`. Invariant:
0 <= ended <= occupied <= parallelism.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.executors.backend import Backend
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob


@dataclass(frozen=True, slots=True)
class Traits:
    """What a kind of executor can do besides running work [executors/base_executor.py]."""

    adopts: bool
    """`try_adopt_task_instances` takes over what a dead scheduler's executor ran."""
    revokes: bool
    """`revoke_task` is there: what is stuck in queued can be taken back."""


class Executor:
    """Slots of one scheduler's executor, and the backend that does the work."""

    __slots__ = (
        "_at_sync",
        "_backend",
        "_clockwork",
        "_ended",
        "_noted_at",
        "_occupied",
        "elsewhere",
        "parallelism",
        "send",
        "start_all",
        "traits",
        "vanishes",
    )

    def __init__(self, parallelism: int, clockwork: Clockwork, traits: Traits) -> None:
        self.parallelism = parallelism
        self._clockwork = clockwork
        self.traits = traits
        self._occupied = 0
        self._ended = 0
        """Ends of work that the heartbeat of the loop at `_noted_at` takes note of."""
        self._noted_at = 0
        self._at_sync: list[Callable[[], None]] = []
        self.send: Callable[[TaskInstance, int], None] = lambda *_: None
        """Has a task instance run, by the token of its hand-over."""
        self.start_all: Callable[[list[TaskInstance], SchedulerJob], None] | None = None
        """Hands several over and has them run at once; None: each is sent by itself."""
        self.vanishes: Callable[[TaskInstance, SchedulerJob], bool] | None = None
        """Whether a hand-over is lost on its way; None: none ever is."""
        self.elsewhere = False
        """Whether work goes on when the scheduler's host does not."""
        self._backend: Backend | None = None
        """Told of ends and heartbeats; None: there is nothing that it would do then."""

    def run_on(self, backend: Backend, *, elsewhere: bool = False, steps: bool = True) -> None:
        """Have a backend do the work; `steps`: it wants to know of ends and heartbeats."""
        self.send = backend.send
        self.elsewhere = elsewhere
        self._backend = backend if steps else None

    @property
    def each(self) -> tuple[Executor, ...]:
        """Itself; `Executors` have more of them."""
        return (self,)

    def of(self, ti: TaskInstance) -> Executor:  # noqa: ARG002 - there is no other
        """The executor of a task instance."""
        return self

    rooms = None
    """Several executors have one function here: the free slots of each in a loop."""

    # -- slots ------------------------------------------------------------------------------

    def free(self, now: int) -> int:
        """Free slots in the critical section of the loop at `now`."""
        if self._ended and self._noted_at < now:
            self._note()
        return self.parallelism - self._occupied

    @property
    def has_room(self) -> bool:
        """Whether there is a free slot for the loop that comes."""
        return self._occupied < self.parallelism

    def take(self, count: int) -> None:
        """`count` task instances are being handed over."""
        self._occupied += count

    def hand_over(self, chosen: list[TaskInstance], job: SchedulerJob) -> None:
        """Start what a scheduler queued, best first."""
        self._occupied += len(chosen)
        if self.start_all is not None:
            self.start_all(chosen, job)
            return
        send, vanishes = self.send, self.vanishes
        for ti in chosen:
            token = ti.token + 1
            ti.token = token
            ti.job = job
            if vanishes is None or not vanishes(ti, job):
                send(ti, token)

    def ended(self, ti: TaskInstance, token: int) -> None:
        """The process that was started for this hand-over ended just now."""
        clockwork = self._clockwork
        at = clockwork.planned_at or clockwork.next_loop()
        if self._noted_at != at:
            if self._ended and self._noted_at < at:
                self._note()
            self._noted_at = at
        self._ended += 1
        if self._occupied >= self.parallelism:
            # whoever waits for a slot may have one in the loop after the one that notes this
            self._clockwork.wake()
        if self._backend is not None:
            self._backend.ended(ti, token)

    def vacated(self, ti: TaskInstance, token: int) -> None:
        """The same when the slot itself was given up before."""
        if self._backend is not None:
            self._backend.ended(ti, token)

    def forget(self) -> None:
        """Some work is given up: its slot is free at once [`BaseExecutor.fail`, `revoke_task`]."""
        self._occupied -= 1

    # -- heartbeats -------------------------------------------------------------------------

    def at_next_sync(self, call: Callable[[], None]) -> None:
        """Have `call` called among the executor events of the next loop."""
        self._at_sync.append(call)
        self._clockwork.again()

    def sync(self, now: int) -> bool:
        """The heartbeat of the loop at `now` takes note of ended work.

        Whether there was no free slot before, and there is one for the loop that comes.
        """
        was_full = self._occupied >= self.parallelism
        if self._ended and self._noted_at <= now:
            self._note()
        if self._backend is not None:
            self._backend.sync()
        if self._at_sync:
            calls, self._at_sync = self._at_sync, []
            for call in calls:
                call()
        return was_full and self._occupied < self.parallelism

    def _note(self) -> None:
        """The loop at `_noted_at` took note of what had ended by then, stepped or not."""
        self._occupied -= self._ended
        self._ended = 0

    # -- death and adoption -----------------------------------------------------------------

    def holds(self, ti: TaskInstance, token: int) -> bool:
        """Whether a hand-over is in the hands of the backend, where another scheduler finds it."""
        return self._backend is None or self._backend.holds(ti, token)

    def survives(self, ti: TaskInstance, token: int) -> bool:
        """Whether a hand-over goes on without the scheduler's host."""
        return self.elsewhere and self.holds(ti, token)

    def adopt(self, ti: TaskInstance) -> None:
        """Take over what the executor of a dead scheduler was handed."""
        self._occupied += 1
        if self._backend is not None:
            self._backend.adopt(ti)

    def clear(self) -> None:
        """It died with its scheduler, and nothing that it was told of is ever handled."""
        self._occupied = self._ended = 0
        self._at_sync.clear()
        if self._backend is not None:
            self._backend.clear()
