"""Commands that run another command: flock, timeout, nice, env, sh, python and their like.

Reads their arguments, at run time and when a config is checked alike. It runs nothing.
Sources: util-linux flock(1), coreutils timeout(1), nice(1), env(1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span

if TYPE_CHECKING:
    from collections.abc import Sequence


class CommandUsageError(ValueError):
    """What the command says when it is called wrongly."""


@dataclass(frozen=True, slots=True)
class Flock:
    """`flock [-n | -w SECONDS] [-E CODE] LOCK COMMAND…`."""

    lock: str
    wait_us: int | None
    """How long to wait for the lock; None for ever, 0 not at all."""
    conflict_code: int
    command: tuple[str, ...]


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
    rest = arguments
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in {"-n", "--nb", "--nonblock"}:
            wait_us = 0
        elif option in {"-w", "--wait", "--timeout"} and rest:
            wait_us = span_of_sleep(rest.pop(0))
        elif option in {"-E", "--conflict-exit-code"} and rest and rest[0].isdigit():
            conflict_code = int(rest.pop(0))
        elif option not in {"-x", "-e", "--exclusive", "-o", "--close", "-F", "--no-fork"}:
            message = f"flock: option {option} is not simulated"
            raise CommandUsageError(message)
    if len(rest) < 2:  # noqa: PLR2004 - lock and command
        message = "flock: a lock file and a command are needed"
        raise CommandUsageError(message)
    lock, *command = rest
    if command[0] in {"-c", "--command"}:
        if len(command) != 2:  # noqa: PLR2004 - -c and its text
            message = "flock: -c takes one text"
            raise CommandUsageError(message)
        command = ["sh", "-c", command[1]]
    return Flock(lock, wait_us, conflict_code, tuple(command))


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
