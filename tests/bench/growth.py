"""How cost grows: ten times the tasks, a quiet year, and a million task instances in one run.

Run it by hand: `python -m tests.bench.growth`. Each figure is taken in a process of its own, so
that memory is that of one simulation. `tests/unit/airflow/test_growth.py` holds the same growth in
counts; these are seconds and bytes.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import time

import msgspec

from sim.kernel.calendar import DAY, SECOND, parse_instant
from sim.kernel.loop import Kernel
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.platform.contract import Platform
from tests.bench.engine import FixedWork

WORLDS = {
    "a quiet year of one daily DAG": (1, 1, 365),
    "6,000 task instances": (100, 20, 3),
    "60,000": (100, 20, 30),
    "1,000,000": (100, 20, 500),
}
"""DAGs, tasks of each, days."""
KILO = 1024
REPEATS_BELOW = 100_000


def measure(dags: int, tasks: int, days: int) -> tuple[float, int, int]:
    """(seconds, task instances that ended, events) of one simulation."""
    start = parse_instant("2024-01-01")
    kernel = Kernel(seed=0, start=start)
    work = FixedWork(kernel, 60 * SECOND)
    end = start + days * DAY
    platform = Platform(kernel=kernel, workshop=work, announcer=work, timezone="UTC", end=end)
    graph = {f"t{n:02}": {"upstream": [f"t{n - 5:02}"] if n >= 5 else []} for n in range(tasks)}
    section = {
        "version": 3,
        "dags": {
            f"dag{n:03}": {
                "schedule": f"{n % 60} {n % 24} * * *",
                "start_date": "2023-12-01",
                "tasks": graph,
            }
            for n in range(dags)
        },
    }
    gc.collect()
    began = time.process_time()
    airflow = Airflow(msgspec.convert(section, AirflowConfig), platform)
    airflow.start()
    kernel.run(until=end)
    spent = time.process_time() - began
    ended = sum(len(run.tis) for dag in airflow.metadata.dags.values() for run in dag.runs)
    return spent, ended, kernel.events


def main() -> None:
    """Measure each world in its own process and print."""
    if len(sys.argv) > 1:
        world = WORLDS[sys.argv[1]]
        rounds = 3 if world[0] * world[1] * world[2] < REPEATS_BELOW else 1
        best = min(measure(*world) for _ in range(rounds))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KILO
        print(*best, peak)
        return
    for name in WORLDS:
        command = [sys.executable, "-m", "tests.bench.growth", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        spent, ended, events, peak = done.stdout.split()
        each = float(spent) / int(ended) * 1e6
        print(
            f"{name:<30} {int(ended):>9,} ended {float(spent) * 1e3:>10,.1f} ms "
            f"{each:>7.1f} us each {int(events):>9,} events {int(peak):>6,} MiB at most"
        )


if __name__ == "__main__":
    main()
