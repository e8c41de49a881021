"""How long a failed task run waits before its next try, and in which state.

Source: Prefect 3.8.8, task_engine.py `handle_retry` and tasks.py. A delay that is not given, or a
plain 0, goes on at once; a 0 in a list waits for no time, but it does wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sim.orchestrators.prefect.clamped_poisson import clamped_poisson

if TYPE_CHECKING:
    from collections.abc import Sequence

DELAYS_MAX = 50
"""Most delays that a list may hold (tasks.py)."""


class Wait(NamedTuple):
    """What comes before a further try."""

    state: str
    """`AwaitingRetry` (a SCHEDULED state) or `Retrying` (a RUNNING one), at once."""
    delay: float | None
    """Seconds; None when there is no wait."""


@dataclass(frozen=True, slots=True)
class RetryDelays:
    """`retries`, `retry_delay_seconds` and `retry_jitter_factor` of a task."""

    retries: int = 0
    delays: float | Sequence[float] | None = None
    """One for every retry, or one each; the last of a list is that of every further retry."""
    jitter: float | None = None

    def before(self, retry: int, draw: float) -> Wait | None:
        """What comes before retry number `retry`, from 1; None when no retry is left.

        `draw` is uniform in [0, 1] and only looked at with a jitter.
        """
        if retry > self.retries:
            return None
        if not self.delays:
            return Wait("Retrying", None)
        if isinstance(self.delays, int | float):
            delay = float(self.delays)
        else:
            delay = float(self.delays[min(retry, len(self.delays)) - 1])
        if self.jitter and delay > 0:
            delay = clamped_poisson(delay, self.jitter, draw)
        return Wait("AwaitingRetry", delay)


def exponential_backoff(factor: float, retries: int) -> tuple[float, ...]:
    """The delays of `exponential_backoff(factor)`, seconds: the first is the factor itself."""
    return tuple(factor * 2**number for number in range(min(retries, DELAYS_MAX)))
