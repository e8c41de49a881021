"""The tree of a shell text: what `shell_parse` makes and `shell` walks. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.platform.shell.shell_words import Redirection, Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, then a command with its arguments."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Group:
    """`{ list; }`, or `( list )` in a shell of its own."""

    body: Sequence
    subshell: bool
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words; do list; done`."""

    name: str
    words: tuple[Word, ...]
    body: Sequence
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`! command`."""

    command: Command


Command = Simple | Group | For | Not


@dataclass(frozen=True, slots=True)
class AndOr:
    """Commands joined by `&&` and `||`, which bind alike and from the left."""

    first: Command
    rest: tuple[tuple[str, Command], ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """And-or lists, one after the other."""

    items: tuple[AndOr, ...]


def simple_commands(tree: Sequence) -> Iterator[Simple]:
    """Every simple command in the order of the text, those inside words left out."""
    for item in tree.items:
        for command in (item.first, *(command for _, command in item.rest)):
            yield from _inside(command)


def _inside(command: Command) -> Iterator[Simple]:
    if isinstance(command, Simple):
        yield command
    elif isinstance(command, Not):
        yield from _inside(command.command)
    else:
        yield from simple_commands(command.body)
