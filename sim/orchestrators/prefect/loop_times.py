"""When a client's loop comes round: an interval with jitter, longer while the API does not answer.

Source: Prefect 3.8.8, utilities/services.py `critical_service_loop`, as workers/base.py and
runner/_scheduled_run_poller.py call it: jitter 0.3; after three failures in a row the interval
doubles, until the process gives up. Times only; whose they are is another's business. Invariant:
draws are keyed by loop and number, so a time depends on nothing but the failures before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect.clamped_poisson import clamped_poisson

if TYPE_CHECKING:
    from sim.kernel.streams import Streams

JITTER = 0.3
"""Clamp of the interval: between 0.75 and 1.3 of it."""
CONSECUTIVE = 3
"""Failures in a row after which the interval doubles."""
WORKER_BACKOFF = 4
"""A worker gives up instead of doubling for the fourth time: after twelve failures."""
RUNNER_BACKOFF = 1
"""A `serve()` gives up at the first: after three failures."""


class LoopTimes:
    """The instants of one loop of one process, one after another."""

    def __init__(
        self, streams: Streams, key: tuple[str, ...], every: float, start: int, *, backoff: int
    ) -> None:
        """`every`: seconds; `start`: the first time; `backoff`: at which doubling it gives up."""
        self._streams, self._key, self._every = streams, key, every
        self._backoff = backoff
        self._number = self._failures = self._doubled = 0
        self.at = start
        """The next time."""
        self.before: int | None = None
        """The latest that was well."""

    def skip_to(self, instant: int) -> None:
        """Let all times before an instant pass; the API answered each."""
        while self.at < instant:
            self.passed()

    def passed(self) -> None:
        """The next time came and the API answered."""
        self.before = self.at
        self._failures = self._doubled = 0
        self._advance()

    def failed(self) -> bool:
        """The next time came and the API did not answer; False: the process gives up."""
        self._failures += 1
        if self._failures == CONSECUTIVE:
            self._failures = 0
            self._doubled += 1
            if self._doubled >= self._backoff:
                return False
        self._advance()
        return True

    def _advance(self) -> None:
        self._number += 1
        draw = self._streams.uniform("prefect_loop", *self._key, self._number)
        self.at += round(clamped_poisson(self._every * 2**self._doubled, JITTER, draw) * SECOND)
