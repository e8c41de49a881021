"""When a failed try is tried again.

Source: Airflow 2.11.2 and 3.3.2, models/taskinstance.py `next_retry_datetime`. The "jitter" of the
exponential backoff is a hash of the task instance, so it is the same each time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import sha1

from sim.kernel.calendar import DAY, SECOND, to_civil


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long a task waits between tries. Spans in microseconds."""

    delay: int
    base: float = 0.0
    """Base of the powers of an exponential backoff; 1 and 0 switch it off."""
    delay_max: int | None = None
    """max_retry_delay: bounds the exponential backoff and nothing else."""
    cap: int = DAY
    """`[core] max_task_retry_delay`."""

    def after(self, dag_id: str, task_id: str, logical_date: int | None, try_number: int) -> int:
        """Microseconds from the end of try `try_number` until the next one is due."""
        if self.base in {0.0, 1.0}:
            return self.delay
        delay_s = self.delay / SECOND
        low = max(_ceil_power(delay_s, self.base, try_number - 1), 1)
        when = "None" if logical_date is None else str(to_civil(logical_date))
        name = f"{dag_id}#{task_id}#{when}#{try_number}"
        # Airflow's own choice of hash; it guards nothing
        digest = int(sha1(name.encode(), usedforsecurity=False).hexdigest(), 16)
        delay = min((low + digest % low) * SECOND, self.cap)
        return delay if self.delay_max is None else min(delay, self.delay_max)


def _ceil_power(delay_s: float, base: float, power: int) -> int:
    """The ceiling of delay * base^power, bounded as a float is."""
    try:
        return math.ceil(delay_s * base**power)
    except OverflowError:
        return DAY // SECOND
