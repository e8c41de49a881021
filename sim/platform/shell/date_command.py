"""`date`: the one command whose output nightly scripts live on.

The part of GNU coreutils' date that scripts use: `-d`, `-u`, `-I` and a format. It reads the clock
it is given and nothing else; what it does not understand is an error text, as on a terminal.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sim.kernel.calendar import to_civil

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = {"minute": 60, "min": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_RELATIVE = re.compile(r"([+-]?)\s*(\d+)\s*(minute|min|hour|day|week)s?(\s+ago)?", re.IGNORECASE)
_DIRECTIVES = {
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "R": "%H:%M",
    "D": "%m/%d/%y",
    **{letter: f"%{letter}" for letter in "YymdHMSjuaAbBwVGZz%"},
}


class DateError(ValueError):
    """What date says on its error stream."""


def run_date(arguments: Sequence[str], *, now: int, timezone: str) -> str:
    """The line that `date` prints at the instant `now`. Raises `DateError`."""
    described, form, zone = "now", "%a %b %d %H:%M:%S %Z %Y", timezone
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in {"-d", "--date"} and rest:
            described = rest.pop(0)
        elif word.startswith("--date="):
            described = word.removeprefix("--date=")
        elif word.startswith("-d") and len(word) > len("-d"):
            described = word[2:]
        elif word in {"-u", "--utc", "--universal"}:
            zone = "UTC"
        elif word in {"-I", "--iso-8601", "-Idate"}:
            form = "%F"
        elif word.startswith("+"):
            form = word[1:]
        else:
            message = f"date: cannot read {word!r}"
            raise DateError(message)
    return _formatted(_moment(described, to_civil(now, zone)), form)


def _moment(described: str, now: datetime) -> datetime:
    """What the text after `-d` means; words add up: `2024-03-14 - 1 day`."""
    rest = described.strip()
    moment = now
    while rest:
        found = _RELATIVE.match(rest)
        if found is not None and (found[1] or found[4] or not rest[:4].isdigit()):
            backwards = (found[1] == "-") != bool(found[4])
            seconds = int(found[2]) * _UNITS[found[3].lower()]
            # days are added on the wall clock, hours too: date(1) warns of just that
            moment += timedelta(seconds=-seconds if backwards else seconds)
            rest = rest[found.end() :].strip()
            continue
        word, _, rest = rest.partition(" ")
        rest = rest.strip()
        days = {"yesterday": -1, "now": 0, "today": 0, "tomorrow": 1}.get(word.lower())
        if days is not None:
            moment += timedelta(days=days)
            continue
        try:
            day = date.fromisoformat(word)
        except ValueError:
            message = f"date: invalid date {described!r}"
            raise DateError(message) from None
        moment = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
    return moment


def _formatted(moment: datetime, form: str) -> str:
    def directive(found: re.Match[str]) -> str:
        known = _DIRECTIVES.get(found[1])
        if known is None:
            return str(int(moment.timestamp())) if found[1] == "s" else found[0]
        return moment.strftime(known)

    return re.sub(r"%(.)", directive, form)
