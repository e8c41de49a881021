"""`orchsim show`: one view of a scenario or of its night as text; everything that the app shows."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tui.cli.diagnostics import ExitCode
from tui.cli.inputs import scenario_of
from tui.cli.output import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario.schema import Scenario
    from tui.cli.commands import Call

PAGES = {
    "brief": "texts",
    "objectives": "texts",
    "config": "texts",
    "hints": "texts",
    "predictions": "texts",
    "debrief": "texts",
    "dag": "night",
    "gantt": "night",
    "log": "night",
    "data": "night",
    "alerts": "night",
    "diff": "night",
}
"""From each view to the module of `tui.cli.pages` that draws it, in a function of its name."""


def act(call: Call) -> int:
    """Print the view, the brief when none is named."""
    view = call["view"] or "brief"
    scenario = scenario_of(call)
    draw: Callable[[Call, Scenario], str]
    draw = getattr(import_module(f"tui.cli.pages.{PAGES[view]}"), view)
    write(draw(call, scenario).rstrip("\n") + "\n")
    return ExitCode.MET
