"""The verifier is verified: planted mistakes are found and shrunk, correct pipelines pass."""

from __future__ import annotations

import pytest

from sim.verify.hunt import verify
from tests.quality.planted import BUGS, CORRECT, NIGHTS, pipeline, shop

PLANS = 300
SEEDS = range(1, 6)
TROUBLES_MOST = 3
TRIALS_MOST = 600
"""About 10 s on a slow core: shrinking is bounded by trials, as a clock on CI lies."""


def found(name: str, seed: int) -> tuple[str, int]:
    """The code of what was found in a planted bug, and how many troubles it takes; none: -1."""
    report = verify(shop(), pipeline(BUGS[name]), window=NIGHTS, plans=PLANS, seed=seed)
    if report.finding is None:
        return "", -1
    assert report.finding.trials <= TRIALS_MOST
    return report.finding.violation.code, len(report.finding.trial.troubles)


def test_there_are_enough_of_both() -> None:
    """At least twenty mistakes and ten correct pipelines."""
    assert (len(BUGS) >= 20, len(CORRECT) >= 10) == (True, True)


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    """Within 300 plans of the first seed, in at most three troubles."""
    code, troubles = found(name, seed=1)

    assert code
    assert troubles <= TROUBLES_MOST


@pytest.mark.slow
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found_under_every_seed(name: str) -> None:
    """The same for each of five seeds."""
    results = {seed: found(name, seed) for seed in SEEDS}

    assert {} == {
        seed: result for seed, result in results.items() if not 0 <= result[1] <= TROUBLES_MOST
    }


@pytest.mark.parametrize("name", CORRECT)
def test_a_correct_pipeline_passes(name: str) -> None:
    """Forty plans without a false alarm."""
    report = verify(shop(), pipeline(CORRECT[name]), window=NIGHTS, plans=40)

    assert report.finding is None


@pytest.mark.slow
@pytest.mark.parametrize("name", CORRECT)
def test_a_correct_pipeline_passes_a_thousand_plans(name: str) -> None:
    """No false alarm in 1,000 plans."""
    report = verify(shop(), pipeline(CORRECT[name]), window=NIGHTS, plans=1_000)

    assert report.finding is None
    assert report.plans == 1_000
