"""Commands that every shell has: the small ones that nightly scripts are glued together with.

Each takes the shell and the arguments and answers with an exit status. `notify` and
`heartbeat` are this simulator's own: they stand for whatever a team's scripts use to send a
message, and for the `curl` that pings a monitor outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.platform.shell.date_command import DateError, run_date
from sim.platform.shell.wrappers import CommandUsageError, span_of_sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.platform.shell.shell import Shell, Steps

_FOLDERS = ("/bin", "/usr/bin", "/usr/local/bin")
MISUSED = 2


def builtin_name(word: str) -> str | None:
    """The command of this module that a word calls: by name, or as a file of the system."""
    folder, slash, name = word.rpartition("/")
    known = name in BUILTINS and (not slash or (folder in _FOLDERS and name in FILES_TOO))
    return name if known else None


def _true(_shell: Shell, _arguments: Sequence[str]) -> Steps:
    yield from ()
    return 0


def _false(_shell: Shell, _arguments: Sequence[str]) -> Steps:
    yield from ()
    return 1


def _exit(shell: Shell, arguments: Sequence[str]) -> Steps:
    yield from ()
    code = arguments[0] if arguments else str(shell.status)
    raise shell.leave(int(code) % 256 if code.isdecimal() else MISUSED)


def _set(shell: Shell, arguments: Sequence[str]) -> Steps:
    yield from ()
    rest = list(arguments)
    while rest:
        option = rest.pop(0)
        if option == "--":
            shell.arguments = tuple(rest)
            break
        on = option.startswith("-")
        if "e" in option:
            shell.errexit = on
        if "u" in option:
            shell.nounset = on
        if option.endswith("o") and rest:
            long = rest.pop(0)
            shell.errexit = on if long == "errexit" else shell.errexit
            shell.nounset = on if long == "nounset" else shell.nounset
    return 0


def _export(shell: Shell, arguments: Sequence[str]) -> Steps:
    yield from ()
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals:
            shell.variables[name] = value
        shell.exported[name] = None
    return 0


def _echo(shell: Shell, arguments: Sequence[str]) -> Steps:
    yield from ()
    shell.out.append(" ".join(arguments))
    return 0


def _date(shell: Shell, arguments: Sequence[str]) -> Steps:
    yield from ()
    around = shell.around
    try:
        shell.out.append(run_date(arguments, now=around.kernel.now, timezone=around.timezone))
    except DateError as error:
        shell.err.append(str(error))
        return 1
    return 0


def _sleep(shell: Shell, arguments: Sequence[str]) -> Steps:
    try:
        span_us = sum(span_of_sleep(argument) for argument in arguments)
    except CommandUsageError as problem:
        shell.err.append(f"sleep: {problem}")
        return 1
    if not arguments:
        shell.err.append("sleep: missing operand")
        return 1
    yield shell.around.kernel.timeout(span_us)
    return 0


def _notify(shell: Shell, arguments: Sequence[str]) -> Steps:
    yield from ()
    if len(arguments) >= 1 and shell.around.notify(arguments[0]):
        return 0
    shell.err.append(f"notify: no such alert: {' '.join(arguments)}")
    return 1


def _heartbeat(shell: Shell, arguments: Sequence[str]) -> Steps:
    yield from ()
    if len(arguments) == 1 and shell.around.heartbeat(arguments[0]):
        return 0
    shell.err.append(f"heartbeat: no such heartbeat: {' '.join(arguments)}")
    return 1


def _test(shell: Shell, arguments: Sequence[str]) -> Steps:
    yield from ()
    match list(arguments):
        case ["!", *rest]:
            code = yield from _test(shell, rest)
            return {0: 1, 1: 0}.get(code, code)
        case []:
            return 1
        case ["-n", text] | [text]:
            return int(not text)
        case ["-z", text]:
            return int(bool(text))
        case [left, "=" | "==", right]:
            return int(left != right)
        case [left, "!=", right]:
            return int(left == right)
        case [left, "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" as sign, right] if (
            left.isdecimal() and right.isdecimal()
        ):
            return int(not _compare(int(left), sign, int(right)))
    shell.err.append(f"test: cannot read {' '.join(arguments)}")
    return MISUSED


def _compare(left: int, sign: str, right: int) -> bool:
    return {
        "-eq": left == right,
        "-ne": left != right,
        "-lt": left < right,
        "-le": left <= right,
        "-gt": left > right,
        "-ge": left >= right,
    }[sign]


def _bracket(shell: Shell, arguments: Sequence[str]) -> Steps:
    if not arguments or arguments[-1] != "]":
        shell.err.append("[: missing ]")
        return MISUSED
    return (yield from _test(shell, arguments[:-1]))


BUILTINS: dict[str, Callable[[Shell, Sequence[str]], Steps]] = {
    ":": _true,
    "[": _bracket,
    "cd": _true,
    "date": _date,
    "echo": _echo,
    "exit": _exit,
    "export": _export,
    "false": _false,
    "heartbeat": _heartbeat,
    "logger": _true,
    "notify": _notify,
    "set": _set,
    "sleep": _sleep,
    "test": _test,
    "true": _true,
    "umask": _true,
}
"""By name."""

FILES_TOO = frozenset(
    {*("[", "date", "echo", "false", "heartbeat", "logger", "notify", "sleep", "test", "true")}
)
"""Those that are programs as well, so that flock or timeout can run them."""
