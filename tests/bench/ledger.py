"""The wait ledger of large nights, beside the simulation of the same nights.

Run it by hand: `python -m tests.bench.ledger`. Figures, not a test.
"""

from __future__ import annotations

import gc
import time

import msgspec

from sim.kernel.calendar import MINUTE, SECOND, parse_instant
from sim.kernel.loop import Kernel
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.platform.contract import Platform
from sim.views.ledger.airflow import AirflowLedger
from tests.bench.backlog import FLOODS, MINUTES, config_with
from tests.bench.engine import FixedWork


def measured(flood: str) -> tuple[int, float, float]:
    """Task instances, seconds of the simulation, seconds of every wait of all of them."""
    start = parse_instant("2024-01-01")
    kernel = Kernel(seed=0, start=start)
    work = FixedWork(kernel, 60 * SECOND)
    end = start + MINUTES * MINUTE
    platform = Platform(kernel=kernel, workshop=work, announcer=work, timezone="UTC", end=end)
    config = msgspec.convert(config_with(flood), AirflowConfig)
    began = time.process_time()
    Airflow(config, platform, cold=True).start()
    kernel.run(until=end)
    simulated = time.process_time() - began
    began = time.process_time()
    ledger = AirflowLedger(kernel.journal, config, now=end)
    for entity in ledger.story.tasks:
        ledger.waits(entity)
    return len(ledger.story.tasks), simulated, time.process_time() - began


def main() -> None:
    """Measure and print."""
    gc.freeze()
    for flood, name in FLOODS.items():
        count, simulated, told = measured(flood)
        ratio = told / simulated
        print(
            f"{name:<24} {count:>7,}  simulated {simulated:5.2f} s  "
            f"ledger {told:5.2f} s {ratio:5.2f}"
        )


if __name__ == "__main__":
    main()
