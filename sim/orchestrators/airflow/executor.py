"""The LocalExecutor: `parallelism` slots, filled and freed in the scheduler's heartbeat.

A slot is free again only once a heartbeat has taken note of the end of its work, so from the loop
after that. Source: Airflow 2.11.2 and 3.3.2, executors/base_executor.py `heartbeat`,
`slots_available`. Invariant: 0 <= ended <= occupied <= parallelism.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.clockwork import Clockwork


@dataclass(frozen=True, slots=True)
class Traits:
    """What a kind of executor can do besides running work [executors/base_executor.py]."""

    adopts: bool
    """`try_adopt_task_instances` takes over what a dead scheduler's executor ran."""
    revokes: bool
    """`revoke_task` is there: what is stuck in queued can be taken back."""


LOCAL = Traits(adopts=False, revokes=False)
"""The LocalExecutor: its workers are its children, and it takes back nothing."""


class Executor:
    """Slots of one scheduler's executor."""

    __slots__ = ("_at_sync", "_clockwork", "_ended", "_noted_at", "_occupied", "parallelism")

    def __init__(self, parallelism: int, clockwork: Clockwork) -> None:
        self.parallelism = parallelism
        self._clockwork = clockwork
        self._occupied = 0
        self._ended = 0
        """Ends of work that the heartbeat of the loop at `_noted_at` takes note of."""
        self._noted_at = 0
        self._at_sync: list[Callable[[], None]] = []

    def free(self, now: int) -> int:
        """Free slots in the critical section of the loop at `now`."""
        self._note(now)
        return self.parallelism - self._occupied

    def take(self, count: int) -> None:
        """Hand `count` task instances over."""
        self._occupied += count

    def ended(self) -> None:
        """Some work ended just now."""
        at = self._clockwork.next_loop()
        if self._noted_at != at:
            self._note(at)
            self._noted_at = at
        self._ended += 1
        if self._occupied >= self.parallelism:
            # whoever waits for a slot may have one in the loop after the one that notes this
            self._clockwork.wake()

    def forget(self) -> None:
        """Some work is given up: its slot is free at once [`BaseExecutor.fail`, `revoke_task`]."""
        self._occupied -= 1

    def at_next_sync(self, call: Callable[[], None]) -> None:
        """Have `call` called among the executor events of the next loop."""
        self._at_sync.append(call)
        self._clockwork.again()

    def sync(self, now: int) -> None:
        """The heartbeat of the loop at `now` takes note of ended work."""
        self._note(now + 1)
        if self._at_sync:
            calls, self._at_sync = self._at_sync, []
            for call in calls:
                call()

    @property
    def has_room(self) -> bool:
        """Whether there is a free slot for the loop that comes."""
        return self._occupied < self.parallelism

    def clear(self) -> None:
        """It died with its scheduler, and nothing that it was told of is ever handled."""
        self._occupied = self._ended = 0
        self._at_sync.clear()

    def _note(self, loop: int) -> None:
        """Loops before `loop` took note of what had ended by then, stepped or not."""
        if self._ended and self._noted_at < loop:
            self._occupied -= self._ended
            self._ended = 0
