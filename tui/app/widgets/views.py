"""The six views as widgets: they hold and show text, and know nothing of the game."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from tui.app.widgets.editor import Editor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text
    from textual import events
    from textual.app import ComposeResult


class Page(VerticalScroll):
    """A view of one scrolling text."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name, classes="view", can_focus=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(classes="text", markup=False)

    def show(self, text: Text | str) -> None:
        """Show another text, from wherever the reader stands."""
        self.query_one(Static).update(text)


class GanttPane(Static):
    """The chart; a click moves the cursor to its column."""

    def __init__(self) -> None:
        super().__init__(id="gantt", markup=False)

    def on_click(self, event: events.Click) -> None:
        """Tell the app which column and row were clicked."""
        self.app.clicked(event.x, event.y)  # type: ignore[attr-defined]


class NightView(Vertical):
    """The Gantt above, a strip of panes, the pane, and where there is room others beside it."""

    def __init__(self) -> None:
        super().__init__(id="night", classes="view")

    def compose(self) -> ComposeResult:
        """Chart, strip, panes."""
        yield GanttPane()
        yield Static(id="strip", markup=False)
        with Horizontal(id="panes"):
            with VerticalScroll(id="detail", can_focus=False):
                yield Static(id="detail_text", markup=False)
            with VerticalScroll(id="second", classes="beside", can_focus=False):
                yield Static(id="second_text", markup=False)
            with VerticalScroll(id="third", classes="beside", can_focus=False):
                yield Static(id="third_text", markup=False)

    def show(self, *, gantt: Text, strip: Text, panes: Sequence[Text]) -> None:
        """Show one instant; `panes` from left to right, as many as there is room for."""
        self.query_one("#gantt", Static).update(gantt)
        self.query_one("#strip", Static).update(strip)
        for name, text in zip(("detail", "second", "third"), panes, strict=False):
            self.query_one(f"#{name}_text", Static).update(text)


class ConfigView(Container):
    """The editor and, beside or below it, what is wrong with its text and what it last did."""

    def __init__(self) -> None:
        super().__init__(id="config", classes="view")

    def compose(self) -> ComposeResult:
        """Editor, problems, and where there is room the last good replay."""
        yield Editor()
        with Vertical(id="side"):
            with VerticalScroll(id="problems", can_focus=False):
                yield Static(id="problems_text", markup=False)
            yield Static(id="last", markup=False)

    def show_problems(self, text: Text | str) -> None:
        """Show what is wrong, or that nothing is."""
        self.query_one("#problems_text", Static).update(text)

    def show_last(self, text: Text) -> None:
        """Show the last good replay."""
        self.query_one("#last", Static).update(text)
