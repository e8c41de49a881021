"""The table of keys: no conflicts, every key does what the table says, or says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.sitting import TINY_SOLVED, Sitting, sitting
from tui.app.actions import ACTIONS, VIEWS, footer, for_key
from tui.app.app import OrchsimApp
from tui.words import Words

FORBIDDEN = {"ctrl+b", "ctrl+a", "ctrl+s", "ctrl+q", "ctrl+z"}
"""Taken by terminal multiplexers, flow control and job control."""


def test_no_key_means_two_things_in_a_view() -> None:
    """In each view a key belongs to one action at most."""
    taken = [(view, key) for one in ACTIONS for view in one.views for key in one.keys]

    assert sorted(set(taken)) == sorted(taken)


def test_keys_stay_clear_of_terminals() -> None:
    """No key needs alt or a function key, or is one that a terminal keeps for itself."""
    keys = {key for action in ACTIONS for key in action.keys}

    assert set() == keys & FORBIDDEN
    assert [] == [key for key in keys if "alt" in key or (key[0] == "f" and key[1:].isdigit())]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_action_has_words_and_hands(lang: str) -> None:
    """Each action is worded in each language and done by a method of the app."""
    words = Words(lang)
    doing = [action.id for action in ACTIONS if not action.id.startswith("view_")]

    assert [] == [action.id for action in ACTIONS if not words.has(f"action.{action.id}")]
    assert [] == [one for one in doing if not callable(getattr(OrchsimApp, f"do_{one}", None))]


def test_a_footer_holds_five_keys_at_most() -> None:
    """Rule of the footer; each view has one."""
    assert [] == [view for view in VIEWS if not 1 <= len(footer(view)) <= 5]


def test_a_key_prefers_the_view_it_is_pressed_in() -> None:
    """Enter edits in the config, and goes on from the briefing."""
    names = [for_key("enter", view) for view in ("brief", "config", "debrief")]

    assert ["forward", "edit", "read_debrief"] == [one.id for one in names if one]


async def test_the_views_by_number(tmp_path: Path) -> None:
    """1 to 6 show the views, escape goes back through them to the briefing."""
    async with sitting(tmp_path) as player:
        seen = []
        for key in "654321":
            await player.press(key)
            seen.append(player.app.view)

        assert list(reversed(VIEWS)) == seen

        await player.press("3", "escape")

        assert "night" == player.app.view

        await player.press("escape", "escape")

        assert "brief" == player.app.view


async def test_a_key_that_cannot_act_says_why(tmp_path: Path) -> None:
    """Keys of other views, and actions with nothing to act on, answer on the status line."""
    async with sitting(tmp_path) as player:
        assert "space (play or pause) acts in: Night." in await player.press("space")
        assert "This scenario asks no questions." in await player.press("p")
        assert "Nothing has crashed" in await player.press("y")
        assert "this is the first attempt" in await player.press("2", "d")
        await player.press("end")
        assert "No further incident marker." in await player.press("]")
        assert "No further event." in await player.press(".")


def _cursor(player: Sitting) -> int:
    return player.app.deck.cursor


async def test_the_deck(tmp_path: Path) -> None:
    """Scrubbing, events, markers, both ends: each key and its way back."""
    async with sitting(tmp_path) as player:
        await player.press("2")
        deck = player.app.deck
        start = _cursor(player)
        for there, back in (("right", "left"), ("l", "h"), ("end", "home")):
            await player.press(there)

            assert start < _cursor(player)

            await player.press(back)

            assert start == _cursor(player)

        await player.press(".")
        first = _cursor(player)

        assert start < first

        await player.press(".", ",")

        assert first == _cursor(player)

        await player.press("G")

        assert deck.last == _cursor(player)

        await player.press("[")
        last = _cursor(player)

        assert last in player.app.snapshot.marker_instants

        await player.press("g", "]")

        assert player.app.snapshot.marker_instants[0] == _cursor(player)


async def test_playing_moves_the_cursor(tmp_path: Path) -> None:
    """Space plays and pauses; + and - change the speed and say so."""
    async with sitting(tmp_path) as player:
        await player.press("2", "space")
        start = _cursor(player)
        await player.until(lambda: _cursor(player) > start)
        await player.press("space")
        paused = _cursor(player)
        player.app.tick()

        assert paused == _cursor(player)
        assert "60 min/s" in await player.press("+")
        assert "30 min/s" in await player.press("-")


async def test_selection_and_panes(tmp_path: Path) -> None:
    """Up and down choose the task whose log is shown; tab and shift+tab turn the panes."""
    async with sitting(tmp_path) as player:
        await player.press("2", "end")
        panes = []
        for _ in range(7):
            await player.press("tab")
            panes.append(player.app.pane)

        assert ["people", "diff", "dag", "log", "why", "data", "people"] == panes

        await player.press("shift+tab", "shift+tab", "shift+tab")

        assert "log" == player.app.pane

        screen = await player.press("down")

        assert "ventas ▸ publish" in screen or "▸ publish" in screen

        screen = await player.press("k")

        assert "▸ copy" in screen


async def test_a_click_is_a_key(tmp_path: Path) -> None:
    """A click on the chart moves the cursor there and chooses the row."""
    async with sitting(tmp_path) as player:
        await player.press("2")
        await player.pilot.click("#gantt", offset=(60, 3))

        assert player.app.deck.start < _cursor(player)
        assert 1 == player.app.selected


async def test_hints_one_by_one(tmp_path: Path) -> None:
    """Key n takes a hint wherever one is; after the last one it says so."""
    async with sitting(tmp_path) as player:
        assert "No hint taken." in await player.press("5")
        assert "Hint 1 of 3" in await player.press("n")
        await player.press("n", "n")
        assert "That was the last hint." in await player.press("n")


async def test_help_lists_every_action(tmp_path: Path) -> None:
    """The help sheet has a line for each action and closes with escape."""
    async with sitting(tmp_path, size=(120, 60)) as player:
        screen = await player.press("?")

        assert [] == [
            action.id
            for action in ACTIONS
            if player.app.words.say(f"action.{action.id}") not in screen
        ]

        await player.press("escape")

        assert 1 == len(player.app.screen_stack)


async def test_the_palette_holds_every_action(tmp_path: Path) -> None:
    """What a key does can be found by its words in the palette."""
    async with sitting(tmp_path) as player:
        titles = {one.title for one in player.app.get_system_commands(player.app.screen)}

        assert [] == [
            action.id
            for action in ACTIONS
            if player.app.words.say(f"action.{action.id}").capitalize() not in titles
        ]


async def test_replay_and_difference(tmp_path: Path) -> None:
    """A replay of another config is the next attempt; d shows what moved."""
    async with sitting(tmp_path) as player:
        await player.type_over(TINY_SOLVED)
        await player.press("ctrl+r")
        await player.until(lambda: player.app.verdict)
        screen = await player.press("2", "d")

        assert "attempt 2" in screen
        assert "This attempt (+) against the one before (-)" in screen


@pytest.mark.parametrize(
    ("lang", "nothing", "waited"),
    [
        ("en", "it waited for nothing", "retry delay"),
        ("es", "no esperó a nada", "espera entre reintentos"),
    ],
)
async def test_the_pane_that_says_why(lang: str, nothing: str, waited: str, tmp_path: Path) -> None:
    """As found a task fails at once; mended it waits for its retries, told with their time."""
    async with sitting(tmp_path, lang=lang) as player:
        screen = await player.press("2", "end", "tab", "tab", "tab", "tab", "tab")

        assert player.app.pane == "why"
        assert nothing in screen

        await player.type_over(TINY_SOLVED)
        await player.press("ctrl+r")
        await player.until(lambda: player.app.verdict)
        screen = await player.press("2", "end")

        assert waited in screen
        assert "retry_delay:" in screen
