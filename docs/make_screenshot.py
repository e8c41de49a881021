"""Draws docs/play.svg: the flagship's night in the real app, at the instant of the VP's read.

    .venv/bin/python docs/make_screenshot.py

Nothing on the picture is typed in; run it again when the app or the scenario changes.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from tui.app.app import OrchsimApp
from tui.app.options import Options

PICTURE = Path(__file__).parent / "play.svg"
SIZE = (110, 30)
POLLS_MAX = 3000
KEYS = ("2", "]", "]", "]", "]", "]")
"""To the night, and on to the marker at which she is shown the figure."""


async def draw() -> str:
    """The SVG of the screen."""
    with tempfile.TemporaryDirectory() as folder:
        options = Options(
            scenario="incident-revenue-zero", state_dir=Path(folder), reduced_motion=True
        )
        app = OrchsimApp(options)
        async with app.run_test(size=SIZE) as pilot:
            for _ in range(POLLS_MAX):
                if app.snapshot is not None:
                    break
                await pilot.pause(0.01)
            await pilot.press(*KEYS)
            await pilot.pause()
            return app.export_screenshot(title="orchsim play incident-revenue-zero")


def main() -> None:
    """Write the picture."""
    svg = asyncio.run(draw())
    # Textual names its CSS classes after a random number; a fixed one keeps the file the same.
    svg = re.sub(r"terminal-\d+", "terminal-orchsim", svg)
    # Fonts come from the reader's machine: a picture in a README loads nothing from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    PICTURE.write_text(svg, encoding="utf-8")
    sys.stdout.write(f"{PICTURE}: {len(svg)} bytes\n")


if __name__ == "__main__":
    main()
