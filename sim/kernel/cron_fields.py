"""One field of a cron expression: which values its text allows, in two dialects.

`vixie` is Debian cron 3.0pl1-162 (entry.c); `croniter` is what Airflow, Dagster and Prefect parse
with. It knows single fields only; what fields mean together is `cron_expression`'s matter.
Invariant: values are sorted, unique and inside the field's bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

Dialect = Literal["vixie", "croniter"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class CronSyntaxError(ValueError):
    """A cron expression cannot be read. `position` counts characters from 0."""

    def __init__(self, message: str, position: int, hint: str) -> None:
        super().__init__(message, position, hint)
        self.message = message
        self.position = position
        self.hint = hint

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class FieldKind:
    """One of the five places in an expression."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Words that may stand for the numbers from `low` on."""


SECOND = FieldKind("second", 0, 59)
"""Only where croniter finds a sixth field, at the end."""
MINUTE = FieldKind("minute", 0, 59)
HOUR = FieldKind("hour", 0, 23)
DAY_OF_MONTH = FieldKind("day of month", 1, 31)
MONTH = FieldKind("month", 1, 12, _MONTHS)
DAY_OF_WEEK = FieldKind("day of week", 0, 7, _WEEKDAYS)
FIELDS = (MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK)


@dataclass(frozen=True, slots=True)
class Field:
    """What a field's text allows."""

    text: str
    values: tuple[int, ...]
    """Sorted; Sunday is 0."""
    star: bool
    """The first character is `*`: Vixie's MIN_STAR, HR_STAR, DOM_STAR, DOW_STAR."""
    full: bool
    """Every value is allowed, however it was written."""
    last_day: bool = False
    """`L` in the day of month: also the month's last day (croniter)."""
    nth: tuple[tuple[int, int], ...] = ()
    """(weekday, n-th of the month; -1: the last) of `5#3` and `L5` (croniter)."""


def parse_field(text: str, kind: FieldKind, *, dialect: Dialect, position: int = 0) -> Field:
    """Read one field; `position` is where it starts in the whole expression.

    Raises `CronSyntaxError` with the position of the element that is wrong.
    """
    values: set[int] = set()
    nth: list[tuple[int, int]] = []
    last_day = False
    at = position
    for element in text.split(","):
        reader = _Element(element, kind, dialect, at)
        at += len(element) + 1
        if dialect == "croniter" and kind is DAY_OF_MONTH and element.lower() == "l":
            last_day = True
        elif dialect == "croniter" and kind is DAY_OF_WEEK and reader.special():
            nth.append(reader.nth_weekday())
        else:
            values.update(reader.values())
    if kind is DAY_OF_WEEK and 7 in values:  # noqa: PLR2004 - Sunday again
        values = (values - {7}) | {0}
    size = 7 if kind is DAY_OF_WEEK else kind.high - kind.low + 1
    full = len(values) == size
    return Field(text, tuple(sorted(values)), text.startswith("*"), full, last_day, tuple(nth))


_SHAPE = re.compile(
    r"(?P<star>\*|\?)|(?P<low>\w+)(?:-(?P<high>\w+))?", flags=re.ASCII | re.IGNORECASE
)
_NTH = re.compile(r"(\w+)#(\d+)|[lL](\w+)", flags=re.ASCII)


@dataclass(frozen=True, slots=True)
class _Element:
    """One part of a comma-separated field."""

    text: str
    kind: FieldKind
    dialect: Dialect
    position: int

    def values(self) -> range | list[int]:
        kind = self.kind
        body, slash, step_text = self.text.partition("/")
        shape = _SHAPE.fullmatch(body)
        if shape is None:
            self.refuse(f'"{self.text}" is no {kind.name}', self._example())
        step = self._step(step_text, len(body) + 1) if slash else 1
        if shape["star"]:
            return self._star(shape["star"], step)
        low = self._number(shape["low"], 0)
        if shape["high"] is None:
            if not slash:
                return [low]
            if self.dialect == "vixie":
                hint = f"write {shape['low']}-{self._top}/{step_text}"
                self.refuse(f'"{self.text}" has a step but no range', hint)
            return range(low, self._top + 1, step)
        high = self._number(shape["high"], shape.start("high"))
        if low <= high:
            if low == high and self.dialect == "croniter":
                return range(kind.low, self._top + 1, step)
            return range(low, high + 1, step)
        if self.dialect == "vixie":
            hint = f"write {shape['low']}-{self._top},{kind.low}-{shape['high']}"
            self.refuse(f'"{self.text}" runs backwards', hint)
        return self._wrapped(low, high, step)

    @property
    def _top(self) -> int:
        # a range without a written end stops at Saturday: 7 would be Sunday a second time
        return self.kind.high - 1 if self.kind is DAY_OF_WEEK else self.kind.high

    def _star(self, sign: str, step: int) -> range:
        if sign == "?" and (
            self.dialect == "vixie" or self.kind not in {DAY_OF_MONTH, DAY_OF_WEEK}
        ):
            self.refuse(f'"?" is no {self.kind.name}', "write *")
        return range(self.kind.low, self._top + 1, step)

    def _wrapped(self, low: int, high: int, step: int) -> list[int]:
        """A range over the end of the cycle, `22-2`: croniter goes round."""
        size = self._top - self.kind.low + 1
        span = (high - low) % size
        first = low - self.kind.low
        return [(first + ahead) % size + self.kind.low for ahead in range(0, span + 1, step)]

    def special(self) -> bool:
        return _NTH.fullmatch(self.text) is not None

    def nth_weekday(self) -> tuple[int, int]:
        found = _NTH.fullmatch(self.text)
        assert found is not None
        if found[3] is not None:
            return self._number(found[3], 1) % 7, -1
        number = int(found[2])
        if not 1 <= number <= 5:  # noqa: PLR2004 - no month has a sixth
            self.refuse(f'"{self.text}": there is no {number}th weekday in a month', "1 to 5")
        return self._number(found[1], 0) % 7, number

    def _number(self, text: str, ahead: int) -> int:
        kind = self.kind
        if text.isdecimal():
            number = int(text)
            if not kind.low <= number <= kind.high:
                message = f"{number} is out of range for the {kind.name}"
                self.refuse(message, f"{kind.low} to {kind.high}", ahead)
            return number
        if text.lower() in kind.names:
            return kind.names.index(text.lower()) + kind.low
        return self.refuse(f'"{text}" is no {kind.name}', self._example(), ahead)

    def _step(self, text: str, ahead: int) -> int:
        if not text.isdecimal() or int(text) == 0:
            self.refuse(f'"{text}" is no step', "a step is a number from 1", ahead)
        return int(text)

    def _example(self) -> str:
        kind = self.kind
        names = f", or {kind.names[0]} to {kind.names[-1]}" if kind.names else ""
        return f"{kind.low} to {kind.high}{names}; *, lists 1,2, ranges 1-5, steps */2"

    def refuse(self, message: str, hint: str, ahead: int = 0) -> NoReturn:
        raise CronSyntaxError(message, self.position + ahead, hint)
