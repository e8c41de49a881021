"""The game without a screen: editing, attempts, hints, what survives between games."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from sim.scenario.load import load_scenario
from sim.scenario.new import new_scenario
from sim.scenario.schema import Scenario
from sim.session.game import UNDO_MAX, Session
from sim.session.progress import Store


def shop(folder: Path) -> Scenario:
    """The scenario of the template, with files of its own."""
    return load_scenario(new_scenario("shop", parent=folder))


def test_undo_and_redo_go_through_the_texts(tmp_path: Path) -> None:
    """Back one by one, forward one by one, and an edit after an undo forgets what was ahead."""
    game = Session(shop(tmp_path))
    found = game.text
    game.edit("one")
    game.edit("two")

    assert (game.undo(), game.text) == (True, "one")
    assert (game.undo(), game.text) == (True, found)
    assert (game.undo(), game.text) == (False, found)
    assert (game.redo(), game.text) == (True, "one")
    game.edit("three")
    assert (game.redo(), game.text) == (False, "three")
    assert (game.undo(), game.text) == (True, "one")


def test_a_burst_of_keystrokes_is_one_step(tmp_path: Path) -> None:
    """Each keystroke is saved, and one undo goes back before the burst."""
    store = Store(tmp_path / "saved")
    scenario = shop(tmp_path)
    game = Session(scenario, store=store)
    game.edit("before")
    for text in ("b", "be", "bet"):
        game.edit(text, burst=True)
        assert Session(scenario, store=store).text == text

    assert (game.undo(), game.text) == (True, "before")
    game.edit("x", burst=True)
    assert (game.undo(), game.text) == (True, "before")


def test_the_same_text_is_no_edit(tmp_path: Path) -> None:
    """Nothing to undo after typing what stands there."""
    game = Session(shop(tmp_path))
    game.edit(game.text)

    assert game.undo() is False


def test_reset_is_an_edit_that_can_be_undone(tmp_path: Path) -> None:
    """Back to the config as it was found, and forward again to one's own."""
    game = Session(shop(tmp_path))
    game.edit("mine")
    game.reset()

    assert game.text == game.scenario.config_text
    assert (game.undo(), game.text) == (True, "mine")


def test_undo_is_bounded(tmp_path: Path) -> None:
    """The oldest texts are forgotten."""
    game = Session(shop(tmp_path))
    for number in range(UNDO_MAX + 5):
        game.edit(str(number))

    assert len(game.saved.undo) == UNDO_MAX
    assert game.saved.undo[-1] == str(UNDO_MAX + 3)


def test_a_game_goes_on_where_it_was_left(tmp_path: Path) -> None:
    """Text, undo, hints, predictions and solved come back after a kill without any farewell."""
    scenario, store = shop(tmp_path), Store(tmp_path / "saved")
    game = Session(scenario, store=store)
    game.edit("mine")
    game.take_hint()
    game.predict("which", "gate")
    again = Session(scenario, store=store)

    assert (game.resumed, again.resumed) == (False, True)
    assert again.saved == game.saved
    assert (again.undo(), again.text) == (True, scenario.config_text)


def test_hints_come_one_by_one_and_end(tmp_path: Path) -> None:
    """Three hints, and then none."""
    game = Session(shop(tmp_path))

    assert [game.take_hint() for _ in range(4)] == [1, 2, 3, None]


def test_a_text_with_errors_gives_its_problems_and_no_config(tmp_path: Path) -> None:
    """The editor asks at every pause; nothing is raised."""
    game = Session(shop(tmp_path))
    good, none = game.check()
    bad, problems = game.check("orchestrator: sundial\n")

    assert (good is not None, none) == (True, [])
    assert bad is None
    assert len(problems) >= 1


def test_attempts_are_compared_with_the_one_before(tmp_path: Path) -> None:
    """The first has nothing to compare with; a repaired one moved tasks, data and the read."""
    game = Session(shop(tmp_path))
    texts = [game.text, game.scenario.solutions["patient-retries"].read_text()]
    compared = []
    for text in texts:
        config, _ = game.check(text)
        assert config is not None
        game.keep(game.replay(text, config))
        compared.append(game.moved())

    assert compared[0] is None
    assert {one.what for one in compared[1] or ()} == {"task", "published", "read"}
    assert [attempt.number for attempt in game.attempts] == [1, 2]
    assert game.latest is game.attempts[-1]
    assert game.saved.played == tuple(texts)


def test_a_verdict_that_is_met_solves_the_game_for_good(tmp_path: Path) -> None:
    """Solved stays solved, also after a worse attempt."""
    store = Store(tmp_path / "saved")
    game = Session(shop(tmp_path), store=store)
    solution = game.scenario.solutions["patient-retries"].read_text()
    judged = []
    for text in (game.text, solution, game.text):
        config, _ = game.check(text)
        assert config is not None
        done: list[tuple[int, int]] = []
        verdict = game.judge(config, progress=lambda *step: done.append(step))  # noqa: B023
        game.judged(verdict)
        judged.append((verdict.met, game.saved.solved, done))

    assert judged == [
        (False, False, [(1, 2), (2, 2)]),
        (True, True, [(1, 2), (2, 2)]),
        (False, True, [(1, 2), (2, 2)]),
    ]


def test_another_seed_is_another_night(tmp_path: Path) -> None:
    """The seed that was asked for is the one that is played."""
    scenario = shop(tmp_path)
    digests = set()
    for seed in (None, 7, 8):
        game = Session(scenario, seed=seed)
        config, _ = game.check()
        assert config is not None
        digests.add(game.replay(game.text, config).replay.journal.digest)

    assert len(digests) == 2
    assert structs.asdict(scenario)["seed"] == 7
