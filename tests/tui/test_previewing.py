"""The preview of a runbook in the app: its key, its sheet, and a config that has none."""

from __future__ import annotations

from pathlib import Path

from tests.tui.sitting import TINY_SOLVED, sitting

RUNBOOK = """
runbook:
  - type: backfill
    at: 2024-04-02T10:00Z
    pipeline: ventas
    from_date: 2024-03-20
    to_date: 2024-03-22
"""


async def test_the_sheet_says_what_the_runbook_would_do(tmp_path: Path) -> None:
    """B simulates off the screen, and the sheet names runs, cost and objectives; escape closes."""
    async with sitting(tmp_path, size=(100, 40)) as player:
        await player.type_over(TINY_SOLVED + RUNBOOK)
        await player.press("escape", "b")
        screen = await player.until(lambda: len(player.app.screen_stack) == 2)
        assert "backfill of ventas, 2024-03-20 to 2024-03-22" in screen
        assert "slot hours" in screen

        await player.press("escape")
        assert len(player.app.screen_stack) == 1


async def test_a_runbook_with_nothing_in_it(tmp_path: Path) -> None:
    """It is said, and nothing else is."""
    async with sitting(tmp_path) as player:
        await player.press("b")
        screen = await player.until(lambda: len(player.app.screen_stack) == 2)

        assert "The runbook has nothing for these nights." in screen


async def test_a_config_with_errors_has_no_preview(tmp_path: Path) -> None:
    """What cannot run cannot be looked at."""
    async with sitting(tmp_path) as player:
        await player.type_over("orchestrator: nonsense\n")
        await player.press("escape")

        assert "The config has errors" in await player.press("b")
