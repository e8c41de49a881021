"""A few screens as pictures, at the three sizes that people have: what is drawn stays as it was.

To renew them after a change that is meant: `pytest tests/tui/test_snapshots.py --snapshot-update`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.sitting import TINY, TINY_SOLVED, Sitting
from tui.app.app import OrchsimApp
from tui.app.options import Options

SIZES = [(80, 24), (120, 40), (200, 60)]


def names(size: tuple[int, int]) -> str:
    """`80x24`."""
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES, ids=names)
@pytest.mark.parametrize(
    ("lang", "keys"),
    [("en", ("1",)), ("es", ("2", "end", "tab", "tab", "tab", "tab", "tab"))],
    ids=["brief", "why"],
)
def test_as_found(
    snap_compare: Any, tmp_path: Path, size: tuple[int, int], lang: str, keys: tuple[str, ...]
) -> None:
    """The briefing in English, the night with its waits in Spanish."""
    app = OrchsimApp(Options(scenario=TINY, state_dir=tmp_path, lang=lang))

    async def play(pilot: Pilot[int]) -> None:
        player = Sitting(app, pilot)
        await player.until(lambda: app.snapshot is not None)
        await player.press(*keys)

    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize("size", SIZES, ids=names)
def test_solved(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    """The verdict of a config that meets every objective."""
    app = OrchsimApp(Options(scenario=TINY, state_dir=tmp_path, lang="en"))

    async def play(pilot: Pilot[int]) -> None:
        player = Sitting(app, pilot)
        await player.until(lambda: app.snapshot is not None)
        await player.type_over(TINY_SOLVED)
        await player.press("ctrl+r")
        await player.until(lambda: app.verdict)
        await player.press("4")

    assert snap_compare(app, terminal_size=size, run_before=play)
