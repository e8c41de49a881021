"""What a cron config defines: its entries with names, its scripts and its tasks, read once.

Pure look-ups over text, used when running, when validating and when drawing. A crontab with
problems still has the entries that can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sim.orchestrators.cron.builtin_commands import builtin_name
from sim.orchestrators.cron.crontab import Entry, parse_crontab
from sim.orchestrators.cron.shell_parse import parse_shell
from sim.orchestrators.cron.shell_tree import simple_commands
from sim.orchestrators.cron.shell_words import ShellSyntaxError
from sim.orchestrators.cron.wrappers import WRAPPERS, Commands, CommandUsageError, unwrap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sim.orchestrators.cron.config import CronConfig
    from sim.orchestrators.cron.shell_tree import Simple
    from sim.orchestrators.cron.shell_words import Word

_UNKNOWN = "\x00"
"""Stands for a word whose text is only known when it runs."""
_SOME_NUMBER = "0"
"""Stands for it where a wrapper wants a span, a lock or a command."""


@dataclass(frozen=True, slots=True)
class Line:
    """One crontab line with the name it goes by."""

    pipeline: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Call:
    """A command in a text, past its wrappers."""

    name: str
    arguments: tuple[str | None, ...]
    """None for one that is only known when it runs."""
    word: Word | None
    """Where its name stands; None inside a text that is itself an argument (`sh -c`)."""

    @property
    def builtin(self) -> str | None:
        """The shell's own command that it is."""
        return builtin_name(self.name)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Names of one config."""

    lines: tuple[Line, ...]
    scripts: Mapping[str, str]
    tasks: Collection[str]

    def script_name(self, word: str) -> str | None:
        """The key in `scripts` that a command word names."""
        base = word.rpartition("/")[2]
        return base if base in self.scripts else None

    def task_name(self, word: str) -> str | None:
        """The task that a command word names: its base name, with or without extension."""
        base = word.rpartition("/")[2]
        if base in self.tasks:
            return base
        stem = base.rpartition(".")[0]
        return stem if stem in self.tasks else None

    def alerts(self) -> list[str]:
        """The alerts that texts name after `notify`."""
        texts = [*(line.entry.command for line in self.lines), *self.scripts.values()]
        calls = [call for text in texts for call in calls_in(text) if call.builtin == "notify"]
        names = [call.arguments[0] for call in calls if call.arguments]
        return list(dict.fromkeys(name for name in names if name is not None))

    def tasks_of(self, entry: Entry) -> list[str]:
        """The tasks that a line can run, in the order of the text, each once."""
        return list(dict.fromkeys(self._tasks_in(entry.command, ())))

    def _tasks_in(self, text: str, seen: tuple[str, ...]) -> Iterator[str]:
        for call in calls_in(text):
            if call.builtin is not None:
                continue
            script = self.script_name(call.name)
            task = self.task_name(call.name)
            if script is not None and script not in seen:
                yield from self._tasks_in(self.scripts[script], (*seen, script))
            elif script is None and task is not None:
                yield task


def catalog_of(config: CronConfig, tasks: Collection[str]) -> Catalog:
    """The names of a config. Lines are called after their first task or script."""
    entries = parse_crontab(config.crontab).entries
    bare = Catalog((), config.scripts, tasks)
    taken: dict[str, int] = {}
    lines = []
    for entry in entries:
        name = _name(bare, entry)
        taken[name] = taken.get(name, 0) + 1
        unique = name if taken[name] == 1 else f"{name}-{taken[name]}"
        lines.append(Line(unique, entry))
    return Catalog(tuple(lines), config.scripts, tasks)


def _name(catalog: Catalog, entry: Entry) -> str:
    names = [call.name for call in calls_in(entry.command) if call.builtin is None]
    for name in names:
        known = catalog.task_name(name)
        if catalog.script_name(name) is not None:
            return name.rpartition("/")[2].partition(".")[0]
        if known is not None:
            return known
    first = names[0].rpartition("/")[2].partition(".")[0] if names else ""
    return first or f"line-{entry.line}"


@lru_cache(maxsize=256)
def calls_in(text: str) -> tuple[Call, ...]:
    """The commands that a shell text names, wrappers looked through; () when it cannot be read.

    Commands inside `$( )` and names that are only known at run time are left out.
    """
    try:
        tree = parse_shell(text)
    except ShellSyntaxError:
        return ()
    return tuple(call for simple in simple_commands(tree) for call in calls_of(simple))


def calls_of(simple: Simple) -> list[Call]:
    """The command that a simple command comes down to; several for `sh -c`."""
    written = simple.words
    words = [_UNKNOWN if word.literal is None else word.literal for word in written]
    while words and words[0].rpartition("/")[2] in WRAPPERS:
        try:
            wrapper = unwrap([_SOME_NUMBER if word == _UNKNOWN else word for word in words])
        except CommandUsageError:
            return []
        if isinstance(wrapper, Commands):
            inner = calls_in(wrapper.text)
            return [Call(call.name, call.arguments, None) for call in inner]
        shell_text = wrapper.command[:2] == ("sh", "-c")
        words = list(wrapper.command) if shell_text else words[-len(wrapper.command) :]
    if not words or words[0] == _UNKNOWN:
        return []
    at = len(written) - len(words)
    arguments = tuple(None if word == _UNKNOWN else word for word in words[1:])
    return [Call(words[0], arguments, written[at] if 0 <= at < len(written) else None)]
