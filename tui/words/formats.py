"""How figures, money, times and counts look in each language.

Numbers: `15,432.5` in English, `15.432,5` in Spanish. Money is in dollars, as the shop counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import to_civil

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOTHING = "-"
"""Shown for a value that is not there."""

_SECOND = 1_000_000
_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
}
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}
_AND = {"en": "and", "es": "y"}


class Formats:
    """The formats of one language and time zone."""

    def __init__(self, lang: str, timezone: str) -> None:
        self.lang = lang
        self.timezone = timezone

    def number(self, value: Any, digits: int | None = None) -> str:
        """A number, thousands grouped; at most two decimals unless `digits` says how many.

        A figure of a table comes as decimal text and keeps both decimals, as its column would show
        them: `655,860.10`, beside a ratio of `0.4`.
        """
        amount = _decimal(value)
        if amount is None:
            return NOTHING if value is None else str(value)
        places = (0 if amount == amount.to_integral_value() else 2) if digits is None else digits
        text = f"{amount:,.{places}f}"
        if digits is None and "." in text and not isinstance(value, str | Decimal):
            text = text.rstrip("0").rstrip(".")
        return text if self.lang == "en" else text.translate(_SPANISH)

    def money(self, value: Any) -> str:
        """An amount of dollars with its cents."""
        amount = _decimal(value)
        if amount is None:
            return NOTHING if value is None else str(value)
        text = self.number(abs(amount), 2)
        sign = "-" if amount < 0 else ""
        return f"{sign}${text}" if self.lang == "en" else f"{sign}{text} $"

    def clock(self, value: Any) -> str:
        """An instant (µs) as civil time, `03:45` or `03:45:20`; text stays as it is."""
        if not isinstance(value, int):
            return NOTHING if value is None else str(value)
        moment = to_civil(value, self.timezone)
        return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")

    def day(self, value: Any) -> str:
        """A date (ISO text, date or instant) with its weekday: `Thu 14 Mar`, `jue 14 mar`."""
        if isinstance(value, int):
            value = to_civil(value, self.timezone).date()
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                return str(value)
        if not isinstance(value, date):
            return NOTHING if value is None else str(value)
        weekday, month = _WEEKDAYS[self.lang][value.weekday()], _MONTHS[self.lang][value.month - 1]
        return f"{weekday} {value.day} {month}"

    def span(self, value: Any) -> str:
        """A span (µs) in its two largest units: `5 h 27 min`, `20 s`."""
        if not isinstance(value, int):
            return NOTHING if value is None else str(value)
        rest = abs(value) // _SECOND
        parts = []
        for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
            count, rest = divmod(rest, size)
            if count:
                parts.append(f"{count} {unit}")
        return ("-" if value < 0 and parts else "") + (" ".join(parts[:2]) if parts else "0 s")

    def percent(self, value: Any) -> str:
        """A share of one as a percentage."""
        amount = _decimal(value)
        if amount is None:
            return NOTHING if value is None else str(value)
        shown = self.number(float(round(amount * 100, 1 if abs(amount) < 1 else 0)))
        return f"{shown}%" if self.lang == "en" else f"{shown} %"

    def count(self, value: Any, forms: str) -> str:
        """A number with its noun: forms are `one|many`, both languages know these two."""
        one, _, many = forms.partition("|")
        return f"{self.number(value)} {one if _decimal(value) == 1 else many}"

    def figures(self, value: Any) -> str:
        """Named figures: `revenue 655,860.10, orders 15,432`."""
        if not isinstance(value, Mapping) or not value:
            return NOTHING
        return ", ".join(f"{name} {self.number(figure)}" for name, figure in value.items())

    def listed(self, value: Any) -> str:
        """Items joined as people say them: `a, b and c`."""
        items = [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
        if len(items) < 2:  # noqa: PLR2004 - one item needs no joining word
            return items[0] if items else NOTHING
        return f"{', '.join(items[:-1])} {_AND[self.lang]} {items[-1]}"


FORMATS: dict[str, Callable[[Formats, Any, str], str]] = {
    "n": lambda formats, value, _: formats.number(value),
    "money": lambda formats, value, _: formats.money(value),
    "clock": lambda formats, value, _: formats.clock(value),
    "day": lambda formats, value, _: formats.day(value),
    "span": lambda formats, value, _: formats.span(value),
    "percent": lambda formats, value, _: formats.percent(value),
    "count": lambda formats, value, forms: formats.count(value, forms),
    "figures": lambda formats, value, _: formats.figures(value),
    "list": lambda formats, value, _: formats.listed(value),
}
"""From a template's kind to how it shows a value."""

KINDS: Sequence[str] = ("", "code", "if", "given", *FORMATS)
"""Every kind that a template may name."""

_SPANISH = str.maketrans({",": ".", ".": ","})


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
