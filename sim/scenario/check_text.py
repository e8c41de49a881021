"""Texts inside a file that have a language of their own: spans, dates, templates, SQL.

The languages belong to others (the calendar, the world's templates, the warehouse); this module
asks them and turns their answers into problems with a place.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span, zone

if TYPE_CHECKING:
    from sim.scenario.problems import Path, Problems


def check_span(text: str | float, path: Path, problems: Problems) -> None:
    """Report `text` when it is no span of time."""
    try:
        parse_span(text)
    except ValueError as error:
        problems.at(path, "E-SPAN", str(error), hint="write 45m, 1h30m or 20s")


def check_date(text: str, path: Path, problems: Problems) -> date | None:
    """The date that `text` is; None, and reported, when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.at(path, "E-DATE", f'"{text}" is no date', hint="dates are written 2024-03-14")
        return None


def check_zone(name: str, path: Path, problems: Problems) -> None:
    """Report `name` when it is no time zone."""
    try:
        zone(name)
    except ValueError:
        problems.at(path, "E-TIMEZONE", f'there is no time zone "{name}"', hint="write an IANA name such as Europe/Madrid")
