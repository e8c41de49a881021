"""M/M/c on the kernel's own slots beside SimPy, ciw and salabim: jobs a second and mean waits.

Run it by hand: `python tests/bench/queues.py`. ciw and salabim are measured where they are
installed. Erlang C says what the mean wait must be. It is a figure, not a test; the agreement of
our waits with theory is also `tests/unit/kernel/test_erlang.py`.
"""

from __future__ import annotations

import gc
import random
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import simpy
from mmc import Queue, interval, waits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

QUEUE = Queue(28, 1, 32)
JOBS = 60_000
ROUNDS = 3


def kernel_waits(seed: int) -> list[float]:
    """Our kernel."""
    return waits(QUEUE, jobs=JOBS, seed=seed)


def simpy_waits(seed: int) -> list[float]:
    """SimPy with a PriorityResource."""
    draw = random.Random(seed)  # noqa: S311 - a queue's arrivals guard nothing
    env = simpy.Environment()
    servers = simpy.PriorityResource(env, capacity=QUEUE.servers)
    found = [0.0] * JOBS

    def job(number: int) -> Generator[simpy.Event, object, None]:
        came = env.now
        with servers.request(priority=0) as request:
            yield request
            found[number] = env.now - came
            yield env.timeout(draw.expovariate(QUEUE.service_rate))

    def arrivals() -> Generator[simpy.Event, object, None]:
        for number in range(JOBS):
            env.process(job(number))
            yield env.timeout(draw.expovariate(QUEUE.arrival_rate))

    env.process(arrivals())
    env.run()
    return found


def ciw_waits(seed: int) -> list[float]:
    """It runs until so many customers are done."""
    import ciw  # noqa: PLC0415 - optional

    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=QUEUE.arrival_rate)],
        service_distributions=[ciw.dists.Exponential(rate=QUEUE.service_rate)],
        number_of_servers=[QUEUE.servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(JOBS, method="Finish")
    records = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    return [record.waiting_time for record in records]


def salabim_waits(seed: int) -> list[float]:
    """Its processes as generators, which need no greenlets."""
    import salabim  # noqa: PLC0415 - optional

    salabim.yieldless(False)  # noqa: FBT003 - its own signature
    env = salabim.Environment(random_seed=seed, trace=False, do_reset=True)
    servers = salabim.Resource("servers", capacity=QUEUE.servers, monitor=False)
    draw = random.Random(seed)  # noqa: S311 - a queue's arrivals guard nothing
    found = [0.0] * JOBS

    class Job(salabim.Component):  # type: ignore[misc]
        def process(self) -> Any:
            came = env.now()
            yield self.request(servers)
            found[self.number] = env.now() - came
            yield self.hold(draw.expovariate(QUEUE.service_rate))

    class Arrivals(salabim.Component):  # type: ignore[misc]
        def process(self) -> Any:
            for number in range(JOBS):
                job = Job(mode=None, suppress_trace=True)
                job.number = number
                yield self.hold(draw.expovariate(QUEUE.arrival_rate))

    Arrivals()
    env.run()
    return found


SYSTEMS: dict[str, tuple[Callable[[int], list[float]], str]] = {
    "orchsim's kernel": (kernel_waits, "sim"),
    "SimPy": (simpy_waits, "simpy"),
    "ciw": (ciw_waits, "ciw"),
    "salabim": (salabim_waits, "salabim"),
}


def main() -> None:
    """Measure and print."""
    gc.freeze()
    print(f"M/M/{QUEUE.servers} at load {QUEUE.arrival_rate / QUEUE.servers}, {JOBS:,} jobs")
    print(f"Erlang C           mean wait {QUEUE.mean_wait:.4f}")
    for name, (measured, module) in SYSTEMS.items():
        if find_spec(module) is None:
            print(f"{name:<18} is not installed")
            continue
        rate = 0.0
        for _ in range(ROUNDS):
            gc.collect()
            began = time.process_time()
            found = measured(1)
            rate = max(rate, len(found) / (time.process_time() - began))
        mean, half = interval(found)
        inside = "agrees" if abs(mean - QUEUE.mean_wait) <= half else "DIFFERS"
        print(f"{name:<18} mean wait {mean:.4f} ± {half:.4f} {inside:<8} {rate:>9,.0f} jobs/s")


if __name__ == "__main__":
    main()
