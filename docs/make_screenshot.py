"""Make docs/play.svg, the README's screenshot, from the running app: `make screenshot`."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tui.app.app import OrchsimApp
from tui.app.options import Options

SIZE = (120, 30)
KEYS = ("2", "]", "]", "]", "]")
"""To the night, and on to the moment at which the VP looks."""
_PATIENCE = 200


async def screenshot() -> str:
    """The SVG of the night, at the marker of the wrong read."""
    with tempfile.TemporaryDirectory() as folder:
        options = Options(scenario="incident-revenue-zero", state_dir=Path(folder))
        app = OrchsimApp(options)
        async with app.run_test(size=SIZE) as pilot:
            for _ in range(_PATIENCE):
                await pilot.pause(0.05)
                if app.snapshot is not None:
                    break
            await pilot.press(*KEYS)
            await pilot.pause(0.2)
            return app.export_screenshot(title="orchsim play incident-revenue-zero")


if __name__ == "__main__":
    place = Path(__file__).with_name("play.svg")
    place.write_text(asyncio.run(screenshot()), encoding="utf-8")
    print(f"wrote {place.name}")
