"""`orchsim list`: the scenarios there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.load import list_scenarios, load_scenario
from tui.cli.diagnostics import ExitCode
from tui.cli.output import write, write_json

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from tui.cli.commands import Call

FORMAT = 1
"""Version of what `--json` prints."""


def act(call: Call) -> int:
    """Print one scenario a line (with its summary below on a terminal), or one JSON object."""
    lang = call.settings.lang
    scenarios = [load_scenario(name, statements=False) for name in list_scenarios()]
    if call["json"]:
        write_json(
            {"format": FORMAT, "scenarios": [_record(scenario, lang) for scenario in scenarios]}
        )
    elif call.plain:
        write(
            "".join(
                "\t".join(map(str, _record(scenario, lang).values())) + "\n"
                for scenario in scenarios
            )
        )
    else:
        write("\n\n".join(_entry(scenario, call) for scenario in scenarios) + "\n")
    return ExitCode.MET


def _record(scenario: Scenario, lang: str) -> dict[str, object]:
    return {
        "id": scenario.id,
        "level": scenario.level,
        "minutes": scenario.minutes,
        "type": scenario.type,
        "title": scenario.title.get(lang),
        "summary": scenario.summary.get(lang),
    }


def _entry(scenario: Scenario, call: Call) -> str:
    say, paint, lang = call.words.say, call.terminal.paint, call.settings.lang
    facts = say("show.level", level=scenario.level, minutes=scenario.minutes, type=scenario.type)
    head = f"{paint(scenario.id, 'bold')}  {scenario.title.get(lang)}  {paint(facts, 'dim')}"
    command = paint(say("list.next", scenario=scenario.id), "path")
    return f"{head}\n  {scenario.summary.get(lang)}\n  {command}"
