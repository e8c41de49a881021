"""Starting the app, or refusing politely."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def run_app(
    scenario: str,
    *,
    state_dir: Path,
    lang: str = "en",
    seed: int | None = None,
    ascii: bool = False,  # noqa: A002 - the word of the flag
    mouse: bool = True,
    reduced_motion: bool = False,
    debug: bool = False,
    faults: str | None = None,
) -> int:
    """Play a scenario until the player leaves; the process's exit code.

    Needs a terminal on both ends: without one it says so and returns 2.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(f"play needs a terminal. Try: orchsim run {scenario} --plain\n")
        return 2
    from tui.app.app import OrchsimApp  # noqa: PLC0415 - Textual only when there is a terminal
    from tui.app.options import Options  # noqa: PLC0415 - as above

    options = Options(
        scenario=scenario,
        state_dir=state_dir,
        lang=lang,
        seed=seed,
        ascii=ascii,
        reduced_motion=reduced_motion,
        theme="" if os.environ.get("COLORTERM") else "ansi-dark",
        debug=debug,
        faults=faults,
    )
    return OrchsimApp(options).run(mouse=mouse) or 0
