"""Side by side in the app: its key, one cursor over every Gantt, wide and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.sitting import FLAGSHIP, Sitting, sitting
from tui.app.app import OrchsimApp
from tui.app.comparing import SideBySide
from tui.app.options import Options


def sheet(player: Sitting) -> SideBySide:
    """The sheet on top."""
    top = player.app.screen
    assert isinstance(top, SideBySide)
    return top


async def opened(player: Sitting) -> str:
    """The screen once the sides were played."""
    await player.press("2", "c")
    return await player.until(lambda: isinstance(player.app.screen, SideBySide))


async def test_every_side_is_shown_under_one_cursor(tmp_path: Path) -> None:
    """Yours and the other five; the cursor is in the same column on each."""
    async with sitting(tmp_path, scenario=FLAGSHIP, size=(120, 40)) as player:
        screen = await opened(player)
        lines = screen.splitlines()
        columns = {line.index("▼") for line in lines if "▼" in line}

        assert "yours: cron (Debian 3.0pl1)" in screen
        assert "airflow2: Airflow 2.11.2" in screen
        assert "airflow3: Airflow 3.3.2" in screen
        assert (1, 6) == (len(columns), sum("▼" in line for line in lines))


async def test_keys_move_the_one_cursor(tmp_path: Path) -> None:
    """Five minutes, markers, the ends; what stands at the cursor is told below."""
    async with sitting(tmp_path, scenario=FLAGSHIP, size=(120, 40)) as player:
        await opened(player)
        before = sheet(player).deck.cursor
        await player.press("right", "l", "left")

        assert before + 5 * 60_000_000 == sheet(player).deck.cursor
        await player.press("home", "]")
        assert sheet(player).deck.cursor > sheet(player).deck.start
        assert "wrong, 05:02" in await player.press("G")


async def test_escape_goes_back_to_the_night(tmp_path: Path) -> None:
    """The night's own cursor has not moved, and the sheet can be opened again."""
    async with sitting(tmp_path, scenario=FLAGSHIP) as player:
        cursor = player.app.deck.cursor
        await opened(player)
        await player.press("right", "escape")

        assert not isinstance(player.app.screen, SideBySide)
        assert cursor == player.app.deck.cursor
        await opened(player)


async def test_a_config_with_errors_is_no_side(tmp_path: Path) -> None:
    """The status line says why there is nothing to compare."""
    async with sitting(tmp_path) as player:
        await player.type_over("orchestrator: nonsense\n")
        await player.press("escape")

        assert "a comparison needs one that can run" in await player.press("c")


@pytest.mark.parametrize("size", [(120, 40), (200, 60)], ids=["120x40", "200x60"])
def test_the_sheet(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    """Notes below the charts in a narrow terminal, beside them in a wide one."""
    app = OrchsimApp(Options(scenario=FLAGSHIP, state_dir=tmp_path, lang="en"))

    async def play(pilot: Pilot[int]) -> None:
        player = Sitting(app, pilot)
        await player.until(lambda: app.snapshot is not None)
        await opened(player)
        await player.press("end")

    assert snap_compare(app, terminal_size=size, run_before=play)
