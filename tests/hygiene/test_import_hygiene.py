"""What is loaded when the program really runs: the second guard beside the import contracts."""

from __future__ import annotations

import subprocess
import sys

import pytest

TERMINAL = {"click", "rich", "textual"}
HEAVY = {"hypothesis", "networkx", "pytest"}
THIRD_PARTY = TERMINAL | HEAVY | {"duckdb", "jinja2", "msgspec", "simpy", "tree_sitter", "yaml"}


def loaded_by(code: str) -> set[str]:
    """The top-level names in `sys.modules` of a fresh process after the code has run."""
    tail = "\nimport sys\nsys.stderr.write('\\n'.join({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code + tail], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def command(*words: str) -> str:
    """Code that runs `orchsim` with the words, and lives on after it."""
    return f"""
import sys
sys.argv = ["orchsim", *{words!r}]
from tui.cli.main import main
try:
    main()
except SystemExit:
    pass
"""


@pytest.mark.parametrize(
    "module",
    [
        "sim.engine.simulate",
        "sim.objectives",
        "sim.orchestrators.airflow",
        "sim.orchestrators.cron",
        "sim.scenario.load",
        "sim.session",
        "sim.views",
    ],
)
def test_the_library_loads_no_terminal(module: str) -> None:
    """Importing a room of `sim` brings in no terminal, no test tool and no graph library."""
    loaded = loaded_by(f"import {module}")

    assert set() == (TERMINAL | HEAVY) & loaded


@pytest.mark.parametrize("words", [["--help"], ["--version"], []])
def test_help_loads_nothing(words: list[str]) -> None:
    """`orchsim --help`, `--version` and the bare command load no third-party package at all."""
    loaded = loaded_by(command(*words))

    assert set() == THIRD_PARTY & loaded


def test_list_loads_no_engine() -> None:
    """`orchsim list` reads scenario files without SimPy, DuckDB or the app."""
    loaded = loaded_by(command("list"))

    assert set() == {"duckdb", "simpy", "textual", "networkx", "hypothesis"} & loaded


def test_run_loads_no_app() -> None:
    """`orchsim run` judges a scenario without Textual, networkx or Hypothesis."""
    loaded = loaded_by(command("run", "incident-revenue-zero", "--json"))

    assert {"duckdb", "simpy"} <= loaded
    assert set() == {"textual", "networkx", "hypothesis"} & loaded
