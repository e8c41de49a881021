"""What a shell text names: scripts, tasks, alerts. Pure look-ups, used to run, to check, to draw.

A text with problems still names what can be read of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sim.platform.shell.builtin_commands import builtin_name
from sim.platform.shell.shell_parse import parse_shell
from sim.platform.shell.shell_tree import simple_commands
from sim.platform.shell.shell_words import ShellSyntaxError
from sim.platform.shell.wrappers import WRAPPERS, Commands, CommandUsageError, unwrap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sim.platform.shell.shell_tree import Simple
    from sim.platform.shell.shell_words import Word

_UNKNOWN = "\x00"
"""Stands for a word whose text is only known when it runs."""
_SOME_NUMBER = "0"
"""Stands for it where a wrapper wants a span, a lock or a command."""
PROGRAM_FOLDERS = ("", "/usr/sbin", "/sbin", "/usr/bin", "/bin")
"""Where installed programs lie; without a folder they are looked for there."""


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
class Names:
    """The scripts and tasks that there are on a machine."""

    scripts: Mapping[str, str]
    tasks: Collection[str]
    programs: Collection[str] = ()
    """What else is installed, by name: programs of the machine's own daemons."""

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

    def program_name(self, word: str) -> str | None:
        """The installed program that a command word names."""
        folder, _, base = word.rpartition("/")
        return base if base in self.programs and folder in PROGRAM_FOLDERS else None

    def alerts_in(self, texts: Iterable[str]) -> list[str]:
        """The alerts that texts, and all scripts, name after `notify`."""
        calls = [call for text in (*texts, *self.scripts.values()) for call in calls_in(text)]
        notes = [call for call in calls if call.builtin == "notify"]
        names = [call.arguments[0] for call in notes if call.arguments]
        return list(dict.fromkeys(name for name in names if name is not None))

    def tasks_in(self, text: str) -> list[str]:
        """The tasks that a text can run, in its order, each once."""
        return list(dict.fromkeys(self._tasks_in(text, ())))

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
        if not wrapper.command:
            return []  # `flock 9` runs nothing
        shell_text = wrapper.command[:2] == ("sh", "-c")
        words = list(wrapper.command) if shell_text else words[-len(wrapper.command) :]
    if not words or words[0] == _UNKNOWN:
        return []
    at = len(written) - len(words)
    arguments = tuple(None if word == _UNKNOWN else word for word in words[1:])
    return [Call(words[0], arguments, written[at] if 0 <= at < len(written) else None)]
