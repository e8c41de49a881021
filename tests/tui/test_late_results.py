"""Results of work in threads: shown when they come, dropped when they are overtaken."""

from __future__ import annotations

from pathlib import Path

from tests.tui.sitting import TINY_SOLVED, sitting


async def test_the_last_replay_asked_for_wins(tmp_path: Path) -> None:
    """Of two replays under way at once, the attempt kept is that of the newer text."""
    async with sitting(tmp_path) as player:
        session = player.app.session
        assert session is not None
        newer = session.text + "\n# newer\n"
        for text in (session.text + "\n# older\n", newer):
            config, _ = session.check(text)
            assert config is not None
            player.app.start_replay(text, config, then="night")
        await player.until(lambda: not player.app.simulating)
        assert session.latest is not None

        assert newer == session.latest.text
        assert [1, 2] == [attempt.number for attempt in session.attempts]


async def test_the_verdict_follows_a_replay(tmp_path: Path) -> None:
    """Without a key in between, the replay's verdict shows itself."""
    async with sitting(tmp_path) as player:
        await player.type_over(TINY_SOLVED)
        await player.press("escape", "r")
        screen = await player.until(lambda: player.app.verdict)

        assert "verdict" == player.app.view
        assert "All objectives met." in screen


async def test_a_verdict_never_takes_the_keys_away(tmp_path: Path) -> None:
    """A verdict that comes while the player types is announced, and the typing goes on."""
    async with sitting(tmp_path) as player:
        await player.type_over(TINY_SOLVED)
        app, session = player.app, player.app.session
        assert session is not None
        config, _ = session.check()
        assert config is not None
        verdict = session.judge(config)
        app.awaits_verdict = False
        session.keep(session.replay(session.text, config))
        app._judged(session.text, (verdict, {}))
        screen = await player.press("q")

        assert "config" == app.view
        assert app.is_running
        assert "2/2 objectives met. Press 4 for the verdict." in screen
        assert len(TINY_SOLVED) + 1 == len(session.text)


async def test_the_debrief_shows_itself_when_it_is_computed(tmp_path: Path) -> None:
    """The page changes from "computing" to the debrief without another key."""
    async with sitting(tmp_path) as player:
        await player.press("6", "enter")
        screen = await player.until(lambda: player.app.debrief)

        assert "The job failed at 02:00 and had no second try." in screen
