"""Golden digests: a journal changes when somebody meant it to, on every machine alike.

That a whole verdict is the same under two hash seeds holds in tests/hygiene/test_determinism.py.
"""

from __future__ import annotations

import json

import pytest

from sim.scenario.load import list_scenarios
from tests.scenarios.long import marked
from tests.scenarios.renew_digests import GOLDEN, digests

RENEW = ".venv/bin/python -m tests.scenarios.renew_digests"
KEPT: dict[str, str] = json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("scenario", marked(list_scenarios()))
def test_journals_are_those_that_were_kept(scenario: str) -> None:
    """The config as found and each solution, byte for byte; `RENEW` keeps what was meant."""
    kept = {key: digest for key, digest in KEPT.items() if key.startswith(f"{scenario} ")}

    assert kept == digests(scenario), f"journals changed; if that was meant: {RENEW}"


def test_every_scenario_is_kept() -> None:
    """And none that is gone."""
    assert set(list_scenarios()) == {key.partition(" ")[0] for key in KEPT}
