"""Expansion: from the words of a command to its arguments.

Variables, arguments and `$( )`, then splitting at blanks outside of quotes. There are no file names
to match, so `*` stays a star. Source: POSIX.1-2017 Shell & Utilities 2.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.platform.shell.shell_words import Text, Variable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from sim.platform.shell.shell import Shell
    from sim.platform.shell.shell_words import Substitution, Word

TOO_LONG = 131_072
"""Bytes of one argument that Linux takes (MAX_ARG_STRLEN)."""


class UnsetVariable(Exception):  # noqa: N818 - ends a shell under `set -u`, as sh does
    """A variable without a value under `set -u`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def expand(shell: Shell, words: Iterable[Word]) -> Generator[Any, Any, list[str]]:
    """All arguments that the words make."""
    arguments: list[str] = []
    for word in words:
        arguments += yield from _fields(shell, word)
    return arguments


def expand_one(shell: Shell, word: Word) -> Generator[Any, Any, str]:
    """The word as one text, without splitting: the value of an assignment."""
    text = ""
    for part in word.parts:
        if isinstance(part, Text):
            text += part.text
        else:
            text += (yield from _value(shell, part))[: TOO_LONG + 1]
    return text


def _fields(shell: Shell, word: Word) -> Generator[Any, Any, list[str]]:
    fields: list[str] = []
    current: str | None = None
    for part in word.parts:
        if isinstance(part, Text):
            current = (current or "") + part.text
        elif part.quoted and isinstance(part, Variable) and part.name == "@":
            if shell.arguments:
                first, *others = shell.arguments
                fields += [(current or "") + first, *others]
                current = fields.pop()
            elif current == "" and len(word.parts) <= 2:  # noqa: PLR2004 - "$@" and its quotes
                current = None
        else:
            value = yield from _value(shell, part)
            joined = (current or "") + value
            current = joined if part.quoted else _split(value, fields, current)
    return fields if current is None else [*fields, current]


def _split(value: str, fields: list[str], current: str | None) -> str | None:
    """Add an unquoted value at blanks; what is still open afterwards."""
    pieces = value.split()
    if current is not None and (not pieces or not value[0].isspace()):
        pieces = [current + (pieces[0] if pieces else ""), *pieces[1:]]
    elif current is not None:
        fields.append(current)
    if not pieces:
        return current
    if value and value[-1].isspace():
        fields += pieces
        return None
    fields += pieces[:-1]
    return pieces[-1]


def _value(shell: Shell, part: Variable | Substitution) -> Generator[Any, Any, str]:
    if isinstance(part, Variable):
        value = _look_up(shell, part.name)
        if value:
            return value
        if part.default is not None:
            return (yield from expand_one(shell, part.default))
        if value is None and shell.nounset and part.name not in "@*":
            raise UnsetVariable(part.name)
        return ""
    printed: list[str] = []
    inner = shell.child(out=printed)
    shell.status = yield from inner.run(part.commands)
    return "\n".join(printed).rstrip("\n")


def _look_up(shell: Shell, name: str) -> str | None:
    """The value of a variable or parameter, None when it has none."""
    special = {
        "?": str(shell.status),
        "#": str(len(shell.arguments)),
        "0": shell.name,
        "$": "4011",
        "!": "",
        "@": " ".join(shell.arguments),
        "*": " ".join(shell.arguments),
    }
    if name in special:
        return special[name]
    if name.isdigit():
        return shell.arguments[int(name) - 1] if int(name) <= len(shell.arguments) else None
    return shell.variables.get(name)
