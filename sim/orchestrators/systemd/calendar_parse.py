"""The text of a calendar event: `Mon..Fri *-*-* 09:00:00 Europe/Madrid`, read into its fields.

Source: systemd 252, src/shared/calendarspec.c, `calendar_spec_from_string` and what it calls: the
order is weekdays, date, time, zone, and nothing may stand elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from sim.kernel.calendar import SECOND, zone

LAST_YEAR = 2199
"""MAX_YEAR: what is later never elapses."""
SHORTHANDS = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    "semiannually": "*-01,07-01 00:00:00",
    "semi-annually": "*-01,07-01 00:00:00",
    "biannually": "*-01,07-01 00:00:00",
    "bi-annually": "*-01,07-01 00:00:00",
    "yearly": "*-01-01 00:00:00",
    "annually": "*-01-01 00:00:00",
    "anually": "*-01-01 00:00:00",
}
"""Words that stand for an expression; the misspelt one is systemd's own."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMED = {name: day for day, long in enumerate(_WEEKDAYS) for name in (long, long[:3])}
_COMPONENT = re.compile(r"(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?(?:/(\d+(?:\.\d+)?))?\Z")
_LAST_DAYS = 28
"""How far from its end a month can be counted."""
_TWO_DIGITS = ((70, 2000), (100, 1900))


class CalendarEventError(ValueError):
    """A calendar event cannot be read. `position` counts characters from 0."""

    def __init__(self, message: str, position: int, hint: str) -> None:
        super().__init__(message, position, hint)
        self.message = message
        self.position = position
        self.hint = hint

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Component:
    """One element of a field: a value, a range, or a value that repeats."""

    start: int
    stop: int | None = None
    repeat: int = 0
    """0: never."""

    def has(self, value: int) -> bool:
        """Whether it allows a value."""
        if not self.repeat:
            return value == self.start
        beyond = self.stop is not None and value > self.stop
        return value >= self.start and not beyond and (value - self.start) % self.repeat == 0

    def values(self, high: int) -> range:
        """What it allows up to `high`."""
        if not self.repeat:
            return range(self.start, self.start + 1)
        end = high if self.stop is None else min(high, self.stop)
        return range(self.start, end + 1, self.repeat)

    def turned(self, days: int) -> Component:
        """The same days of a month, counted from its start instead of from its end."""
        start = days - self.start + 1
        if self.stop is None:
            return Component(start, None, self.repeat)
        return Component(days - self.stop + 1, start, self.repeat)


@dataclass(frozen=True, slots=True)
class Fields:
    """What stands where; None is `*`."""

    weekdays: frozenset[int] | None = None
    """Monday is 0."""
    year: tuple[Component, ...] | None = None
    month: tuple[Component, ...] | None = None
    day: tuple[Component, ...] | None = None
    from_end: bool = False
    """Days are counted from the month's end: `~`."""
    hour: tuple[Component, ...] | None = None
    minute: tuple[Component, ...] | None = None
    second: tuple[Component, ...] | None = None
    """Microseconds."""
    timezone: str | None = None


def read(text: str) -> Fields:
    """The fields of an expression. Raises `CalendarEventError`."""
    if not text.strip():
        _refuse("a calendar event cannot be empty", 0, "write daily, or Mon..Fri 09:00")
    words = [(found.group(), found.start()) for found in re.finditer(r"\S+", text)]
    timezone = _timezone(words)
    if timezone is not None:
        words.pop()
        if not words:
            _refuse("a zone alone is no calendar event", 0, f"write daily {timezone}")
    if len(words) == 1 and words[0][0].lower() in SHORTHANDS:
        spelled = SHORTHANDS[words[0][0].lower()]
        words = [(word, 0) for word in spelled.split()]
    weekdays = _weekdays(*words.pop(0)) if words and words[0][0][0].isalpha() else None
    year, month, day, from_end = None, None, None, False
    if words and ":" not in words[0][0]:
        year, month, day, from_end = _date(*words.pop(0))
    hour, minute, second = _time(*words.pop(0)) if words else _midnight()
    if words:
        word, at = words[0]
        hint = "the order is weekdays, date, time, zone: Mon *-*-1..7 03:00 Europe/Madrid"
        _refuse(f'"{word}" cannot stand here', at, hint)
    return Fields(weekdays, year, month, day, from_end, hour, minute, second, timezone)


def _timezone(words: list[tuple[str, int]]) -> str | None:
    last = words[-1][0]
    if last.upper() == "UTC":
        return "UTC"
    if not last[0].isalpha() or last.lower() in _NAMED or last.lower() in SHORTHANDS:
        return None
    if len(words) == 1 or not re.fullmatch(r"[A-Za-z][\w+-]*(/[\w+-]+)*", last):
        return None
    try:
        zone(last)
    except ValueError:
        return None
    return last


def _weekdays(word: str, at: int) -> frozenset[int] | None:
    found: set[int] = set()
    position = at
    for element in word.split(","):
        first, dots, last = element.partition("..")
        if not dots:
            first, dots, last = element.partition("-")
        names = [first, last] if dots else [first]
        days = [_NAMED.get(name.lower()) for name in names]
        for name, day in zip(names, days, strict=True):
            if day is None:
                _refuse(f'"{name}" is no weekday', position, "write Mon, Tue, … or Mon..Fri")
        known = [day for day in days if day is not None]
        if known[-1] < known[0]:
            _refuse(f'"{element}" ends before it begins', position, "a week begins on Monday")
        found.update(range(known[0], known[-1] + 1))
        position += len(element) + 1
    return None if len(found) == len(_WEEKDAYS) else frozenset(found)


def _date(
    word: str, at: int
) -> tuple[
    tuple[Component, ...] | None, tuple[Component, ...] | None, tuple[Component, ...] | None, bool
]:
    from_end = "~" in word
    parts = re.split(r"[-~]", word)
    if len(parts) not in {2, 3} or word.count("~") > 1 or "~" in word[: word.rfind("-") + 1]:
        _refuse(f'"{word}" is no date', at, "write *-*-01, 03-01, *-*~1 (the last day)")
    year = _chain(parts[0], at, 1970, LAST_YEAR) if len(parts) == 3 else None  # noqa: PLR2004
    month = _chain(parts[-2], at, 1, 12)
    day = _chain(parts[-1], at, 1, _LAST_DAYS if from_end else 31, from_end=from_end)
    return year, month, day, from_end


def _midnight() -> tuple[tuple[Component, ...], tuple[Component, ...], tuple[Component, ...]]:
    zero = (Component(0),)
    return zero, zero, zero


def _time(
    word: str, at: int
) -> tuple[
    tuple[Component, ...] | None, tuple[Component, ...] | None, tuple[Component, ...] | None
]:
    parts = word.split(":")
    if len(parts) not in {2, 3}:
        _refuse(f'"{word}" is no time', at, "write 09:00 or 09:00:00")
    hour, minute = _chain(parts[0], at, 0, 23), _chain(parts[1], at, 0, 59)
    if len(parts) == 2:  # noqa: PLR2004
        return hour, minute, (Component(0),)
    return hour, minute, _chain(parts[2], at, 0, 60 * SECOND - 1, unit=SECOND)


def _chain(
    text: str, at: int, low: int, high: int, *, unit: int = 1, from_end: bool = False
) -> tuple[Component, ...] | None:
    """The elements of one field; None for `*`."""
    if text == "*":
        return None
    found = {_component(element, at, low, unit): element for element in text.split(",")}
    chain = sorted(found, key=lambda one: (one.start, one.stop or -1, one.repeat))
    for number, one in enumerate(chain):
        # counted from the end, systemd allows three days less for each further element
        most = high - 3 * number if from_end else high
        _check(one, found[one], at, low, most, unit=unit, from_end=from_end)
    return tuple(chain)


def _component(text: str, at: int, low: int, unit: int) -> Component:
    found = _COMPONENT.match(text)
    if found is None or ("." in text.replace("..", "") and unit == 1):
        _refuse(f'"{text}" is no number, range or repetition', at, "write 5, 1..7 or 0/15")
    start, stop, repeat = (
        None if one is None else round(float(one) * unit) for one in found.groups()
    )
    assert start is not None
    if repeat == 0:
        _refuse(f'"{text}" never repeats', at, "repeat by at least 1")
    if low == 1970:  # noqa: PLR2004 - only years begin there
        start, stop = _year(start), None if stop is None else _year(stop)
    if stop is None:
        return Component(start, None, repeat or 0)
    if stop < start:
        _refuse(f'"{text}" ends before it begins', at, "exchange the ends of the range")
    every = repeat or unit
    # a repetition that does not fit into its range is none, and a range ends with its last one
    if start + every > stop:
        if unit != 1 and repeat is None:
            _refuse(f'"{text}" is a range of no second', at, f"write {found[1]}")
        return Component(start)
    return Component(start, stop - (stop - start) % every, every)


def _check(
    one: Component, text: str, at: int, low: int, high: int, *, unit: int, from_end: bool
) -> None:
    """Hold an element to its field; a repetition must happen at least once."""
    if not low <= one.start <= high or (one.stop is not None and one.stop > high):
        _refuse(f'"{text}" is out of range', at, f"between {low // unit} and {high // unit}")
    if one.stop is None and one.repeat:
        again = one.start - one.repeat >= low if from_end else one.start + one.repeat <= high
        if not again or one.repeat > high - one.start:
            _refuse(f'"{text}" never repeats', at, "repeat within the field")


def _year(number: int) -> int:
    for below, century in _TWO_DIGITS:
        if number < below:
            return number + century
    return number


def _refuse(message: str, position: int, hint: str) -> NoReturn:
    raise CalendarEventError(message, position, hint)
