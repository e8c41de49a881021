"""The search: what it finds, how small, and that it finds the same everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.engine.simulate import simulate
from sim.model.interventions import Intervention, Rerun
from sim.scenario.load import load_config, load_scenario
from sim.scenario.schema import Config, Scenario
from sim.verify.coverage import Coverage
from sim.verify.crew import Crew
from sim.verify.draw import Deck
from sim.verify.hunt import verify
from sim.verify.library import search
from sim.verify.trial import Rig

NIGHTS = "2024-03-12..2024-03-13"
LATE = ("source_late",)
SOURCES = ("source_empty", "source_partial", "source_late")
"""What a config without a gate cannot stand."""
ROOT = Path(__file__).parents[3]


def twins(name: str = "config") -> tuple[Scenario, Config]:
    """The scenario zombie-twins with one of its configs."""
    scenario = load_scenario("zombie-twins")
    path = scenario.config_path if name == "config" else scenario.solutions[name]
    config = load_config(path.read_text(encoding="utf-8"), file=name, scenario=scenario)
    return scenario, config


def test_an_append_that_is_run_again_is_found() -> None:
    """Rows that stand twice after one rerun: the smallest plan has one trouble."""
    found = search("zombie-twins", nights=NIGHTS, without=LATE).finding

    assert found is not None
    assert found.violation.code == "truth.doubled"
    assert found.trial.troubles == (Rerun(at=1710214020000000, data_date="2024-03-11"),)
    assert (found.violation.params["rows"], found.violation.params["rows_true"]) == (10, 5)
    assert found.violation.inevitable == 1710214020000000
    assert found.violation.seen_by == "read"


def test_a_transaction_survives_what_hits_workers() -> None:
    """Without bad sources, one transaction a write survives 150 plans."""
    scenario, config = twins("one-transaction")
    report = verify(scenario, config, window=NIGHTS, plans=150, without=SOURCES)

    assert report.finding is None
    assert report.plans == 150
    assert {"source_empty": "left_out", "broker_off": "no_broker"}.items() <= (
        report.coverage.absent.items()
    )


def test_a_trial_is_a_simulation() -> None:
    """On a warehouse that is used again and again, each journal is that of a fresh one."""
    scenario, config = twins()
    with Rig(scenario, config, window=NIGHTS) as rig:
        deck = Deck(rig.points, Coverage.of(rig.points), seed=5)
        trials = [rig.trial(plan) for plan in deck.deal(24)]
    for trial in trials:
        assert trial is not None
        fresh = simulate(
            scenario,
            config,
            window=NIGHTS,
            faults=[one for one in trial.troubles if not isinstance(one, Intervention)],
            interventions=[one for one in trial.troubles if isinstance(one, Intervention)],
            until=trial.replay.end,
        )

        assert fresh.to_bytes() == trial.journal.to_bytes()


def test_a_crew_finds_what_one_finds() -> None:
    """Two processes give the answer of one: plan, number of the plan, coverage."""
    scenario, config = twins("one-transaction")
    alone = verify(scenario, config, window=NIGHTS, plans=40, seed=2)
    with Crew(scenario, config, window=NIGHTS, size=2) as crew:
        together = verify(scenario, config, window=NIGHTS, plans=40, seed=2, judge_batch=crew.judge)

    assert alone.finding is not None
    assert together.finding is not None
    assert alone.finding.trial.plan == together.finding.trial.plan
    assert (alone.plans, alone.coverage) == (together.plans, together.coverage)


@pytest.mark.parametrize("hash_seed", ["0", "77"])
def test_the_same_seed_gives_the_same_answer(hash_seed: str) -> None:
    """In another process, under another hash seed."""
    code = (
        "from sim.verify import search\n"
        f"found = search('zombie-twins', nights={NIGHTS!r}, seed=3).finding\n"
        "print(found.trial.troubles, found.found_after, found.trials)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
    )
    found = search("zombie-twins", nights=NIGHTS, seed=3).finding

    assert found is not None
    assert f"{found.trial.troubles} {found.found_after} {found.trials}\n" == done.stdout


def test_it_stops_when_it_is_told_to() -> None:
    """After a batch, with what was tried."""
    scenario, config = twins("one-transaction")
    report = verify(
        scenario,
        config,
        window=NIGHTS,
        without=SOURCES,
        stop=lambda: True,
    )

    assert (report.stopped, report.plans) == (True, 16)
