"""What every view shows when it is empty, loading, broken or done; in any size and alphabet."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.session.progress import Store
from tests.tui.sitting import FLAGSHIP, TINY, Sitting, sitting
from tui.app.actions import VIEWS
from tui.app.app import OrchsimApp
from tui.app.options import Options

SIZES = [(80, 24), (120, 40), (200, 60)]


async def test_the_first_frame_needs_no_simulation(tmp_path: Path) -> None:
    """Before the scenario is read, frame, tabs and keys stand, and the status says what happens."""

    class Waiting(OrchsimApp):
        def load_game(self) -> None:
            """Never loads."""

    app = Waiting(Options(scenario=TINY, state_dir=tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        player = Sitting(app, pilot)
        screens = [await player.press(key) for key in "123456"]

        assert [] == [screen for screen in screens if "Loading the scenario…" not in screen]
        assert [] == [screen for screen in screens if "1 Brief  2 Night  3 Config" not in screen]
        assert "The night is still being simulated." in screens[1]


async def test_an_unknown_scenario_is_a_sheet(tmp_path: Path) -> None:
    """A scenario that cannot be read ends in a sheet that names it, not in a traceback."""
    app = OrchsimApp(Options(scenario="no-such-night", state_dir=tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        player = Sitting(app, pilot)
        screen = await player.until(lambda: len(app.screen_stack) == 2)

        assert "no-such-night" in screen
        assert "Traceback" not in screen


async def test_empty_views_name_the_key_that_fills_them(tmp_path: Path) -> None:
    """Verdict, hints, debrief and difference say what to press while there is nothing."""
    async with sitting(tmp_path) as player:
        assert "Press r to replay your config" in await player.press("4")
        assert "Press n for the next of 3" in await player.press("5")
        assert "It opens when all objectives" in await player.press("6")
        assert "this is the first attempt" in await player.press("2", "d")


async def test_a_crash_is_a_sheet_and_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks in an action becomes a sheet; y writes the report, and the game goes on."""
    what = "the deck is on fire"

    def broken(_app: OrchsimApp) -> None:
        raise RuntimeError(what)

    monkeypatch.setattr(OrchsimApp, "do_play", broken)
    async with sitting(tmp_path) as player:
        screen = await player.press("2", "space")

        assert "the deck is on fire" in screen
        assert "Your work is saved." in screen

        await player.press("y")

        assert "the deck is on fire" in (tmp_path / "crash-report.txt").read_text("utf-8")
        assert "Config" in await player.press("3")


async def test_predictions_are_asked_and_can_be_skipped(tmp_path: Path) -> None:
    """Key p asks each question; a letter answers, escape skips."""
    async with sitting(tmp_path, scenario=FLAGSHIP) as player:
        session = player.app.session
        assert session is not None
        questions = session.scenario.questions
        await player.press("p", "b", *["escape"] * (len(questions) - 1))

        assert {questions[0].id: questions[0].options[1].id} == dict(session.saved.predictions)
        assert 1 == len(player.app.screen_stack)


async def test_a_tiny_terminal_gets_one_line(tmp_path: Path) -> None:
    """Under 60x16 one line says what is needed; the game goes on when there is room again."""
    async with sitting(tmp_path, size=(50, 10)) as player:
        lines = [line.strip() for line in player.screen.splitlines() if line.strip()]

        assert ["needs 60x16, has 50x10"] == lines

        await player.pilot.resize_terminal(80, 24)
        await player.pilot.pause()

        assert "1 Brief  2 Night" in player.screen


async def test_a_full_disk_is_said_and_the_game_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the game cannot be saved the sheet says so, and the next key works."""
    what = "No space left on device"

    def full(_store: Store, _saved: object) -> None:
        raise OSError(what)

    async with sitting(tmp_path) as player:
        monkeypatch.setattr(Store, "save", full)
        await player.press("5")
        sheet = await player.press("n")
        after = await player.press("escape", "2")

        assert "The disk refuses to keep the game" in sheet
        assert "What stands in the tables" in after


async def test_resize_while_playing(tmp_path: Path) -> None:
    """Any size while the deck plays: the chart follows, the cursor goes on."""
    async with sitting(tmp_path) as player:
        await player.press("2", "space")
        for width, height in [(200, 60), (50, 10), (120, 40), (60, 16), (80, 24)]:
            await player.pilot.resize_terminal(width, height)
            await player.pilot.pause()
            rows = player.screen.split("\n")

            assert height == len(rows)
            assert [] == [row for row in rows if len(row) > width]

        assert player.app.deck.start <= player.app.deck.cursor


@pytest.mark.parametrize("size", SIZES)
async def test_as_many_panes_as_there_is_room_for(tmp_path: Path, size: tuple[int, int]) -> None:
    """One, two and three panes under the Gantt; the config beside its last good replay."""
    async with sitting(tmp_path, size=size) as player:
        screen = await player.press("2", "end")
        shown = [
            text for text in ("What each step", "try 1", "What people were told") if text in screen
        ]

        assert {80: 1, 120: 2, 200: 3}[size[0]] == len(shown)

        screen = await player.press("3")

        assert (size[0] >= 100) == ("The last good replay, attempt 1" in screen)


@pytest.mark.parametrize("size", SIZES)
async def test_ascii_everywhere(tmp_path: Path, size: tuple[int, int]) -> None:
    """With ASCII asked for, no view and no sheet shows another character."""
    async with sitting(tmp_path, size=size, ascii=True) as player:
        screens = [await player.press(key) for key in "123456"]
        await player.press("2", "end")
        screens += [await player.press("tab") for _ in range(5)]
        screens.append(await player.press("?"))
        odd = sorted({sign for screen in screens for sign in screen if ord(sign) > 126})

        assert [] == odd


async def test_spanish_and_back(tmp_path: Path) -> None:
    """L changes the language of all six views at once, and back."""
    async with sitting(tmp_path) as player:
        english = [await player.press(key) for key in "123456"]
        await player.press("L")
        spanish = [await player.press(key) for key in "123456"]
        await player.press("L")

        assert "Una tabla vacía el martes" in spanish[0]
        assert [] == [view for view, a, b in zip(VIEWS, english, spanish, strict=True) if a == b]
        assert english == [await player.press(key) for key in "123456"]


async def test_a_game_goes_on(tmp_path: Path) -> None:
    """The next start continues the saved game: text, hints taken, and a line that says so."""
    async with sitting(tmp_path) as player:
        await player.press("3", "i", "#", "escape", "n")
    async with sitting(tmp_path) as player:
        session = player.app.session
        assert session is not None

        assert session.text.startswith("#")
        assert "Hint 1 of 3" in await player.press("5")
