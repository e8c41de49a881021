"""The config's actions: edit here or in the player's own editor, undo, reset, replay."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import SuspendNotSupported

from tui.app.night import NORMAL, Night
from tui.app.texts import problems_text
from tui.app.widgets.editor import Editor
from tui.app.widgets.views import ConfigView

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widgets import TextArea

    from sim.model.diagnostics import Diagnostic


_SIDE_PADDING = 2
_LAST_ROWS = 8


class Editing(Night):
    """What can be done to the config."""

    diagnostics: tuple[Diagnostic, ...] = ()
    _checked_text: str | None = None
    _last_drawn: tuple[int, int, int, str] | None = None

    def ask(self, then: Callable[[], None]) -> None:
        """Ask the questions of the scenario, then go on."""

    def show_text(self, text: str) -> None:
        """Put a text into the editor."""
        editor = self.screen_stack[0].query_one(Editor)
        if editor.text != text:
            editor.load_text(text)
        self.check_text()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Each change is saved at once and checked."""
        if self.session is not None:
            self.session.edit(event.text_area.text, burst=True)
            self.check_text()
            self.draw_config()

    def check_text(self) -> None:
        """Check the text of the editor."""
        if self.session is None or self._checked_text == self.session.text:
            return
        self._checked_text = self.session.text
        self.diagnostics = tuple(self.session.check()[1])

    @property
    def editing(self) -> bool:
        """Whether letters go to the editor."""
        return isinstance(self.screen_stack[0].focused, Editor)

    def left_editor(self) -> None:
        """The editor gave the keys back."""
        if self.session is not None:
            self.session.rest()
        self.refresh_all()

    def draw_config(self) -> None:
        """Show what is wrong with the text."""
        base = self.screen_stack[0]
        text = problems_text(self.diagnostics, self.words, self.pen, editing=self.editing)
        view = base.query_one(ConfigView)
        view.show_problems(text)
        width = self.size.width * 2 // 5 - _SIDE_PADDING
        drawn = (self.attempt_shown, self.deck.cursor, width, self.words.lang)
        if self.size.width >= NORMAL and drawn != self._last_drawn:
            self._last_drawn = drawn
            view.show_last(self._last_text(width))

    def _last_text(self, width: int) -> Text:
        """The last good replay: the night's Gantt and what readers saw."""
        if self.snapshot is None:
            return Text(self.words.say("app.no_replay_yet"), style="italic")
        title = self.words.say("app.last_replay", attempt=self.attempt_shown)
        lines = [Text(title, style="bold"), *self.chart_lines(width, _LAST_ROWS), Text()]
        lines.append(self.pane_text("data", width))
        return Text("\n").join(lines)

    @property
    def attempt_shown(self) -> int:
        """Number of the attempt on screen, 0 for none."""
        return 0 if self.snapshot is None else self.snapshot.attempt.number

    def do_edit(self) -> None:
        """Give the keys to the editor."""
        editor = self.screen_stack[0].query_one(Editor)
        self.screen_stack[0].set_focus(editor)
        self.refresh_all()

    def do_editor(self) -> None:
        """Edit in the player's own editor."""
        if self.session is None:
            return
        command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
        if not command:
            self.tell("app.no_editor")
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "config.yaml"
            path.write_text(self.session.text, encoding="utf-8")
            try:
                with self.suspend():
                    subprocess.run([*shlex.split(command), str(path)], check=False)  # noqa: S603 - the player's own editor
                text = path.read_text(encoding="utf-8", errors="replace")
            except (OSError, ValueError, SuspendNotSupported) as error:
                self.tell("app.editor_failed", editor=command, reason=str(error))
                return
        self.session.edit(text)
        self.show_text(text)
        self.refresh(layout=True)
        self.refresh_all()

    def do_undo(self) -> None:
        """Take back the last edit."""
        if self.session is not None:
            done = self.session.undo()
            self.show_text(self.session.text)
            self.tell("app.undone" if done else "app.nothing_to_undo")

    def do_redo(self) -> None:
        """Do again what was taken back."""
        if self.session is not None:
            done = self.session.redo()
            self.show_text(self.session.text)
            self.tell("app.redone" if done else "app.nothing_to_redo")

    def do_reset(self) -> None:
        """Back to the config as it was found."""
        if self.session is not None:
            self.session.reset()
            self.show_text(self.session.text)
            self.tell("app.reset_done")

    def do_replay(self) -> None:
        """Replay the night under the text of the editor, then judge it."""
        session = self.session
        if session is None:
            self.tell("app.loading")
            return
        config, found = session.check()
        self.diagnostics, self._checked_text = tuple(found), session.text
        if config is None:
            errors = sum(one.severity == "error" for one in found)
            self.go("config")
            self.tell("app.invalid_replay", count=errors)
            return
        first = len(session.attempts) <= 1 and not session.saved.predictions
        if first and session.scenario.questions and session.text != session.scenario.config_text:
            self.ask(partial(self.start_replay, session.text, config, then="night"))
        else:
            self.start_replay(session.text, config, then="night")
