"""`play`: what the app is started with."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tui.cli.diagnostics import ExitCode
from tui.cli.main import main

FLAGSHIP = "incident-revenue-zero"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A terminal on both ends, and what the app was started with."""
    calls: list[dict[str, Any]] = []

    def run_app(scenario: str, **options: Any) -> int:
        calls.append({"scenario": scenario, **options})
        return 0

    monkeypatch.setitem(sys.modules, "tui.app.run", SimpleNamespace(run_app=run_app))
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    return calls


def test_flags_reach_the_app(started: list[dict[str, Any]]) -> None:
    """Language, seed, glyphs, mouse and motion are those of the command line."""
    flags = ["--lang", "es", "--seed", "7", "--ascii", "--no-mouse", "--reduced-motion"]
    code = main(["play", FLAGSHIP, *flags])

    wanted = {"lang": "es", "seed": 7, "ascii": True, "mouse": False, "reduced_motion": True}
    assert code == ExitCode.MET
    assert wanted.items() <= started[0].items()


def test_a_scenario_that_is_not_there_never_starts_it(started: list[dict[str, Any]]) -> None:
    """The mistake is told before the screen is taken."""
    assert main(["play", "incident-revenue-zeero"]) == ExitCode.USAGE
    assert started == []
