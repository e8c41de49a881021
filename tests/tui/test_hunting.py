"""The search for troubles in the app: its key, its progress, its sheet, the file it saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from sim.scenario.faults_file import load_faults
from sim.verify import hunt
from sim.verify.kinds.registry import KINDS
from tests.tui.sitting import sitting


async def test_a_search_finds_saves_and_names_the_file(tmp_path: Path) -> None:
    """V searches off the screen; the sheet says it in one sentence, s keeps it as a fault file."""
    async with sitting(tmp_path) as player:
        await player.press("v")
        screen = await player.until(lambda: len(player.app.screen_stack) == 2)
        assert "Broken" in screen
        assert "s: save it" in await player.press(*["down"] * 20)

        told = await player.press("s")
        saved = list((player.app.options.state_dir / "faults").glob("*.yaml"))
        assert len(saved) == 1
        assert saved[0].name[-20:] in told
        session = player.app.session
        assert session is not None
        text = saved[0].read_text("utf-8")
        assert load_faults(text, file="saved", scenario=session.scenario).window


async def test_a_search_of_a_config_with_errors_is_refused(tmp_path: Path) -> None:
    """What cannot run cannot be searched; the status line says so."""
    async with sitting(tmp_path) as player:
        await player.type_over("orchestrator: nonsense\n")
        await player.press("escape")

        assert "The config has errors" in await player.press("v")


async def test_the_key_that_starts_a_search_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second press ends it after the batch under way, and the game goes on."""
    real = hunt.verify

    def patient(*args: Any, stop: Callable[[], bool], **named: Any) -> hunt.Report:
        while not stop():
            sleep(0.01)
        report = real(*args, **(named | {"plans": 1, "without": tuple(KINDS)}))
        return replace(report, finding=None, stopped=True)

    monkeypatch.setattr(hunt, "verify", patient)
    async with sitting(tmp_path) as player:
        assert "0 of 300 plans" in await player.press("v")
        await player.press("v")
        screen = await player.until(lambda: player.app.hunting is None)

        assert "Search ended after 1 plan" in screen
