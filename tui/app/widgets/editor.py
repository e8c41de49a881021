"""The text area for the config: YAML colours where they are available, escape leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import TextArea

if TYPE_CHECKING:
    from textual import events


class Editor(TextArea):
    """Letters type while it has the focus; escape gives them back to the app."""

    def __init__(self) -> None:
        super().__init__(
            id="editor", show_line_numbers=True, tab_behavior="indent", soft_wrap=False
        )
        self.cursor_blink = False
        self.can_focus = True
        if "yaml" in self.available_languages and _has_grammar():
            self.language = "yaml"

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.screen.set_focus(None)
            return
        await super()._on_key(event)


def _has_grammar() -> bool:
    """Whether the YAML grammar can be loaded; without it the text is plain."""
    try:
        import tree_sitter  # noqa: PLC0415 - only the editor needs it
        import tree_sitter_yaml  # noqa: PLC0415 - as above
    except ImportError:
        return False
    return bool(tree_sitter) and bool(tree_sitter_yaml)
