"""Same inputs, same journal, byte for byte: in other processes and under other hash seeds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from sim.scenario.content import list_scenarios
from tests.scenarios.long import marked

CODE = "import sys; from tui.cli.main import main; sys.exit(main(sys.argv[1:]))"


@cache
def judged(scenario: str, *flags: str, hash_seed: int) -> tuple[dict[str, object], str]:
    """The verdict of `orchsim run --json` in a process of its own, as an object and as text."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, "run", scenario, "--json", *flags],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
    )
    return json.loads(done.stdout), done.stdout


@pytest.mark.parametrize("scenario", marked(list_scenarios()))
def test_a_verdict_is_the_same_in_another_process(scenario: str) -> None:
    """Two processes with two hash seeds print the same bytes, digest included."""
    first, first_text = judged(scenario, hash_seed=1)
    second, second_text = judged(scenario, hash_seed=2)

    assert first["digest"] == second["digest"]
    assert first_text == second_text


def test_another_seed_is_another_world() -> None:
    """A digest depends on the seed: it is not the digest of nothing."""
    first, _ = judged("incident-revenue-zero", hash_seed=1)
    second, _ = judged("incident-revenue-zero", "--seed", "2", hash_seed=1)

    assert first["digest"] != second["digest"]
