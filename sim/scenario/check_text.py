"""Words and texts inside a file: names that lead somewhere, spans, dates, templates, SQL.

The languages of texts belong to others (the calendar, the world's templates, the warehouse); this module
asks them and turns their answers into problems with a place.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span, parse_time_of_day, zone

from sim.scenario.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def check_time_of_day(text: str, path: Path, problems: Problems) -> None:
    """Report `text` when it is no time of day."""
    try:
        parse_time_of_day(text)
    except ValueError as error:
        problems.at(path, "E-TIME", str(error), hint="write 07:00, in quotes")


def check_reference(  # noqa: PLR0913 - a reference has as many sides
    name: str, known: Iterable[str], path: Path, problems: Problems, *, code: str, what: str
) -> None:
    """Report `name` at `path` when it is not among the known names of `what`."""
    names = list(known)
    if name not in names:
        hint = did_you_mean(name, names) or f"there is no {what} yet"
        problems.at(path, code, f'{what} "{name}" is not defined', hint=hint)
def check_template(*a): ...
def check_task_texts(*a): ...
