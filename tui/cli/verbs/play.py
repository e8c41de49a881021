"""`orchsim play`: starts the app, or says why it cannot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.diagnostics import ExitCode, say
from tui.cli.inputs import scenario_of

if TYPE_CHECKING:
    from tui.cli.commands import Call


def act(call: Call) -> int:
    """Play a scenario; refused without a terminal on both ends, since nobody could leave it."""
    for name, stream in (("stdin", sys.stdin), ("stdout", sys.stdout)):
        if not stream.isatty():
            say(call.words.say("play.no_terminal", stream=name, scenario=call["scenario"]))
            return ExitCode.USAGE
    scenario_of(call)  # a name or file that is wrong is said here, before the screen is taken
    from tui.app.run import run_app  # noqa: PLC0415 - Textual is for who plays

    settings = call.settings
    return run_app(
        call["scenario"],
        lang=settings.lang,
        seed=call["seed"],
        ascii=not call.terminal.unicode,
        mouse=settings.mouse,
        reduced_motion=settings.reduced_motion,
        state_dir=Path(settings.state_dir),
        debug=call.debug,
        faults=call["faults"],
    )
