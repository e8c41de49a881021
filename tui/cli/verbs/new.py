"""`orchsim new`: a scenario of one's own, from the commented template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.new import new_scenario
from tui.cli.diagnostics import ExitCode
from tui.cli.output import write

if TYPE_CHECKING:
    from tui.cli.commands import Call


def act(call: Call) -> int:
    """Make the folder and say what to do next."""
    folder = new_scenario(call["name"], parent=call["dir"] or ".")
    where = str(folder) if folder.is_absolute() or call["dir"] else f"./{folder}"
    say, paint = call.words.say, call.terminal.paint
    lines = [say("new.made", folder=where), say("new.next")]
    lines += [paint(f"  orchsim check {where}", "path"), paint(f"  orchsim play {where}", "path")]
    write("\n".join(lines) + "\n")
    return ExitCode.MET
