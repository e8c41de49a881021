"""A game that a test sits down to: the app on a scenario, its screen as text, waiting for work.

Most tests play the template's tiny scenario, which loads, replays and is judged in under a second.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.events import Paste

from tui.app.app import OrchsimApp
from tui.app.options import Options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TINY = str(SCENARIOS / "_template")
TINY_SOLVED = (SCENARIOS / "_template" / "solutions" / "patient-retries.yaml").read_text("utf-8")
FLAGSHIP = "incident-revenue-zero"
_POLLS_MAX = 3000


@dataclass(frozen=True)
class Sitting:
    """The app and the hands on its keys."""

    app: OrchsimApp
    pilot: Pilot[int]

    @property
    def screen(self) -> str:
        """What the terminal shows, a line a row, without trailing blanks."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def press(self, *keys: str) -> str:
        """Press keys one after another; the screen after the last one."""
        await self.pilot.press(*keys)
        await self.pilot.pause()
        return self.screen

    async def until(self, holds: Callable[[], Any]) -> str:
        """Wait for work in threads; the screen once `holds()` is true."""
        for _ in range(_POLLS_MAX):
            if holds():
                await self.pilot.pause()
                return self.screen
            await self.pilot.pause(0.01)
        raise AssertionError(self.screen)

    async def type_over(self, text: str) -> None:
        """Replace the config in the editor by keys and a paste; the editor keeps the keys."""
        await self.press("3", "i", "f7")
        self.app.post_message(Paste(text))
        await self.pilot.pause()


@asynccontextmanager
async def sitting(
    folder: Path, *, scenario: str = TINY, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[Sitting]:
    """The app once its first night is simulated; `folder` keeps the saved game."""
    app = OrchsimApp(Options(scenario=scenario, state_dir=folder, **options))
    async with app.run_test(size=size) as pilot:
        player = Sitting(app, pilot)
        await player.until(lambda: app.snapshot is not None)
        yield player
