"""An M/M/c queue on the kernel's own slots, and what queueing theory says about it.

The bench of queues and the law of Erlang C share it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import factorial, sqrt
from statistics import fmean, stdev

from sim.kernel.loop import Kernel
from sim.kernel.slots import Slots

TICKS = 1_000_000
"""Ticks of the kernel's clock in one unit of the queue's time."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Poisson arrivals, exponential service, c servers."""

    arrival_rate: float
    service_rate: float
    servers: int

    @property
    def mean_wait(self) -> float:
        """Erlang C: the mean time in the queue, in units of time."""
        load = self.arrival_rate / self.service_rate
        free = 1 - load / self.servers
        last = load**self.servers / factorial(self.servers) / free
        wait = last / (sum(load**n / factorial(n) for n in range(self.servers)) + last)
        return wait / (self.servers * self.service_rate * free)


def waits(queue: Queue, *, jobs: int, seed: int) -> list[float]:
    """The wait of each job on the kernel's slots, in order of arrival."""
    draw = random.Random(seed)  # noqa: S311 - a queue's arrivals guard nothing
    kernel = Kernel(seed=seed, start=0)
    slots = Slots(queue.servers)
    found = [0.0] * jobs

    def arrive(number: int) -> None:
        def begin() -> None:
            found[number] = (kernel.now - at) / TICKS
            kernel.after(round(draw.expovariate(queue.service_rate) * TICKS), done)

        def done() -> None:
            slots.release(request)

        at = kernel.now
        # granted at once or later: by then `request` is there, since service takes time
        request = slots.request(begin)
        if number + 1 < jobs:
            gap = round(draw.expovariate(queue.arrival_rate) * TICKS)
            kernel.after(gap, arrive, number + 1)

    kernel.after(0, arrive, 0)
    kernel.run(until=round(10 * jobs / queue.arrival_rate * TICKS))
    return found


BATCHES = 20
STUDENT = 2.861
"""Student's t for 99 % and one degree of freedom fewer than there are batches."""


def interval(values: list[float]) -> tuple[float, float]:
    """Mean and half of its 99 % confidence interval, by batch means; the first tenth warms up."""
    kept = values[len(values) // 10 :]
    size = len(kept) // BATCHES
    means = [fmean(kept[number * size : (number + 1) * size]) for number in range(BATCHES)]
    return fmean(means), STUDENT * stdev(means) / sqrt(BATCHES)
