"""`orchsim compare`: the same nights under several orchestrators or configs, side by side.

stdout has the tables, or one JSON object. Exit code 0: nothing differs; 1: something does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.session.compare.criteria import criteria
from sim.session.compare.differences import differences
from sim.session.compare.played import play
from sim.session.compare.sides import sides_of
from tui.cli.diagnostics import ExitCode
from tui.cli.inputs import scenario_of
from tui.cli.output import write, write_json
from tui.cli.pages.compare import Page
from tui.cli.pages.compare_json import as_json
from tui.cli.pages.criteria import criteria_json, criteria_table
from tui.cli.pages.ranking import check_ranking, ranked, ranking_json, ranking_table

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.session.compare.played import Played
    from tui.cli.commands import Call


def act(call: Call) -> int:
    """Print the comparison."""
    scenario = scenario_of(call)
    sides = played_sides(call, scenario)
    found = differences(sides)
    ranks = call["weights"] is not None or call["ranking"] is not None
    names = [one.side.name for one in sides]
    check_ranking(call, names)
    asked = [criteria(scenario, one) for one in sides] if call["criteria"] or ranks else []
    ranking = ranked(call, names, asked)
    if call["json"]:
        told = as_json(scenario, sides, found, call.words)
        write_json(told | criteria_json(asked) | ranking_json(ranking))
    else:
        words = call.words.in_zone(scenario.clock.timezone)
        page = Page(call, words, scenario, sides)
        tables = (criteria_table(call, words, sides, asked), ranking_table(call, words, ranking))
        write(page.whole(found, "\n\n".join(filter(None, tables))))
    return ExitCode.MISSED if found else ExitCode.MET


def played_sides(call: Call, scenario: Scenario) -> tuple[Played, ...]:
    """The sides that the command line asks for, played."""
    names = [name.strip() for name in (call["with"] or "").split(",") if name.strip()]
    files = [Path(name) for name in call["configs"] or ()]
    missing = next((path for path in files if not path.is_file()), None)
    if missing is not None:
        message = f"{missing} cannot be read: there is no such file"
        raise UsageError(message, "configs are files; names of orchestrators go to --with")
    return play(scenario, sides_of(scenario, names=names, files=files), window=call["nights"])
