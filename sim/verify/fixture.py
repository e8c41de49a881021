"""A pytest fixture for teams: `pytest_plugins = ["sim.verify.fixture"]` in their conftest.py.

Not loaded by anything else; the only importer of pytest. `holds_invariants` searches a scenario and
fails the test with the fault file of what it found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sim.scenario.faults_file import faults_text
from sim.verify.library import search

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def holds_invariants() -> Callable[..., None]:
    """A function that takes what `sim.verify.search` takes, and fails when it finds anything."""

    def check(scenario: str, **options: object) -> None:
        report = search(scenario, **options)  # type: ignore[arg-type]
        found = report.finding
        if found is None:
            return
        text = faults_text(
            found.trial.troubles,
            scenario=report.scenario,
            window=report.window,
            breaks=found.violation.code,
        )
        pytest.fail(f"{found.violation.code} {dict(found.violation.params)}\n{text}")

    return check
