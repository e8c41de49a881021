"""Plans a second of a search, beside the bare cost of the SQL that they send.

Run by hand: `python tests/bench/verify.py`. One core, two nights of incident-revenue-zero under
its solution gate-and-retry: the plans that a search deals, without shrinking.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim.scenario.load import load_config, load_scenario
from sim.verify.coverage import Coverage, changes_in
from sim.verify.draw import Deck
from sim.verify.invariants.registry import first_violation
from sim.verify.trial import Rig
from sim.world.warehouse import warehouse, writes

NIGHTS = "2024-03-05..2024-03-06"
PLANS = 300


def main() -> None:
    """Print plans a second, and what a plan costs by parts."""
    scenario = load_scenario("incident-revenue-zero")
    path = scenario.solutions["gate-and-retry"]
    config = load_config(path.read_text(encoding="utf-8"), file=str(path), scenario=scenario)
    spent = {"sql": 0.0}
    for module in (warehouse, writes):
        module.bounded = _timed(module.bounded, spent)  # type: ignore[attr-defined]
    began = perf_counter()
    with Rig(scenario, config, window=NIGHTS) as rig:
        opened = perf_counter() - began
        plans = Deck(rig.points, Coverage.of(rig.points), seed=1).deal(PLANS)
        spent["sql"], began = 0.0, perf_counter()
        trials = [rig.trial(plan) for plan in plans]
        simulated, sql = perf_counter() - began, spent["sql"]
        began = perf_counter()
        for trial in trials:
            if trial is not None:
                first_violation(trial)
                changes_in(trial.journal)
        judged = perf_counter() - began
    each = 1_000 / len(plans)
    print(f"plans a second        {len(plans) / (simulated + judged):8.1f}")
    print(f"opening the rig, once {opened * 1_000:8.1f} ms")
    print(f"simulating a plan     {simulated * each:8.2f} ms")
    print(f"  of it bare SQL      {sql * each:8.2f} ms")
    print(f"judging a plan        {judged * each:8.2f} ms")


def _timed(bounded: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*words: Any) -> Any:
        began = perf_counter()
        try:
            return bounded(*words)
        finally:
            spent["sql"] += perf_counter() - began

    return timed


if __name__ == "__main__":
    main()
