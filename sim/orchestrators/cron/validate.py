"""What is wrong with a `cron:` section, beyond its keys and types, with the place in its texts.

Each answer is (path, line, column, code, message, hint) for a place inside a text, or (path, code,
message, hint); paths start below `cron`. Codes that begin with `W-` are warnings. It finds
everything in one pass and raises nothing.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span, zone
from sim.orchestrators.cron.catalog import Call, Catalog, calls_of, catalog_of
from sim.orchestrators.cron.crontab import parse_crontab
from sim.orchestrators.cron.shell_parse import parse_shell
from sim.orchestrators.cron.shell_tree import simple_commands
from sim.orchestrators.cron.shell_words import ShellSyntaxError
from sim.orchestrators.cron.wrappers import WRAPPERS, CommandUsageError, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sim.orchestrators.cron.config import CronConfig
    from sim.orchestrators.cron.crontab import Entry
    from sim.orchestrators.cron.shell_tree import Simple

    Found = tuple[object, ...]
    Place = Callable[[int], tuple[int, int]]


def validate(
    config: CronConfig,
    *,
    tasks: Collection[str],
    alerts: Collection[str],
    timezone: str,  # noqa: ARG001 - the world's, which the scenario's own check looks at
) -> Iterator[Found]:
    """Every problem of the section."""
    yield from _check_settings(config, alerts)
    crontab = parse_crontab(config.crontab)
    for problem in crontab.problems:
        place = (problem.line, problem.column)
        yield ("crontab",), *place, problem.code, problem.message, problem.hint
    if not crontab.entries and not crontab.problems:
        message = "the crontab starts nothing"
        yield ("crontab",), "W-CRONTAB-EMPTY", message, "add a line such as 0 3 * * * /opt/job.sh"
    catalog = catalog_of(config, tasks)
    for entry in crontab.entries:
        if entry.schedule is not None and not entry.schedule.possible:
            place = (entry.line, entry.schedule_column)
            message = f'"{entry.schedule_text}" never comes: no such day exists'
            hint = "look at the day of month and the month"
            yield ("crontab",), *place, "W-CRON-NEVER", message, hint
        texts = _Texts(catalog, tasks, alerts)
        yield from texts.check(("crontab",), entry.command, partial(_in_entry, entry))
    for name, text in config.scripts.items():
        texts = _Texts(catalog, tasks, alerts)
        yield from texts.check(("scripts", name), text, partial(_place, text))
    yield from _check_circles(catalog)


def _check_settings(config: CronConfig, alerts: Collection[str]) -> Iterator[Found]:
    if config.timezone is not None:
        try:
            zone(config.timezone)
        except ValueError as error:
            hint = "an IANA name such as Europe/Madrid"
            yield ("timezone",), "E-TIMEZONE", str(error), hint
    try:
        parse_span(config.start_delay)
    except ValueError as error:
        yield ("start_delay",), "E-SPAN", str(error), "0s, 1s or 30s"
    if config.mail_to_alert is not None and config.mail_to_alert not in alerts:
        message = f'alert "{config.mail_to_alert}" is not defined'
        yield ("mail_to_alert",), "E-ALERT-UNKNOWN", message, _nearest(config.mail_to_alert, alerts)


class _Texts:
    """Checks one shell text."""

    def __init__(self, catalog: Catalog, tasks: Collection[str], alerts: Collection[str]) -> None:
        self.catalog = catalog
        self.tasks = tasks
        self.alerts = alerts

    def check(self, path: tuple[str, ...], text: str, place: Place) -> Iterator[Found]:
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
                hint = _nearest(name, self.alerts) or "add it under alerts:"
                yield "E-ALERT-UNKNOWN", f'alert "{name}" is not defined', hint
            return
        known = (
            call.builtin is not None
            or self.catalog.script_name(call.name) is not None
            or self.catalog.task_name(call.name) is not None
        )
        if not known:
            message = f'"{call.name}" is no task and no script here: it will end with status 127'
            base = call.name.rpartition("/")[2]
            candidates = [*self.tasks, *self.catalog.scripts]
            if base == "root":
                hint = "a user's crontab has no column for the user: leave root out"
                yield "W-COMMAND-UNKNOWN", message, hint
                return
            hint = _nearest(base, candidates) or f"known: {', '.join(candidates)}"
            yield "W-COMMAND-UNKNOWN", message, hint


def _check_circles(catalog: Catalog) -> Iterator[Found]:
    """Scripts that call each other in a circle would start shells for ever."""
    for name, text in catalog.scripts.items():
        reached: list[str] = []
        ahead = list(_scripts_in(catalog, text))
        while ahead:
            script = ahead.pop()
            if script not in reached:
                reached.append(script)
                ahead += _scripts_in(catalog, catalog.scripts[script])
        if name in reached:
            message = f"{name} ends up calling itself"
            yield ("scripts", name), 1, 1, "E-SCRIPT-CIRCLE", message, "let one of them not call"


def _scripts_in(catalog: Catalog, text: str) -> Iterator[str]:
    for call in _all_calls(text):
        script = catalog.script_name(call.name)
        if script is not None and call.builtin is None:
            yield script


def _all_calls(text: str) -> list[Call]:
    try:
        tree = parse_shell(text)
    except ShellSyntaxError:
        return []
    return [call for simple in simple_commands(tree) for call in calls_of(simple)]


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""


def _in_entry(entry: Entry, at: int) -> tuple[int, int]:
    """Line and column in the crontab of an index into an entry's command."""
    return entry.line, entry.columns[at]


def _place(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of an index into a text."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
