"""Golden digests: a journal changes when somebody meant it to, on every machine alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.scenarios.renew_digests import GOLDEN, digests

ROOT = Path(__file__).parents[2]
RENEW = ".venv/bin/python -m tests.scenarios.renew_digests"
VERDICT = """
from sim.scenario.load import load_config_file, load_scenario
from sim.session.verdict import judge
scenario = load_scenario("incident-revenue-zero")
print(judge(scenario, load_config_file(scenario.config_path, scenario=scenario)).digest)
"""


def test_journals_are_those_that_were_kept() -> None:
    """Every shipped config, byte for byte. A change that was meant is renewed by `RENEW`."""
    kept = json.loads(GOLDEN.read_text(encoding="utf-8"))

    assert kept == digests(), f"journals changed; if that was meant: {RENEW}"


def test_a_verdict_is_the_same_under_another_hash_seed() -> None:
    """Two processes with two hash seeds judge all windows and seeds to one digest."""
    told = [
        subprocess.run(
            [sys.executable, "-c", VERDICT],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in (1, 4242)
    ]

    assert told[0] == told[1]
    assert len(told[0].strip()) == 64
