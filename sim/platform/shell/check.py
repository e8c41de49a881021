"""What is wrong with shell texts: syntax, commands nobody knows, alerts, scripts in a circle.

Each answer is (path, line, column, code, message, hint); codes that begin with `W-` are warnings.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from sim.platform.shell.names import Call, Names, calls_of
from sim.platform.shell.shell_parse import parse_shell
from sim.platform.shell.shell_tree import simple_commands
from sim.platform.shell.shell_words import ShellSyntaxError
from sim.platform.shell.wrappers import WRAPPERS, CommandUsageError, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sim.platform.shell.shell_tree import Simple

    Found = tuple[object, ...]
    Place = Callable[[int], tuple[int, int]]


class Texts:
    """Checks one shell text."""

    def __init__(
        self, names: Names, alerts: Collection[str], heartbeats: Collection[str] = ()
    ) -> None:
        self.names = names
        self.alerts = alerts
        self.heartbeats = heartbeats

    def check(self, path: tuple[str, ...], text: str, place: Place) -> Iterator[Found]:
        """Every problem of a text; `place`: line and column of an index into it."""
        try:
            tree = parse_shell(text)
        except ShellSyntaxError as error:
            at = place(min(error.position, len(text)))
            yield path, *at, "E-SHELL", error.message, error.hint
            return
        for simple in simple_commands(tree):
            yield from self._wrapper(path, simple, place)
            for call in calls_of(simple):
                position = simple.position if call.word is None else call.word.position
                for code, message, hint in self._call(call):
                    yield path, *place(position), code, message, hint

    def _wrapper(self, path: tuple[str, ...], simple: Simple, place: Place) -> Iterator[Found]:
        words = [word.literal for word in simple.words]
        name = (words[0] or "").rpartition("/")[2] if words else ""
        literal = [word for word in words if word is not None]
        if name == "exec" and len(words) == 1 and simple.redirections:
            return  # it opens files for the rest of the shell
        if name in WRAPPERS and len(literal) == len(words):
            try:
                unwrap(literal)
            except CommandUsageError as problem:
                yield path, *place(simple.position), "E-COMMAND-USAGE", str(problem), ""

    def _call(self, call: Call) -> Iterator[tuple[str, str, str]]:
        if call.builtin == "notify":
            name = call.arguments[0] if call.arguments else None
            if name is None:
                hint = "write notify and one of the config's alerts"
                yield "E-NOTIFY", "notify needs the name of an alert, written out", hint
            elif name not in self.alerts:
                hint = nearest(name, self.alerts) or "add it under alerts:"
                yield "E-ALERT-UNKNOWN", f'alert "{name}" is not defined', hint
            return
        if call.builtin == "heartbeat":
            yield from self._heartbeat(call)
            return
        known = (
            call.builtin is not None
            or self.names.script_name(call.name) is not None
            or self.names.task_name(call.name) is not None
            or self.names.program_name(call.name) is not None
        )
        if not known:
            message = f'"{call.name}" is no task and no script here: it will end with status 127'
            base = call.name.rpartition("/")[2]
            candidates = [*self.names.tasks, *self.names.scripts]
            if base == "root":
                hint = "a user's crontab has no column for the user: leave root out"
                yield "W-COMMAND-UNKNOWN", message, hint
                return
            hint = nearest(base, candidates) or f"known: {', '.join(candidates)}"
            if base in self.alerts:
                hint = f"to send the alert, write notify {base}"
            yield "W-COMMAND-UNKNOWN", message, hint

    def _heartbeat(self, call: Call) -> Iterator[tuple[str, str, str]]:
        name = call.arguments[0] if len(call.arguments) == 1 else None
        if name is None:
            hint = "write heartbeat and one of the config's heartbeats"
            yield "E-HEARTBEAT", "heartbeat needs the name of one, written out", hint
        elif name not in self.heartbeats:
            hint = nearest(name, self.heartbeats) or "add it under heartbeats:"
            yield "E-HEARTBEAT-UNKNOWN", f'heartbeat "{name}" is not defined', hint


def check_circles(names: Names) -> Iterator[Found]:
    """Scripts that call each other in a circle would start shells for ever."""
    for name, text in names.scripts.items():
        reached: list[str] = []
        ahead = list(_scripts_in(names, text))
        while ahead:
            script = ahead.pop()
            if script not in reached:
                reached.append(script)
                ahead += _scripts_in(names, names.scripts[script])
        if name in reached:
            message = f"{name} ends up calling itself"
            yield ("scripts", name), 1, 1, "E-SCRIPT-CIRCLE", message, "let one of them not call"


def _scripts_in(names: Names, text: str) -> Iterator[str]:
    for call in _all_calls(text):
        script = names.script_name(call.name)
        if script is not None and call.builtin is None:
            yield script


def _all_calls(text: str) -> list[Call]:
    try:
        tree = parse_shell(text)
    except ShellSyntaxError:
        return []
    return [call for simple in simple_commands(tree) for call in calls_of(simple)]


def nearest(name: str, known: Iterable[str]) -> str:
    """The hint that names what was probably meant; empty when nothing is close."""
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""


def place_in(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of an index into a text."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
