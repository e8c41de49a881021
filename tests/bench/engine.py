"""Task instances a second of the Airflow engine against jobs a second of a bare SimPy M/M/c loop.

Run it by hand: `python tests/bench/engine.py`. Both are measured in one process, one after the
other and several times, in seconds of processor time, and the best of each counts; neither pays
for clearing away what the other left. It is a figure, not a test.
"""

from __future__ import annotations

import gc
import random
import time
from typing import TYPE_CHECKING

import msgspec
import simpy

from sim.kernel.calendar import DAY, SECOND, parse_instant
from sim.kernel.loop import Kernel
from sim.model.work import SUCCESS, Attempt, Outcome
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.platform.contract import Platform

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

DAGS, TASKS, DAYS = 100, 20, 30
JOBS = DAGS * TASKS * DAYS
ROUNDS = 4


class FixedWork:
    """Each try takes the same time and succeeds; nothing can kill it."""

    def __init__(self, kernel: Kernel, span_us: int) -> None:
        self._kernel = kernel
        self._span_us = span_us

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> FixedWork:
        """Start a try."""
        self._kernel.after(self._span_us, on_end, SUCCESS)
        return self

    def kill(self, reason: str) -> None:
        """Never called here."""

    def send(self, alert: str, attempt: Attempt, *, cause: int) -> None:
        """Never called here."""


def engine_round() -> tuple[int, float, int]:
    """(task instances, seconds, bytes of journal) of one simulation."""
    start = parse_instant("2024-01-01")
    kernel = Kernel(seed=0, start=start)
    work = FixedWork(kernel, 60 * SECOND)
    end = start + DAYS * DAY
    platform = Platform(kernel=kernel, workshop=work, announcer=work, timezone="UTC", end=end)
    config = msgspec.convert(engine_config(), AirflowConfig)
    gc.collect()
    began = time.process_time()
    Airflow(config, platform).start()
    kernel.run(until=end)
    spent = time.process_time() - began
    journal = kernel.journal
    return DAGS * TASKS * DAYS, spent, journal.size_bytes


def engine_config() -> dict[str, object]:
    """100 daily DAGs of 20 tasks, five wide and four deep, spread over the day."""
    tasks = {
        f"t{number:02}": {"upstream": [f"t{number - 5:02}"] if number >= 5 else []}
        for number in range(TASKS)
    }
    return {
        "version": 3,
        "dags": {
            f"dag{number:03}": {
                "schedule": f"{number % 60} {number % 24} * * *",
                "start_date": "2023-12-01",
                "tasks": tasks,
            }
            for number in range(DAGS)
        },
    }


def simpy_round() -> tuple[int, float]:
    """(jobs, seconds) of a bare M/M/c queue with a PriorityResource."""
    draw = random.Random(0)  # noqa: S311 - a queue's arrivals guard nothing
    env = simpy.Environment()
    servers = simpy.PriorityResource(env, capacity=32)

    def job() -> Generator[simpy.Event, object, None]:
        with servers.request(priority=0) as request:
            yield request
            yield env.timeout(draw.expovariate(1.0))

    def arrivals() -> Generator[simpy.Event, object, None]:
        for _ in range(JOBS):
            yield env.timeout(draw.expovariate(28.0))
            env.process(job())

    env.process(arrivals())
    gc.collect()
    began = time.process_time()
    env.run()
    return JOBS, time.process_time() - began


def main() -> None:
    """Measure and print."""
    gc.freeze()
    engine, bare, size = 0.0, 0.0, 0
    for _ in range(ROUNDS):
        count, spent = simpy_round()
        bare = max(bare, count / spent)
        count, spent, size = engine_round()
        engine = max(engine, count / spent)
        size //= count
    print(f"engine  {engine:>10,.0f} task instances/s")
    print(f"SimPy   {bare:>10,.0f} jobs/s")
    print(f"ratio   {engine / bare:>10.2f}")
    print(f"journal {size:>10} bytes/task instance")


if __name__ == "__main__":
    main()
