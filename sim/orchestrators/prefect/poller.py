"""The process that picks flow runs up: a worker of a work pool, or the runner of `serve()`.

Source: Prefect 3.8.8, workers/base.py and runner/_scheduled_run_poller.py. It asks the API for what
is due within `prefetch` seconds, takes a slot of its own limit for each in order, and stops at the
first that does not fit; then it proposes Pending for each. Polls that would see nothing new are not
stepped. Invariant: never more runs in progress than its limit, and none twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sim.kernel.loop import DECIDE_LAST
from sim.orchestrators.prefect.loop_times import LoopTimes
from sim.orchestrators.prefect.service_loop import POLLERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.kernel.loop import Call, Kernel


class Source(Protocol):
    """Where a poller's work comes from."""

    def read(self, before: int, limit: int) -> Sequence[str]:
        """What the API answers: flow runs due until then, in order."""

    def next_due(self, after: int) -> int | None:
        """When the next flow run is due after an instant."""


class Poller:
    """One process that polls."""

    def __init__(
        self,
        kernel: Kernel,
        name: str,
        source: Source,
        *,
        every: float,
        prefetch: int,
        limit: int | None,
        answer_max: int,
        backoff: int,
        submit: Callable[[str], bool],
        gave_up: Callable[[], None],
    ) -> None:
        """`every`: seconds; `prefetch`: microseconds; `answer_max`: rows of one answer.

        `submit(flow_run)` proposes Pending and starts the run's process; False: the server said no.
        `gave_up()`: the API did not answer for too long, and the process ended.
        """
        self.name = name
        self.limit = limit
        self.in_progress: dict[str, None] = {}
        """Flow runs that take its slots, in order of their start."""
        self.running = False
        self._kernel, self._source = kernel, source
        self._every, self._prefetch = every, prefetch
        self._answer_max, self._backoff = answer_max, backoff
        self._submit, self._gave_up = submit, gave_up
        self._lives = 0
        self._times: LoopTimes | None = None
        self._api_up = True
        self._planned: Call | None = None
        self._planned_at = 0
        self._poll_planned = False
        """Whether what is planned is the next poll itself."""
        self._looking = False

    def start(self) -> None:
        """The process starts, and polls at once."""
        self._lives += 1
        self.running = True
        key = ("poll", self.name, str(self._lives))
        now = self._kernel.now
        self._times = LoopTimes(self._kernel.streams, key, self._every, now, backoff=self._backoff)
        self._plan(now)

    def stop(self) -> None:
        """The process is gone. What becomes of its flow runs is not its business any more."""
        self.running = False
        self.in_progress.clear()
        self._cancel()

    def released(self, flow_run: str) -> None:
        """The process of a flow run ended: its slot is free."""
        if flow_run in self.in_progress:
            del self.in_progress[flow_run]
            self.wake()

    def wake(self) -> None:
        """The next poll may see something new."""
        self.wake_at(self._kernel.now)

    def due(self, instant: int) -> None:
        """A flow run is due at an instant, and seen `prefetch` before it."""
        self.wake_at(instant - self._prefetch)

    def wake_at(self, instant: int) -> None:
        """The first poll from an instant on may see something new."""
        if self.running and self._api_up and not self._looking:
            self._plan(max(instant, self._kernel.now))

    def api(self, *, up: bool) -> None:
        """The API answers from now on, or does not."""
        if self.running and self._times is not None and up != self._api_up and not up:
            self._times.skip_to(self._kernel.now)
        self._api_up = up
        if self.running:
            self._cancel()
            self._plan(self._kernel.now)

    def _plan(self, instant: int) -> None:
        """Look at `instant` when the next poll is; of two plans the earlier one counts."""
        if self._planned is not None:
            if self._poll_planned or self._planned_at <= instant:
                return
            self._planned.cancel()
        self._planned_at, self._poll_planned = instant, False
        self._planned = self._kernel.at(instant, self._find_poll, priority=DECIDE_LAST + POLLERS)

    def _find_poll(self) -> None:
        """Plan the first poll from now on. Those before saw nothing, and are not stepped."""
        assert self._times is not None
        now = self._kernel.now
        if self._api_up:
            self._times.skip_to(now)
        if self._times.at == now:
            self._poll()
        else:
            self._poll_planned = True
            self._planned = self._kernel.at(
                self._times.at, self._poll, priority=DECIDE_LAST + POLLERS
            )

    def _poll(self) -> None:
        self._planned, self._poll_planned = None, False
        assert self._times is not None
        if not self._api_up:
            if self._times.failed():
                self._plan(self._times.at)
            else:
                self.stop()
                self._gave_up()
            return
        self._times.passed()
        self._looking = True
        full = self._look()
        self._looking = False
        if not self.running:
            return
        due = self._source.next_due(self._kernel.now + self._prefetch)
        if full:
            self._plan(self._kernel.now)
        elif due is not None:
            self._plan(due - self._prefetch)

    def _look(self) -> bool:
        """Take what the API answers; whether the next poll may get something too."""
        answer = self._source.read(self._kernel.now + self._prefetch, self._answer_max)
        taken = []
        cut = len(answer) >= self._answer_max
        for flow_run in answer:
            if flow_run in self.in_progress:
                continue
            if self.limit is not None and len(self.in_progress) >= self.limit:
                cut = True
                break
            self.in_progress[flow_run] = None
            taken.append(flow_run)
        # all have their slots before the first is proposed: one that is refused makes no room now
        refused = 0
        for flow_run in taken:
            if self.running and not self._submit(flow_run):
                refused += 1
                self.in_progress.pop(flow_run, None)
        return refused > 0 or (cut and bool(taken))

    def _cancel(self) -> None:
        if self._planned is not None:
            self._planned.cancel()
            self._planned, self._poll_planned = None, False
