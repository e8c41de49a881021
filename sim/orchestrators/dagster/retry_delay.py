"""How long a step waits before another try.

Source: Dagster 1.13.29, _core/definitions/policy.py (`RetryPolicy.calculate_delay`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND

if TYPE_CHECKING:
    from sim.orchestrators.dagster.config import RetryPolicy


def retry_delay_us(policy: RetryPolicy, attempt_num: int, *, draw: float) -> int:
    """The wait before retry number `attempt_num`, from 1, in microseconds.

    `draw`: uniform in (0, 1), for the jitter. PLUS_MINUS spreads by the base delay, not by the one
    that was backed off; EXPONENTIAL is 1, 3, 7, … times the base.
    """
    base = policy.delay or 0.0
    delay = base
    if policy.backoff == "LINEAR":
        delay = base * attempt_num
    elif policy.backoff == "EXPONENTIAL":
        delay = base * (2**attempt_num - 1)
    if policy.jitter == "FULL":
        delay *= draw
    elif policy.jitter == "PLUS_MINUS":
        delay += (2 * draw - 1) * base
    return round(delay * SECOND)
