"""When a job of anacron is due: by dates alone, never by hours.

Source: cronie 1.7.2, anacron/lock.c (consider_job) and anacron/gregor.c. Pure functions of the date
in a job's timestamp and of the date on which anacron starts.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

Named = Literal["", "daily", "weekly", "monthly", "yearly"]

MISSPELT = "@annualy"  # codespell:ignore annualy
"""How anacron once spelt a period, and still reads it."""

NAMED_PERIODS: MappingProxyType[str, Named] = MappingProxyType(
    {
        "@monthly": "monthly",
        "@yearly": "yearly",
        "@annually": "yearly",
        MISSPELT: "yearly",
        "@daily": "daily",
        "@weekly": "weekly",
    }
)
"""In the order in which anacron compares them."""

_LEAST: dict[Named, int] = {"daily": 1, "weekly": 7, "monthly": 28, "yearly": 365}
"""Days before which no job of that name is due again."""


@dataclass(frozen=True, slots=True)
class Period:
    """How often a job is to run."""

    days: int
    """0 is a period as well: at each start of anacron. Of no meaning with a name."""
    name: Named = ""


def due(period: Period, last: date, today: date) -> bool:
    """Whether a job that last ran on `last` is to run on `today`.

    A month has passed after as many days as the last month had, or exactly as many as this one has.
    A timestamp that lies ahead makes a job due at once, unless its period has a name.
    """
    passed = (today - last).days
    if not period.name:
        return not 0 <= passed < period.days
    usual, exact = _lengths(period.name, today)
    return passed >= usual or passed == exact


def next_due(period: Period, last: date, today: date) -> date:
    """The first day from `today` on that is `due`; the last that there is for one beyond it."""
    if not period.name:
        wait = period.days if last <= today else 0
        return (
            max(today, last + timedelta(days=wait)) if wait <= (date.max - last).days else date.max
        )
    day = max(today, last + timedelta(days=_LEAST[period.name]))
    while not due(period, last, day):
        day += timedelta(days=1)
    return day


def _lengths(name: Named, today: date) -> tuple[int, int]:
    """Days of the span before this one, and of this one."""
    if name == "monthly":
        before = today.replace(day=1) - timedelta(days=1)
        return monthrange(before.year, before.month)[1], monthrange(today.year, today.month)[1]
    if name == "yearly":
        return 365 + isleap(today.year - 1), 365 + isleap(today.year)
    return _LEAST[name], _LEAST[name]
