"""What reading files brings into the process: no more than is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("call", "loaded"),
    [
        ("load_scenario('incident-revenue-zero', statements=False)", []),
        ("load_scenario('incident-revenue-zero')", ["duckdb"]),
    ],
)
def test_a_scenario_is_read_without_the_warehouse_when_asked(call: str, loaded: list[str]) -> None:
    """Listing scenarios loads no database, no template engine and no simulation."""
    heavy = ("duckdb", "jinja2", "simpy")
    code = f"""
import sys
from sim.scenario.load import load_scenario
{call}
print(*[name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded == done.stdout.split()


def test_only_the_orchestrator_that_is_named_is_loaded() -> None:
    """Checking a cron config does not load Airflow."""
    code = """
import sys
from sim.scenario.load import check_config, load_scenario
scenario = load_scenario("incident-revenue-zero")
check_config(scenario.config_text, scenario=scenario)
print(*sorted(name for name in sys.modules if name.startswith("sim.orchestrators.airflow")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert [] == done.stdout.split()
