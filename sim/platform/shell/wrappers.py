"""Commands that run another command: flock, timeout, nice, env, sh, python and their like.

Reads their arguments, at run time and when a config is checked alike. It runs nothing.
Sources: util-linux flock(1), coreutils timeout(1), nice(1), env(1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from sim.kernel.calendar import parse_span

if TYPE_CHECKING:
    from collections.abc import Sequence


class CommandUsageError(ValueError):
    """What the command says when it is called wrongly."""


@dataclass(frozen=True, slots=True)
class Flock:
    """`flock [-n | -w SECONDS] [-s | -u] [-E CODE] LOCK COMMAND…`, or `flock … NUMBER`."""

    lock: str
    """Path of the lock file; without a command, the number of an open file."""
    wait_us: int | None
    """How long to wait for the lock; None for ever, 0 not at all."""
    conflict_code: int
    command: tuple[str, ...]
    """Empty: the open file is locked until it is closed."""
    mode: Literal["exclusive", "shared", "unlock"] = "exclusive"


@dataclass(frozen=True, slots=True)
class Timeout:
    """`timeout SPAN COMMAND…`; a span of 0 is none."""

    span_us: int
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plain:
    """A wrapper that changes nothing that is simulated."""

    command: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    """What `env` sets for the command."""


@dataclass(frozen=True, slots=True)
class Commands:
    """`sh -c TEXT` and `flock LOCK -c TEXT`: shell text as an argument."""

    text: str
    arguments: tuple[str, ...]


Wrapper = Flock | Timeout | Plain | Commands

STATUS_MAX = 255
SHELLS = frozenset({"sh", "bash", "dash"})
_SPAN = re.compile(r"\d{1,9}(\.\d{1,6})?[smhd]?", flags=re.ASCII)
_PLAIN_OPTIONS: dict[str, set[str]] = {
    "nice": {"-n"},
    "ionice": {"-c", "-n"},
    "nohup": set(),
    "exec": set(),
    "env": {"-u"},
    "python": set(),
    "python3": set(),
    "command": set(),
}
"""Wrappers by name, with their options that take a value."""

WRAPPERS = frozenset({"flock", "timeout", *_PLAIN_OPTIONS, *SHELLS})
"""Every name that `unwrap` knows."""


def span_of_sleep(text: str) -> int:
    """`5`, `0.5`, `15m`, `2h`, `1d` as microseconds. Raises `CommandUsageError`."""
    if not _SPAN.fullmatch(text):
        message = f"invalid time interval {text!r}"
        raise CommandUsageError(message)
    return parse_span(float(text) if text[-1].isdigit() else text)


def unwrap(words: Sequence[str]) -> Wrapper:
    """What a wrapper is asked to do. Raises `CommandUsageError`."""
    name, arguments = words[0].rpartition("/")[2], list(words[1:])
    if name == "flock":
        return _flock(arguments)
    if name == "timeout":
        return _timeout(arguments)
    if name in SHELLS:
        return _shell(name, arguments)
    rest = _past_options(arguments, _PLAIN_OPTIONS[name])
    variables = []
    while name == "env" and rest and "=" in rest[0]:
        variable, _, value = rest.pop(0).partition("=")
        variables.append((variable, value))
    if not rest:
        message = f"{name}: a command is missing"
        raise CommandUsageError(message)
    return Plain(tuple(rest), tuple(variables))


def _past_options(arguments: list[str], valued: set[str]) -> list[str]:
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in valued and rest:
            rest.pop(0)
    return rest


def _flock(arguments: list[str]) -> Flock:
    wait_us: int | None = None
    conflict_code = 1
    letters = ""
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] not in _FLOCK_TEXT:
        option, value = _flock_option(rest)
        letters += option
        if option == "n":
            wait_us = 0
        elif option == "w":
            wait_us = span_of_sleep(value)
        elif option == "E":
            conflict_code = _status(value)
    modes = [_FLOCK_MODES[letter] for letter in f"x{letters}" if letter in _FLOCK_MODES]
    return _flock_on(rest, Flock("", wait_us, conflict_code, (), modes[-1]))


def _flock_on(rest: list[str], flock: Flock) -> Flock:
    """The same with what is locked, and the command."""
    if len(rest) == 1 and rest[0].isdecimal():
        return replace(flock, lock=rest[0])
    if len(rest) < 2:  # noqa: PLR2004 - lock and command
        message = "flock: a lock file and a command are needed, or the number of an open file"
        raise CommandUsageError(message)
    lock, *command = rest
    if command[0] in _FLOCK_TEXT:
        if len(command) != 2:  # noqa: PLR2004 - -c and its text
            message = "flock: -c takes one text"
            raise CommandUsageError(message)
        command = ["sh", "-c", command[1]]
    return replace(flock, lock=lock, command=tuple(command))


_FLOCK_TEXT = frozenset({"-c", "--command"})
_FLOCK_MODES: dict[str, Literal["exclusive", "shared", "unlock"]] = {
    "x": "exclusive",
    "e": "exclusive",
    "s": "shared",
    "u": "unlock",
}
"""-o and -F change nothing where no child outlives its parent."""
_FLOCK_LONG = {
    "--nb": "n",
    "--nonblock": "n",
    "--nonblocking": "n",
    "--exclusive": "x",
    "--shared": "s",
    "--unlock": "u",
    "--close": "o",
    "--no-fork": "F",
    "--wait": "w",
    "--timeout": "w",
    "--conflict-exit-code": "E",
}


def _flock_option(rest: list[str]) -> tuple[str, str]:
    """Take the next option from the words: its letter, and its value if it has one."""
    word = rest.pop(0)
    name, equals, value = word.partition("=")
    letter, more = (_FLOCK_LONG.get(name, ""), "") if word[:2] == "--" else (word[1:2], word[2:])
    if letter in {"w", "E"} and word[:2] != "--":
        value = more or (rest.pop(0) if rest else "")
    elif letter in {"w", "E"} and not equals:
        value = rest.pop(0) if rest else ""
    elif more:
        rest.insert(0, f"-{more}")  # `-xn` is -x and -n
    if letter not in set("wEnxesuoF") or (equals and letter not in {"w", "E"}):
        message = f"flock: option {word} is not simulated"
        raise CommandUsageError(message)
    return letter, value


def _status(text: str) -> int:
    if not text.isdecimal() or int(text) > STATUS_MAX:
        message = f"flock: an exit status is a number up to {STATUS_MAX}, not {text!r}"
        raise CommandUsageError(message)
    return int(text)


def _timeout(arguments: list[str]) -> Timeout:
    rest = _past_options(arguments, {"-k", "--kill-after", "-s", "--signal"})
    if len(rest) < 2:  # noqa: PLR2004 - span and command
        message = "timeout: a span and a command are needed"
        raise CommandUsageError(message)
    return Timeout(span_of_sleep(rest[0]), tuple(rest[1:]))


def _shell(name: str, arguments: list[str]) -> Plain | Commands:
    rest = list(arguments)
    errexit = False
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        errexit = errexit or "e" in option
        if "c" in option and rest:
            text = rest.pop(0)
            return Commands(f"set -e;{text}" if errexit else text, tuple(rest[1:]))
    if not rest:
        message = f"{name}: a script is missing"
        raise CommandUsageError(message)
    return Plain(tuple(rest))
