"""The search for troubles in the app: its key, its progress, its sheet, the file it saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from sim.model.facts import Fact
from sim.scenario.faults_file import load_faults
from sim.verify import hunt
from sim.verify.kinds.registry import KINDS
from tests.tui.sitting import sitting


async def test_what_is_found_can_be_pinned(tmp_path: Path) -> None:
    """V searches off the screen; p keeps what it found, and the next verdict is about it too."""
    async with sitting(tmp_path) as player:
        await player.press("v")
        screen = await player.until(lambda: len(player.app.screen_stack) == 2)
        assert "Broken" in screen
        assert "p: pin it" in screen

        told = await player.press("p")
        session = player.app.session
        assert session is not None
        folder = player.app.options.state_dir / session.scenario.id / "regressions"
        saved = list(folder.glob("*.yaml"))
        assert len(saved) == 1
        assert "Pinned" in told
        assert load_faults(
            saved[0].read_text("utf-8"), file="pinned", scenario=session.scenario
        ).window

        await player.press("r")
        await player.until(lambda: player.app.pins)
        assert f"regressions/{saved[0].name}" in await player.press("4", *["down"] * 20)


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


async def test_a_fault_file_is_played(tmp_path: Path) -> None:
    """`play --faults`: the first attempt is simulated under it already."""
    file = tmp_path / "crash.faults.yaml"
    file.write_text(
        "faults:\n- {type: attempt_crash, task: copy, data_date: 2024-04-02}\n", encoding="utf-8"
    )
    async with sitting(tmp_path, faults=str(file)) as player:
        session = player.app.session
        assert session is not None
        assert session.latest is not None
        faults = list(session.latest.replay.journal.rows(Fact.FAULT))

        assert [row.detail["fault"] for row in faults] == ["attempt_crash"]
