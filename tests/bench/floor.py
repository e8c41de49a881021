"""What the engine cannot go below as it is: its events and its facts alone, with no decision.

Run it by hand: `python -m tests.bench.floor`. One task instance of the engine's bench is about 1.3
events of the loop and 4.15 facts of the journal; this makes as many and nothing else.
"""

from __future__ import annotations

import gc
import time

from sim.kernel.loop import Kernel
from sim.model.facts import Entity, Fact

COUNT = 60_000
ROUNDS = 4


def floor_round() -> float:
    """Seconds for the events and facts of so many task instances."""
    kernel = Kernel(seed=0, start=0)
    entity = kernel.journal.entity(Entity.PIPELINE, "bench")
    add, after, fact = kernel.journal.add, kernel.after, int(Fact.TASK_STATE)
    loops = [0]

    def ended(number: int) -> None:
        now = kernel.now
        add(now, fact, entity, 1, number)
        add(now, fact, entity, 2, number)
        add(now, fact, entity, 3, number)
        add(now, fact, entity, 4, number)
        if number < COUNT:
            after(60, ended, number + 1)
        if number % 4 == 0:
            after(1, looped)

    def looped() -> None:
        loops[0] += 1

    after(0, ended, 0)
    gc.collect()
    began = time.process_time()
    kernel.run(until=COUNT * 61)
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    best = min(floor_round() for _ in range(ROUNDS))
    print(f"floor {best / COUNT * 1e6:.2f} us a task instance, {COUNT / best:,.0f}/s")


if __name__ == "__main__":
    main()
