"""The app's preview of a config's runbook, off the screen, and the sheet about it.

It is about the text in the editor when it was asked for. It changes nothing in the game: nothing of
the runbook is done before the config is replayed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from tui.app.hunting import Hunting
from tui.app.modals import Modal

if TYPE_CHECKING:
    from sim.scenario.schema import Config
    from sim.session.game import Session
    from sim.session.preview import Preview
    from tui.words import Words


class Previewing(Hunting):
    """The action `preview`."""

    def do_preview(self) -> None:
        """Simulate the shown window with the runbook and without, and say what differs."""
        session = self.session
        if session is None:
            return
        config, _ = session.check()
        if config is None:
            self.tell("app.preview_errors")
            return
        self.tell("app.previewing")
        self.in_thread(partial(self._preview, session, config), self._previewed)

    @staticmethod
    def _preview(session: Session, config: Config) -> Preview:
        from sim.session.preview import preview  # noqa: PLC0415 - only for a preview

        return preview(session.scenario, config, seed=session.seed)

    def _previewed(self, made: Preview) -> None:
        self.push_screen(Modal(preview_text(made, self.words)))


def preview_text(made: Preview, words: Words) -> Text:
    """The sheet: what the page of `orchsim preview` says."""
    from tui.draw.preview import sections  # noqa: PLC0415 - only for a preview

    text = Text()
    for section in sections(made, words):
        text.append(f"{section.title}\n", style="bold")
        for line in section.lines:
            text.append(f"  {line}\n")
        for line in _aligned(section.cells):
            text.append(f"  {line}\n")
        text.append("\n")
    text.append(words.say("preview.simulated"), style="italic")
    return text


def _aligned(cells: tuple[tuple[str, ...], ...]) -> list[str]:
    if not cells:
        return []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
