"""The one table of actions and keys: bindings, footer, help screen and docs are made from it."""

from __future__ import annotations

from dataclasses import dataclass

VIEWS = ("brief", "night", "config", "verdict", "hints", "debrief")
"""The views in the order of their keys 1 … 6, which is the order of play."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a player can do."""

    id: str
    """Its name: `action_<id>` of the app does it, `action.<id>` words it."""
    keys: tuple[str, ...]
    """Keys as Textual names them, the one shown first."""
    views: tuple[str, ...] = VIEWS
    """Where it acts; elsewhere it says why it does not."""
    footer: tuple[str, ...] = ()
    """Views in whose footer it stands."""


ACTIONS: tuple[Action, ...] = (
    *(Action(f"view_{name}", (str(number),)) for number, name in enumerate(VIEWS, start=1)),
    Action("forward", ("enter",), ("brief",), ("brief",)),
    Action("replay", ("r", "ctrl+r"), VIEWS, ("night", "config", "verdict", "hints")),
    Action("play", ("space",), ("night",), ("night",)),
    Action("marker_next", ("]",), ("night",), ("night",)),
    Action("marker_before", ("[",), ("night",)),
    Action("event_next", (".",), ("night",)),
    Action("event_before", (",",), ("night",)),
    Action("scrub_right", ("right", "l"), ("night",)),
    Action("scrub_left", ("left", "h"), ("night",)),
    Action("faster", ("+", "="), ("night",)),
    Action("slower", ("-",), ("night",)),
    Action("start", ("home", "g"), ("night",)),
    Action("end", ("end", "G"), ("night",)),
    Action("down", ("down", "j")),
    Action("up", ("up", "k")),
    Action("pane_next", ("tab",), ("night",), ("night",)),
    Action("pane_before", ("shift+tab",), ("night",)),
    Action("diff", ("d",), ("night",)),
    Action("wrap", ("w",), ("night",)),
    Action("edit", ("i", "enter"), ("config",), ("config",)),
    Action("editor", ("e",), ("config",), ("config",)),
    Action("undo", ("u",), ("config",), ("config",)),
    Action("redo", ("U",), ("config",)),
    Action("reset", ("X",), ("config",)),
    Action("verify", ("v",), VIEWS, ("config", "verdict")),
    Action("preview", ("b",), VIEWS),
    Action("compare", ("c",)),
    Action("hint", ("n",), VIEWS, ("verdict", "hints")),
    Action("predictions", ("p",), ("brief", "night", "verdict", "debrief")),
    Action("read_debrief", ("enter",), ("debrief",), ("debrief",)),
    Action("language", ("L",)),
    Action("copy_report", ("y",)),
    Action("help", ("?",)),
    Action("back", ("escape",)),
    Action("quit", ("q",)),
)
"""Every action, in the order in which the help screen lists them."""

TYPING = (("escape", "app.leave_editor"), ("ctrl+r", "action.replay"))
"""Keys and words of the footer while the editor has the letters."""

SHOWN = {
    "space": "space",
    "escape": "esc",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "shift+tab": "S-tab",
    "ctrl+r": "^r",
}
"""Keys whose name on screen differs from Textual's."""
_ASCII = {"left": "left", "right": "right", "up": "up", "down": "down"}


def key_name(key: str, *, unicode: bool = True) -> str:
    """A key as it is written on screen."""
    if not unicode and key in _ASCII:
        return _ASCII[key]
    return SHOWN.get(key, key)


def for_key(key: str, view: str) -> Action | None:
    """What a key does in a view: an action of the view before one that only acts elsewhere."""
    bound = [action for action in ACTIONS if key in action.keys]
    here = [action for action in bound if view in action.views]
    return here[0] if here else bound[0] if bound else None


def footer(view: str) -> tuple[Action, ...]:
    """The actions that a view's footer shows, at most five."""
    return tuple(action for action in ACTIONS if view in action.footer)[:5]
