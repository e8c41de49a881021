"""Sheets over the app: help, predictions, a crash. Escape closes each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.text import Text
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Modal(ModalScreen[str | None]):
    """A text and keys: a key among `keys` closes the sheet with its answer, escape with none."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, text: Text, *, keys: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._text = text
        self._keys = dict(keys or {})

    def compose(self) -> ComposeResult:
        """One scrolling sheet."""
        with VerticalScroll(id="sheet", can_focus=False):
            yield Static(self._text, markup=False)

    def on_key(self, event: events.Key) -> None:
        """Answer, scroll or close; nothing reaches the view below."""
        event.stop()
        sheet = self.query_one("#sheet", VerticalScroll)
        key = event.character or event.key
        if key in self._keys:
            self.dismiss(self._keys[key])
        elif event.key in {"down", "j"}:
            sheet.scroll_down(animate=False)
        elif event.key in {"up", "k"}:
            sheet.scroll_up(animate=False)
        elif event.key in {"escape", "q", "enter", "question_mark"}:
            self.dismiss(None)
