"""The engine's own rate with 20,000 task instances waiting, beside its rate with none.

Run it by hand: `python -m tests.bench.backlog`. Regular work arrives every minute; behind it waits
nothing, or a flood that the executor has no slots for, or a flood in a pool that is full. SimPy's
`PriorityResource` with the same number waiting is measured in the same run. Figures, not a test.
"""

from __future__ import annotations

import gc
import random
import time
from typing import TYPE_CHECKING, Any

import msgspec
import simpy

from sim.kernel.calendar import MINUTE, SECOND, parse_instant
from sim.kernel.loop import Kernel
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.platform.contract import Platform
from tests.bench.engine import FixedWork

if TYPE_CHECKING:
    from collections.abc import Generator

BACKLOG = 20_000
MINUTES, A_MINUTE = 2_200, 27
"""Regular work: so many runs, one a minute, of so many task instances of a minute each. The
executor has room for about 29 a minute, so that the flood behind hardly gets anywhere."""
FLOOD_DAGS = 20
ROUNDS = 3


def engine_round(flood: str) -> tuple[float, int]:
    """(task instances a second, how many wait at the end); `flood`: none, executor or pool."""
    start = parse_instant("2024-01-01")
    kernel = Kernel(seed=0, start=start)
    work = FixedWork(kernel, 60 * SECOND)
    end = start + MINUTES * MINUTE
    platform = Platform(kernel=kernel, workshop=work, announcer=work, timezone="UTC", end=end)
    airflow = Airflow(msgspec.convert(config_with(flood), AirflowConfig), platform, cold=True)
    airflow.start()
    kernel.run(until=start + MINUTE)  # the flood is there before the clock starts
    waited = airflow.metadata.scheduled
    gc.collect()
    began = time.process_time()
    kernel.run(until=end)
    spent = time.process_time() - began
    left = airflow.metadata.scheduled
    return ((MINUTES - 1) * A_MINUTE + waited - left) / spent, (waited + left) // 2


def config_with(flood: str) -> dict[str, Any]:
    """The deployment with its flood: none, executor or pool."""

    def dag(count: int, schedule: str, **task: Any) -> dict[str, Any]:
        tasks = {f"t{number:04}": task for number in range(count)}
        limits = {"max_active_tasks": count, "max_active_runs": MINUTES}
        return {"schedule": schedule, "start_date": "2024-01-01", "tasks": tasks, **limits}

    dags = {"regular": dag(A_MINUTE, "* * * * *", priority_weight=10)}
    if flood != "none":
        pool = {"pool": "narrow"} if flood == "pool" else {}
        many = (BACKLOG + (2_000 if flood == "executor" else 0)) // FLOOD_DAGS
        dags |= {f"flood{n:02}": dag(many, "@once", **pool) for n in range(FLOOD_DAGS)}
    return {"version": 3, "pools": {"narrow": {"slots": 1}}, "dags": dags}


def simpy_round(backlog: int) -> float:
    """Jobs a second of a bare loop over a PriorityResource behind which `backlog` jobs wait."""
    draw = random.Random(0)  # noqa: S311 - a queue's arrivals guard nothing
    env = simpy.Environment()
    servers = simpy.PriorityResource(env, capacity=32)
    jobs = 4_000

    def job(priority: int) -> Generator[simpy.Event, object, None]:
        with servers.request(priority=priority) as request:
            yield request
            yield env.timeout(draw.expovariate(1.0))

    def arrivals() -> Generator[simpy.Event, object, None]:
        for _ in range(jobs):
            yield env.timeout(draw.expovariate(28.0))
            env.process(job(0))

    for _ in range(backlog):
        env.process(job(1))
    env.process(arrivals())
    began = time.process_time()
    env.run(until=jobs / 28.0)
    return jobs / (time.process_time() - began)


def main() -> None:
    """Measure and print."""
    gc.freeze()
    rates = {flood: max(engine_round(flood) for _ in range(ROUNDS)) for flood in FLOODS}
    bare = rates["none"][0]
    for flood, (rate, waiting) in rates.items():
        print(f"engine, {FLOODS[flood]:<24} {waiting:>7,} wait {rate:>9,.0f}/s {rate / bare:6.2f}")
    alone = 0.0
    for backlog in (0, BACKLOG):
        rate = simpy_round(backlog)
        alone = alone or rate
        name = "SimPy, PriorityResource"
        print(f"{name:<32} {backlog:>7,} wait {rate:>9,.0f}/s {rate / alone:6.2f}")


FLOODS = {"none": "no backlog", "executor": "behind a full executor", "pool": "in a full pool"}

if __name__ == "__main__":
    main()
