"""The app: one screen of six views over one game. It routes keys and runs work in threads.

What is shown comes from immutable snapshots; a result that belongs to an older attempt is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static

from tui.app.actions import ACTIONS, TYPING, VIEWS, footer, for_key, key_name
from tui.app.doing import Doing
from tui.app.night import NORMAL, WIDE
from tui.app.style import CSS
from tui.app.texts import brief_text, hints_text
from tui.app.widgets.plain import PlainFilter
from tui.app.widgets.views import ConfigView, NightView, Page
from tui.draw.glyphs import Pen
from tui.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.filter import LineFilter

    from tui.app.options import Options

NARROWEST, LOWEST = 60, 16
_SHORT = 20
_NAMES = {",": "comma"}
KEYS = sorted({key for action in ACTIONS for key in action.keys})


class Deckhand(Screen[None]):
    """The main screen: every key of the table, wherever the focus is."""

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(_NAMES.get(key, key), f"app.press({number})", show=False)
        for number, key in enumerate(KEYS)
    ]

    def compose(self) -> ComposeResult:
        """Headline, tabs, the six views, status and keys."""
        yield Static(id="headline", markup=False)
        yield Static(id="tabs", markup=False)
        with ContentSwitcher(id="views", initial="brief"):
            yield Page("brief")
            yield NightView()
            yield ConfigView()
            yield Page("verdict")
            yield Page("hints")
            yield Page("debrief")
        yield Static(id="status", markup=False)
        yield Static(id="keys", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the layout to the terminal; a tiny one gets one honest line."""
        width, height = event.size
        self.set_class(width < NARROWEST or height < LOWEST, "small")
        self.set_class(height < _SHORT, "short")
        self.set_class(width < NORMAL, "-narrow")
        self.set_class(NORMAL <= width < WIDE, "-normal")
        self.set_class(width >= WIDE, "-wide")
        self.app.call_after_refresh(self.app.refresh_all)  # type: ignore[attr-defined]

    def on_descendant_focus(self) -> None:
        """The editor took the keys: the footer says so."""
        self.app.refresh_all()  # type: ignore[attr-defined]

    def on_descendant_blur(self) -> None:
        """The editor gave the keys back: what was typed is one step of undo."""
        self.app.left_editor()  # type: ignore[attr-defined]


class OrchsimApp(Doing, App[int]):
    """The terminal game."""

    CSS = CSS
    TITLE = "orchsim"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "act('quit')", show=False)]

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.options = options
        self.words = Words(options.lang)
        self.pen = Pen(unicode=not options.ascii)
        self.view = "brief"
        self.set_up_game()
        if options.ascii:
            self.add_class("ascii")
        if options.theme:
            self.theme = options.theme
        if options.reduced_motion:
            self.animation_level = "none"

    def get_default_screen(self) -> Screen[Any]:
        """The one screen."""
        return Deckhand()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own filters, and ASCII where that was asked for."""
        plain = [] if self.pen.unicode else [PlainFilter()]
        return [*super().get_line_filters(), *plain]

    def on_mount(self) -> None:
        """Draw first, load after."""
        self.refresh_all()
        self.set_interval(0.1, self.tick)
        self.load_game()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every action, after Textual's own commands."""
        yield from super().get_system_commands(screen)
        for action in ACTIONS:
            title = self.words.say(f"action.{action.id}").capitalize()
            keys = " ".join(key_name(key) for key in action.keys)
            yield SystemCommand(title, keys, lambda id_=action.id: self.act(id_))

    # -- keys -------------------------------------------------------------------------------

    def action_press(self, number: int) -> None:
        """A key of the table was pressed."""
        key = KEYS[number]
        action = for_key(key, self.view)
        self.awaits_verdict = False
        self.message = ""
        if action is None:
            return
        if self.view not in action.views:
            views = ", ".join(self.words.say(f"view.{view}") for view in action.views)
            what = self.words.say(f"action.{action.id}")
            self.tell(
                "app.not_here", key=key_name(key, unicode=self.pen.unicode), what=what, views=views
            )
            return
        self.act(action.id)

    def act(self, action: str) -> None:
        """Do an action by its name; what breaks becomes a sheet, never a lost game."""
        try:
            if action.startswith("view_"):
                self.go(action.removeprefix("view_"))
            else:
                getattr(self, f"do_{action}")()
        except Exception as error:
            if self.options.debug:
                raise
            self.crashed(error)

    # -- what is on screen ------------------------------------------------------------------

    def go(self, view: str) -> None:
        """Show a view."""
        self.view = view
        self.screen_stack[0].query_one("#views", ContentSwitcher).current = view
        if view != "config":
            self.screen_stack[0].set_focus(None)
        self.entered(view)
        self.refresh_all()

    def refresh_all(self) -> None:
        """Draw everything that is visible."""
        if not self.screen_stack or not self.screen_stack[0].query("#keys"):
            return  # before the first frame, or after the last one
        self._frame()
        if self.session is None:
            self._draw_loading()
        elif self.view == "brief":
            self.page("brief", brief_text(self.session, self.words))
        elif self.view == "night":
            self.draw_night()
        elif self.view == "hints":
            self.page("hints", hints_text(self.session, self.words))
        elif self.view == "verdict":
            self.draw_verdict()
        elif self.view == "config":
            self.draw_config()
        elif self.view == "debrief":
            self.draw_debrief()

    def _draw_loading(self) -> None:
        if self.view == "night":
            self.draw_night()
        elif self.view != "config":
            self.page(self.view, self.words.say("app.loading"))

    def page(self, name: str, text: Text | str) -> None:
        """Show a text on a page."""
        self.screen_stack[0].query_one(f"#{name}", Page).show(text)

    def _frame(self) -> None:
        """Headline, tabs, status and keys."""
        base = self.screen_stack[0]
        width, height = self.size
        if base.has_class("small"):
            text = self.words.say("app.too_small", width=width, height=height)
            base.query_one("#headline", Static).update(text)
            return
        base.query_one("#headline", Static).update(self._headline(width))
        base.query_one("#tabs", Static).update(self._tabs())
        base.query_one("#status", Static).update(self.status_text())
        base.query_one("#keys", Static).update(self._keys(width))

    def _headline(self, width: int) -> Text:
        left = f" {self.title_text()}"
        right = f"{self.clock_text()} "
        return Text(left[: width - len(right)].ljust(width - len(right)) + right)

    def _tabs(self) -> Text:
        text = Text()
        for number, view in enumerate(VIEWS, start=1):
            name = f" {number} {self.words.say(f'view.{view}')} "
            text.append(name, style="bold reverse" if view == self.view else "")
        return text

    def _keys(self, width: int) -> Text:
        palette, help_ = self.words.say("app.footer_palette"), self.words.say("app.footer_help")
        typing = self.editing
        right = f"{palette} " if typing else f"{help_}  {palette} "
        shown = [(action.keys[0], f"action.{action.id}") for action in footer(self.view)]
        text = Text(" ")
        for key, code in TYPING if typing else shown:
            part = Text(key_name(key, unicode=self.pen.unicode), style="bold")
            part.append(f" {self.words.say(code)}  ", style="")
            if text.cell_len + part.cell_len + len(right) <= width:
                text.append_text(part)
        text.append(" " * max(0, width - text.cell_len - len(right)))
        text.append(right)
        return text
