"""Crontab text to entries, as Debian cron 3.0pl1-162 reads a user's crontab (entry.c, env.c).

It reads everything and reports everything: a wrong line is a problem and no entry, the lines after
it still count. Nothing about commands is known here; they are `shell_parse`'s. Positions are lines
and columns of the crontab's text, from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sim.kernel.cron_expression import CronExpression, CronSyntaxError, parse_cron

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENVIRONMENT = re.compile(
    r"""\s*(?:"(?P<d>[^"]*)"|'(?P<s>[^']*)'|(?P<n>[^\s=#"']+))\s*=\s*(?P<value>.*?)\s*"""
)
_FIVE_FIELDS = re.compile(r"\s*(?:\S+[ \t]+){4}\S+")
_ZONES = frozenset({"CRON_TZ", "TZ"})
_MACRO = re.compile(r"\s*@\S+")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a text, with its place in it."""

    line: int
    column: int
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One crontab line that starts a command."""

    line: int
    schedule: CronExpression | None
    """None: @reboot."""
    schedule_text: str
    schedule_column: int
    command: str
    """What the shell gets: `%` has been dealt with."""
    columns: tuple[int, ...]
    """Column in the line of each character of `command`, and of its end."""
    environment: Mapping[str, str]
    """Variables set by the lines above."""

    @property
    def mailed(self) -> bool:
        """Whether output of the job is mailed: MAILTO is not the empty text."""
        return self.environment.get("MAILTO") != ""


@dataclass(frozen=True, slots=True)
class Crontab:
    """A crontab as read."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def parse_crontab(text: str) -> Crontab:
    """Read a whole crontab; never raises, problems are part of the answer."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    environment: dict[str, str] = {}
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        assignment = _ENVIRONMENT.fullmatch(line)
        if assignment is not None:
            name = assignment["d"] or assignment["s"] or assignment["n"] or ""
            environment[name] = _unquoted(assignment["value"])
            if name in _ZONES:
                message = f"{name} does not move schedules: Debian cron keeps the host's own zone"
                hint = "set cron.timezone, the zone of the host"
                problems.append(Problem(number, 1, "W-CRON-ZONE", message, hint))
            continue
        read = _entry(line, number, MappingProxyType(dict(environment)))
        if isinstance(read, Entry):
            entries.append(read)
        else:
            problems.append(read)
    if lines[-1].strip():
        hint = "end the text with a new line; in YAML write crontab: |"
        message = "the last line does not end with a new line, and cron refuses the whole crontab"
        problems.append(Problem(len(lines), len(lines[-1]) + 1, "E-CRONTAB-NEWLINE", message, hint))
    return Crontab(tuple(entries), tuple(problems))


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _entry(line: str, number: int, environment: Mapping[str, str]) -> Entry | Problem:
    indent = len(line) - len(line.lstrip())
    shape = (_MACRO if line.lstrip().startswith("@") else _FIVE_FIELDS).match(line)
    if shape is None:
        count = len(line.split())
        message = f"a crontab line has five fields and a command; here are {count} words"
        hint = "minute hour day-of-month month day-of-week command, such as 0 3 * * * /opt/job.sh"
        return Problem(number, indent + 1, "E-CRONTAB-FIELDS", message, hint)
    schedule_text = shape.group().strip()
    schedule = None
    if schedule_text != "@reboot":
        try:
            schedule = parse_cron(schedule_text, dialect="vixie")
        except CronSyntaxError as error:
            hint = error.hint
            if schedule_text.startswith("@"):
                hint = f"{hint}, @reboot"
            column = indent + error.position + 1
            return Problem(number, column, "E-CRON", error.message, hint)
    command, columns = _command(line, shape.end())
    if not command.strip():
        message = "there is no command after the schedule"
        return Problem(
            number, len(line) + 1, "E-CRONTAB-COMMAND", message, "add the command to run"
        )
    return Entry(number, schedule, schedule_text, indent + 1, command, columns, environment)


def _command(line: str, start: int) -> tuple[str, tuple[int, ...]]:
    r"""The command of a line: `\%` is a percent sign, the first bare `%` begins its input."""
    text: list[str] = []
    columns: list[int] = []
    at = start + len(line[start:]) - len(line[start:].lstrip())
    while at < len(line) and line[at] != "%":
        escaped = line.startswith("\\%", at)
        text.append("%" if escaped else line[at])
        columns.append(at + 1)
        at += 2 if escaped else 1
    return "".join(text), (*columns, at + 1)
