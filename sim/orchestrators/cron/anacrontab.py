"""Anacrontab text to jobs, as anacron reads it: cronie 1.7.2 (anacron/readtab.c), Debian 2.3-36.

It reads everything and reports everything. Unlike cron, anacron skips a wrong line with a complaint
and goes on, so most problems here are warnings: the lines around them count. Nothing about commands
is known here; they are `shell_parse`'s. Positions are lines and columns of the text, from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from sim.orchestrators.cron.anacron_dates import MISSPELT, NAMED_PERIODS, Period
from sim.orchestrators.cron.crontab import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Place = tuple[int, int]

Dialect = Literal["cronie", "debian"]

COMPLAINTS = frozenset({"W-ANACRONTAB-LINE", "E-ANACRONTAB-PERIOD"})
"""Codes of what anacron itself complains about."""
INT_MAX = 2_147_483_647
"""The greatest number that anacron reads."""
DAY_MINUTES = 24 * 60
"""Minutes of delay beyond which cronie's anacron suspects the clock and does not wait at all."""

_NOTHING = re.compile(r"[ \t]*(#.*)?", re.DOTALL)
_ENVIRONMENT = re.compile(r"[ \t]*(?P<name>[^ \t=]+)[ \t]*=(?P<value>.*)", re.DOTALL)
_JOB = re.compile(
    r"[ \t]*(?P<period>[0-9]+|@[^ \t]+)[ \t]+(?P<delay>[0-9]+)[ \t]+(?P<identifier>[^ \t/]+)[ \t]+"
    r"(?P<command>[^ \t].*)",
    re.DOTALL,
)
_RANGE = re.compile(r"([0-9]+)-([0-9]+)")
_NUMBER = re.compile(r"[0-9]+")
_WORD = re.compile(r"[^ \t]+")
_JOB_WORDS = 4
_CRONIE_ONLY = ("START_HOURS_RANGE", "RANDOM_DELAY", "PREFERRED_HOUR", "NO_MAIL_OUTPUT")
_EXAMPLE = "period delay identifier command, such as 1 5 cron.daily /opt/job.sh"
_HOUR_MAX = 24


@dataclass(frozen=True, slots=True)
class AnacronJob:
    """One line of an anacrontab that starts a command."""

    line: int
    """Line on which it begins."""
    period: Period
    delay: int
    """Minutes from anacron's start to the command's, without the random delay."""
    random_delay: int
    """At most so many minutes more: the RANDOM_DELAY above it, 0 without one."""
    drawn_at: int
    """Line of that RANDOM_DELAY: jobs below the same one have the same draw."""
    identifier: str
    """Name of its timestamp file."""
    command: str
    places: tuple[Place, ...]
    """Line and column of each character of `command`, and of its end."""
    environment: Mapping[str, str]
    """Variables set by the lines above."""

    def place(self, at: int) -> Place:
        """Line and column of an index into the command."""
        return self.places[at]


@dataclass(frozen=True, slots=True)
class Anacrontab:
    """An anacrontab as read."""

    dialect: Dialect
    jobs: tuple[AnacronJob, ...]
    problems: tuple[Problem, ...]
    hours: tuple[int, int] | None
    """Jobs start from this hour until before that one; None: at any. The last START_HOURS_RANGE of
    the text holds for all jobs, those above it too."""
    preferred_hour: int | None
    """The only hour in which jobs start, of all jobs as well."""


def parse_anacrontab(text: str, *, dialect: Dialect) -> Anacrontab:
    """Read a whole anacrontab; never raises, problems are part of the answer.

    `debian` knows neither START_HOURS_RANGE, RANDOM_DELAY, PREFERRED_HOUR and NO_MAIL_OUTPUT, nor
    any period by name but @monthly.
    """
    reader = _Reader(dialect)
    for line in _logical_lines(text):
        reader.read(line)
    return Anacrontab(
        dialect,
        tuple(reader.jobs),
        tuple(reader.problems),
        reader.hours,
        reader.preferred_hour,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with those that continue it."""

    text: str
    places: tuple[Place, ...]
    """Of each character, and of the end."""


def _number(digits: str) -> int:
    """What digits say, as far as it can be told from what is too great."""
    shorter = digits.lstrip("0")
    return int(shorter or "0") if len(shorter) <= len(str(INT_MAX)) else INT_MAX + 1


def _logical_lines(text: str) -> Iterator[_Line]:
    r"""Lines, a `\` at the end of one and the new line after it read as one space.

    An empty line after such an end is what is left of it: the new line itself.
    """
    characters: list[str] = []
    places: list[Place] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        continued = line.endswith("\\") and number < len(lines)
        joint = " " if continued and lines[number] else "\n"
        characters += line[:-1] + joint if continued else line
        places += [(number, column) for column in range(1, len(line) + 1)]
        if not continued:
            yield _Line("".join(characters), (*places, (number, len(line) + 1)))
            characters, places = [], []


@dataclass(slots=True)
class _Reader:
    """What has been read so far."""

    dialect: Dialect
    jobs: list[AnacronJob] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    hours: tuple[int, int] | None = None
    preferred_hour: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    random_delay: int = 0
    drawn_at: int = 0

    def read(self, line: _Line) -> None:
        """Take one line."""
        if _NOTHING.fullmatch(line.text):
            return
        assignment = _ENVIRONMENT.match(line.text)
        if assignment is not None:
            self._assignment(line, assignment)
            return
        found = _JOB.match(line.text)
        if found is None:
            self._not_a_job(line)
            return
        for part in ("period", "delay"):
            if found[part].isdecimal() and _number(found[part]) > INT_MAX:
                why = f"{found[part]} is greater than {INT_MAX}"
                self._skip(line, found.start(part), why, _EXAMPLE)
                return
        self._job(line, found)

    def _job(self, line: _Line, found: re.Match[str]) -> None:
        period = self._period(line, found)
        if period is None:
            return
        delay = _number(found["delay"])
        if self.dialect == "cronie" and delay > DAY_MINUTES:
            message = "a delay of more than a day is none: anacron starts the job at once"
            self._problem(line, found.start("delay"), "W-ANACRON-DELAY", message, "at most 1440")
        identifier = found["identifier"]
        if identifier == "*":
            message = f"this is a job called *, every {found['period']} days, not five fields"
            self._problem(line, found.start("period"), "W-ANACRON-CRONTAB", message, _EXAMPLE)
        if any(job.identifier == identifier for job in self.jobs):
            message = f"two jobs are called {identifier}: they share one timestamp"
            hint = "give each job a name of its own"
            self._problem(line, found.start("identifier"), "W-ANACRON-TWICE", message, hint)
        self.jobs.append(
            AnacronJob(
                line=line.places[0][0],
                period=period,
                delay=delay,
                random_delay=self.random_delay,
                drawn_at=self.drawn_at,
                identifier=identifier,
                command=found["command"],
                places=line.places[found.start("command") :],
                environment=MappingProxyType(dict(self.environment)),
            )
        )

    def _period(self, line: _Line, found: re.Match[str]) -> Period | None:
        text: str = found["period"]
        if text.isdecimal():
            return Period(_number(text))
        known = ("@monthly",) if self.dialect == "debian" else tuple(NAMED_PERIODS)
        for name in known:
            if text.startswith(name):  # what follows is not looked at
                return Period(0, NAMED_PERIODS[name])
        message = f"anacron has no period {text}, and what it does with the job is undefined"
        shown = [name for name in known if name != MISSPELT]
        hint = f"a number of days, or {', '.join(shown)}"
        self._problem(line, found.start("period"), "E-ANACRONTAB-PERIOD", message, hint)
        return None

    # -- assignments ------------------------------------------------------------------------

    def _assignment(self, line: _Line, found: re.Match[str]) -> None:
        name, value, at = found["name"], found["value"], found.start("value")
        known = next((one for one in _CRONIE_ONLY if name.startswith(one)), None)
        if known is not None and self.dialect == "debian":
            message = f"Debian's anacron does not know {known}: it is a variable of the commands"
            hint = "anacron_start: hourly is cronie's, which does"
            self._problem(line, found.start("name"), "W-ANACRON-VARIABLE", message, hint)
        elif known == "START_HOURS_RANGE":
            read = self._hours(line, value, at)
            if read is None:
                return
            value = read
        elif known == "RANDOM_DELAY":
            if not _NUMBER.fullmatch(value) or _number(value) >= INT_MAX:
                hint = "a number of minutes without spaces or quotes, such as RANDOM_DELAY=45"
                self._skip(line, at, f'"{value}" is no number of minutes', hint)
                return
            self.random_delay, self.drawn_at = _number(value), line.places[0][0]
        elif known == "PREFERRED_HOUR" and _NUMBER.fullmatch(value):
            self.preferred_hour = _number(value)
            if self.preferred_hour > _HOUR_MAX:
                self.preferred_hour = None
                self._skip(line, at, f"{value} is no hour", "0 to 23")
                return
            if self.preferred_hour == _HOUR_MAX:
                message = "no hour of a day is 24: no job ever starts"
                self._problem(line, at, "W-ANACRON-HOURS", message, "0 to 23")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            message = f"anacron keeps the quotes: they are a part of {name}"
            self._problem(line, at, "W-ANACRON-QUOTES", message, f"write {name}={value[1:-1]}")
        self.environment[name] = value

    def _hours(self, line: _Line, value: str, at: int) -> str | None:
        """Take a START_HOURS_RANGE; what the commands see as its value, None when it is skipped.

        The text is cut at the hyphen before it gets there (readtab.c, matchrx.c). A reversed range
        leaves an empty one behind: from then on no job starts.
        """
        found = _RANGE.fullmatch(value)
        hint = "from-to without spaces or quotes, such as START_HOURS_RANGE=3-22"
        if found is None:
            self._skip(line, at, f'"{value}" is no range of hours', hint)
            return None
        first, last = _number(found[1]), _number(found[2])
        if last < first:
            self.hours = 0, 0
            why = "a range does not go past midnight, and what is left of it lets no job start"
            self._skip(line, at, why, hint)
            return None
        self.hours = first, last
        if first == last or first >= _HOUR_MAX:
            message = f"no hour lies from {first} until before {last}: no job ever starts"
            self._problem(line, at, "W-ANACRON-HOURS", message, hint)
        return found[1]

    # -- problems ---------------------------------------------------------------------------

    def _not_a_job(self, line: _Line) -> None:
        """Say which part of a line is why it is none of a job."""
        words = list(_WORD.finditer(line.text))
        if not re.fullmatch(r"[0-9]+|@.+", words[0].group()):
            self._skip(line, words[0].start(), f'"{words[0].group()}" is no period', _EXAMPLE)
        elif len(words) > 1 and not _NUMBER.fullmatch(words[1].group()):
            why = f'"{words[1].group()}" is no number of minutes'
            self._skip(line, words[1].start(), why, _EXAMPLE)
        elif len(words) < _JOB_WORDS:
            why = f"a job has four parts, and here are {len(words)}"
            self._skip(line, words[0].start(), why, _EXAMPLE)
        else:
            why = f"{words[2].group()} names a file, and cannot have a slash in it"
            self._skip(line, words[2].start(), why, _EXAMPLE)

    def _skip(self, line: _Line, at: int, why: str, hint: str) -> None:
        self._problem(line, at, "W-ANACRONTAB-LINE", f"anacron skips this line: {why}", hint)

    def _problem(self, line: _Line, at: int, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(*line.places[at], code, message, hint))
