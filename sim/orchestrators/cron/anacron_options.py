"""The command line of anacron: its options, and the jobs that it is about.

Source: cronie 1.7.2, anacron/main.c (parse_opts) and anacron(8). Pure; what the options bring
about is `anacron`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FLAGS: Mapping[str, Mapping[str, Any]] = {
    "s": {"serialize": True},
    "f": {"force": True},
    "u": {"update_only": True},
    "n": {"now": True, "serialize": True},
    "d": {"foreground": True},
    "q": {"quiet": True},
    "T": {"test_only": True},
}
_WITH_FILE = "tS"


@dataclass(frozen=True, slots=True)
class Options:
    """How anacron was started. Without patterns it is about every job."""

    serialize: bool = False
    """`-s`: a job starts when the one before it has ended."""
    force: bool = False
    """`-f`: whatever the timestamps and the hours say."""
    update_only: bool = False
    """`-u`: date the timestamps to today and run nothing."""
    now: bool = False
    """`-n`: without delays, at any hour, one after the other."""
    foreground: bool = False
    """`-d`: the command ends with anacron; otherwise at once."""
    quiet: bool = False
    """`-q`: with `-d`, say nothing."""
    test_only: bool = False
    """`-T`: only say whether the anacrontab is in order."""
    patterns: tuple[str, ...] = ("*",)
    problem: str = ""
    """Why it does not start at all."""

    def argument(self, identifier: str) -> int | None:
        """Which pattern is the first that names a job; None: it is not meant."""
        found = (at for at, one in enumerate(self.patterns) if fnmatchcase(identifier, one))
        return next(found, None)


STARTED = Options(serialize=True)
"""As the packages of cronie and of Debian start it: `anacron -s`."""


def read_options(arguments: Sequence[str]) -> Options:
    """Read a command line; options may stand behind patterns, `--` ends them."""
    options = Options()
    patterns: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            patterns += rest
            break
        if not word.startswith("-") or word == "-":
            patterns.append(word)
            continue
        for letter in word[1:]:
            if letter in _WITH_FILE:
                why = f"-{letter}: this host has one anacrontab and one spool directory"
                return replace(options, problem=why)
            if letter not in _FLAGS:
                return replace(options, problem=f"invalid option: {letter}")
            options = replace(options, **_FLAGS[letter])
    return replace(options, patterns=tuple(patterns)) if patterns else options
