"""The config's editor: typing, leaving, undo in steps a person would call steps, $EDITOR."""

from __future__ import annotations

import shlex
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.tui.sitting import TINY_SOLVED, sitting
from tui.app.app import OrchsimApp
from tui.app.options import Options


async def test_letters_type_until_escape(tmp_path: Path) -> None:
    """In the editor q is a letter; after escape it leaves the game."""
    async with sitting(tmp_path) as player:
        await player.press("3", "i", "q", "r", "6")

        assert player.app.session is not None
        assert player.app.session.text.startswith("qr6")

        await player.press("escape", "q")

        assert not player.app.is_running


async def test_the_footer_says_who_has_the_keys(tmp_path: Path) -> None:
    """While typing, only keys that act are shown; the help key is a letter then."""
    async with sitting(tmp_path) as player:
        typing = (await player.press("3", "i")).splitlines()[-1]
        left = (await player.press("escape")).splitlines()[-1]

        assert "esc leave the editor  ^r replay" in typing
        assert "? help" not in typing
        assert "i edit" in left
        assert "? help" in left


async def test_undo_takes_back_one_stay_in_the_editor(tmp_path: Path) -> None:
    """Each stay in the editor is one step of undo and one of redo."""
    async with sitting(tmp_path) as player:
        session = player.app.session
        assert session is not None
        found = session.text
        await player.press("3", "i", "a", "b", "escape", "i", "c", "d", "escape")
        twice = session.text
        await player.press("u")
        once = session.text
        await player.press("u")

        assert f"abcd{found}" == twice
        assert f"ab{found}" == once
        assert found == session.text

        screen = await player.press("u")

        assert "Nothing to undo." in screen

        await player.press("U", "U")

        assert twice == session.text
        assert "Nothing to redo." in await player.press("U")


async def test_reset_can_be_undone(tmp_path: Path) -> None:
    """X brings the config back as it was found, u brings the player's text back."""
    async with sitting(tmp_path) as player:
        session = player.app.session
        assert session is not None
        await player.type_over(TINY_SOLVED)
        await player.press("escape", "X")

        assert session.scenario.config_text == session.text

        await player.press("u")

        assert TINY_SOLVED == session.text


async def test_a_problem_has_place_reason_and_fix(tmp_path: Path) -> None:
    """A broken text shows line, column, reason and fix; the last good night stays."""
    async with sitting(tmp_path) as player:
        before = player.app.snapshot
        await player.type_over(TINY_SOLVED.replace("retries: 3", "retires: 3"))
        screen = await player.press("escape")

        assert "retires" in screen
        assert "retries" in screen
        assert "✗ 1 problem" in screen

        screen = await player.press("r")

        assert "Not replayed: the config has 1 problem." in screen
        assert before is player.app.snapshot


async def test_the_players_own_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What $EDITOR leaves in the file is the config, one step of undo."""
    answer = tmp_path / "answer.yaml"
    answer.write_text(TINY_SOLVED, encoding="utf-8")
    monkeypatch.setenv("EDITOR", f"cp {shlex.quote(str(answer))}")
    monkeypatch.setattr(OrchsimApp, "suspend", lambda _app: nullcontext())
    async with sitting(tmp_path) as player:
        session = player.app.session
        assert session is not None
        found = session.text
        screen = await player.press("3", "e")

        assert TINY_SOLVED == session.text
        assert "The config is valid" in screen

        await player.press("u")

        assert found == session.text


@pytest.mark.parametrize(
    ("editor", "told"),
    [
        ("", "No editor is set."),
        ("/nowhere/ed", "could not be run"),
        ("rm", "could not be run"),
        ("'", "could not be run"),
    ],
)
async def test_an_editor_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: str, told: str
) -> None:
    """No editor, none to be found, one that removes the file: the text stays and a line says so."""
    monkeypatch.setenv("EDITOR", editor)
    monkeypatch.setattr(OrchsimApp, "suspend", lambda _app: nullcontext())
    async with sitting(tmp_path) as player:
        session = player.app.session
        assert session is not None
        found = session.text
        screen = await player.press("3", "e")

        assert told in screen
        assert found == session.text


async def test_a_terminal_that_cannot_be_lent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the app cannot step aside, as in a browser, it says so and goes on."""
    monkeypatch.setenv("EDITOR", "true")
    async with sitting(tmp_path) as player:
        screen = await player.press("3", "e")

        assert "true could not be run" in screen


async def test_no_edit_is_lost_by_a_kill(tmp_path: Path) -> None:
    """An app that was dropped without closing has saved the last letter typed."""
    async with sitting(tmp_path) as player:
        await player.press("3", "i", "x", "y")
        again = OrchsimApp(Options(scenario=player.app.options.scenario, state_dir=tmp_path))
        text = again._load().text

        assert text.startswith("xy")
