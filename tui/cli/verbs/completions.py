"""`orchsim completions`: the script that teaches a shell to complete orchsim's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from tui.cli.diagnostics import ExitCode
from tui.cli.grammar import PROGRAM
from tui.cli.output import write

if TYPE_CHECKING:
    from tui.cli.commands import Call


def act(call: Call) -> int:
    """Print the script; `eval` or `source` it, or keep it where the shell looks."""
    completion_class = get_completion_class(call["shell"])
    assert completion_class is not None, "the grammar lists the shells that click knows"
    completion = completion_class(
        click.Command(PROGRAM), {}, PROGRAM, f"_{PROGRAM.upper()}_COMPLETE"
    )
    # Not `source()`: for bash it starts a bash to ask its version, and there may be none here.
    write(completion.source_template % completion.source_vars() + "\n")
    return ExitCode.MET
