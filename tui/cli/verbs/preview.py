"""`orchsim preview`: what a config's runbook would bring about, before anybody does it.

stdout has the page, or one JSON object. A runbook without actions is no mistake: it is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import format_instant
from sim.scenario.actions import action_of
from sim.session.preview import preview
from tui.cli.diagnostics import ExitCode
from tui.cli.inputs import config_of, scenario_of
from tui.cli.output import write, write_json
from tui.cli.pages.layout import indented, table
from tui.draw.preview import sections

if TYPE_CHECKING:
    from sim.objectives.cost import Bill
    from sim.session.preview import PlannedAction, PlannedRun, Preview
    from tui.cli.commands import Call

FORMAT = 1
"""Version of what `--json` prints."""


def act(call: Call) -> int:
    """Print the preview."""
    scenario = scenario_of(call)
    config = config_of(call, scenario)
    made = preview(scenario, config, window=call["window"])
    if call["json"]:
        write_json(as_json(made))
        return ExitCode.MET
    words = call.words.in_zone(scenario.clock.timezone)
    parts = []
    for section in sections(made, words):
        lines = [call.terminal.paint(section.title, "bold")]
        lines += [indented(line) for line in section.lines]
        if section.cells:
            lines.append(indented(table(section.cells)))
        parts.append("\n".join(lines))
    parts.append(words.say("preview.simulated"))
    write("\n\n".join(parts) + "\n")
    return ExitCode.MET


def as_json(made: Preview) -> dict[str, Any]:
    """The documented object (docs/preview.md)."""
    return {
        "format": FORMAT,
        "window": made.window,
        "ends": _instant(made.ends),
        "actions": [_action(one) for one in made.actions],
        "outside": [msgspec.to_builtins(action_of(one)) for one in made.outside],
        "rewritten": [
            {
                "table": one.table,
                "data_date": one.data_date,
                "versions": one.versions,
                "gone": one.gone,
                "right": one.right,
            }
            for one in made.rewritten
        ],
        "moved": [
            {
                "pipeline": one.pipeline,
                "run_id": one.run_id,
                "without": _instant(one.before),
                "with": _instant(one.after),
            }
            for one in made.moved
        ],
        "longer": [
            {"reason": one.reason.value, "blocker": one.blocker, "seconds": one.span / 1_000_000}
            for one in made.longer
        ],
        "cost": {"without": _bill(made.cost[0]), "with": _bill(made.cost[1])},
        "objectives": [
            {"id": name, "met_without": before, "met_with": after}
            for name, before, after in made.objectives
        ],
    }


def _action(one: PlannedAction) -> dict[str, Any]:
    return {
        "action": msgspec.to_builtins(action_of(one.action)),
        "refused": one.refused,
        "ends": _instant(one.ends),
        "at_once": one.at_once,
        "left_alone": dict(one.left_alone),
        "runs": [_run(run) for run in one.runs],
    }


def _run(run: PlannedRun) -> dict[str, Any]:
    return {
        "pipeline": run.pipeline,
        "run_id": run.run_id,
        "logical_date": _instant(run.logical_date),
        "created": run.created,
        "started": _instant(run.started),
        "ended": _instant(run.ended),
        "state": run.state.word,
    }


def _bill(one: Bill) -> dict[str, float]:
    return {"slot_hours": one.slot_hours, "pages": one.pages, "cost": one.cost}


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)
