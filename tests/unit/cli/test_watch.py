"""Watching a file: once a save, whole, and through whatever an editor does to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tui.cli.watch import POLL_S, SECOND_LOOK_S, SETTLE_S, watch


class Recorder:
    """Writes down what it is told; a text without a final newline has errors."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._text = ""

    def read(self, text: str) -> bool:
        """Keep the text."""
        self._text = text
        return text.endswith("\n")

    def settle(self) -> None:
        """Write the text down."""
        self.told.append(self._text)

    def gone(self) -> None:
        """Write down that it is gone."""
        self.told.append("gone")


def told_while(
    path: Path, actions: list[Callable[[], object] | None], *, extra_looks: int = 4
) -> list[str]:
    """What is told when the n-th pause of the watcher does the n-th action."""
    recorder = Recorder()
    remaining = iter(actions)

    def sleep(_: float) -> None:
        action = next(remaining, None)
        if action is not None:
            action()

    watch(path, recorder, sleep=sleep, rounds=len(actions) + extra_looks)
    return recorder.told


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with one line."""
    path = tmp_path / "config.yaml"
    path.write_text("one\n")
    return path


def test_first_text_and_each_save(file: Path) -> None:
    """The text is told at once, and again after it was saved."""
    assert told_while(file, [None, None, lambda: file.write_text("two!\n")]) == ["one\n", "two!\n"]


def test_a_save_without_a_change_is_silent(file: Path) -> None:
    """Saving the same text tells nothing."""
    assert told_while(file, [None, None, lambda: file.write_text("one\n")]) == ["one\n"]


def test_half_a_file_is_not_told(file: Path) -> None:
    """A text with errors that changes within a moment was half written: only the whole is told."""
    actions = [lambda: file.write_text("hal"), lambda: None, lambda: file.write_text("whole\n")]

    assert told_while(file, actions) == ["whole\n"]


def test_errors_that_stay_are_told(file: Path) -> None:
    """A text with errors that holds still is told."""
    file.write_text("wrong")

    assert told_while(file, []) == ["wrong"]


def test_a_file_replaced_by_rename_is_followed(file: Path) -> None:
    """Editors that write a new file and rename it over the old one are followed."""

    def replace() -> None:
        fresh = file.with_suffix(".new")
        fresh.write_text("renamed\n")
        fresh.rename(file)

    assert told_while(file, [None, None, replace]) == ["one\n", "renamed\n"]


def test_a_file_that_goes_and_comes_back(file: Path) -> None:
    """Its absence is told once; its return is a save."""
    actions = [None, None, file.unlink, None, lambda: file.write_text("back\n")]

    assert told_while(file, actions) == ["one\n", "gone", "back\n"]


def test_pauses_leave_time_for_a_verdict_within_a_second() -> None:
    """What the watcher itself waits after a save is well under a second."""
    assert POLL_S + SETTLE_S + SECOND_LOOK_S < 0.5
