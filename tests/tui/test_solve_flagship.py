"""The whole flagship, solved by keys alone in a terminal of 80x24."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.sitting import FLAGSHIP, SCENARIOS, sitting

SOLUTION = SCENARIOS / FLAGSHIP / "solutions" / "gate-and-retry.yaml"


@pytest.mark.slow
async def test_from_the_briefing_to_the_debrief(tmp_path: Path) -> None:
    """Briefing, night, markers, another config, replay, verdict, debrief: every step by a key."""
    async with sitting(tmp_path, scenario=FLAGSHIP, size=(80, 24)) as player:
        app = player.app

        assert "You are on call." in player.screen

        await player.press("enter")
        screen = await player.press("]", "]", "]")

        assert "✗ dw.daily_metrics 2024-03-13 revenue = 0 (truth 639,138.52)" in screen

        await player.type_over(SOLUTION.read_text("utf-8"))
        screen = await player.press("ctrl+r")

        assert "Before you replay: what do you expect?" in screen

        await player.press("c", "escape", "escape")
        screen = await player.until(lambda: app.verdict)

        assert "All objectives met." in screen

        await player.press("2", "d")

        assert "This attempt (+) against the one before (-)" in player.screen

        await player.press("6")
        screen = await player.until(lambda: app.debrief)

        assert "Your predictions" in screen
        assert app.session.saved.solved
        assert app.session.saved.debriefed
