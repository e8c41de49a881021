"""Words and texts inside a file: names that lead somewhere, spans, dates, templates, SQL.

The languages of texts belong to others (the calendar, the world's templates, the warehouse); this
module asks them and turns their answers into problems with a place.
"""

from __future__ import annotations

import atexit
import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_span, parse_time_of_day, zone
from sim.scenario.problems import did_you_mean
from sim.world import templates
from sim.world.warehouse.connection import bounded, connect
from sim.world.warehouse.errors import SqlError
from sim.world.warehouse.statement import check_select as check_statement

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


def check_zone(name: str, path: Path, problems: Problems) -> bool:
    """Whether `name` is a time zone; reported when it is none."""
    try:
        zone(name)
    except ValueError:
        problems.at(
            path,
            "E-TIMEZONE",
            f'there is no time zone "{name}"',
            hint="write an IANA name such as Europe/Madrid",
        )
        return False
    return True


def check_time_of_day(text: str, path: Path, problems: Problems) -> None:
    """Report `text` when it is no time of day."""
    try:
        parse_time_of_day(text)
    except ValueError as error:
        problems.at(path, "E-TIME", str(error), hint="write 07:00, in quotes")


def check_reference(
    name: str, known: Iterable[str], path: Path, problems: Problems, *, code: str, what: str
) -> None:
    """Report `name` at `path` when it is not among the known names of `what`."""
    names = list(known)
    if name not in names:
        hint = did_you_mean(name, names) or f"there is no {what} yet"
        problems.at(path, code, f'{what} "{name}" is not defined', hint=hint)


def check_template(text: str, path: Path, problems: Problems, *, names: Iterable[str]) -> bool:
    """Whether `text` is a template that can be rendered with `names`; reported when it is not."""
    problem = templates.check(text)
    if problem is not None:
        start = _TEMPLATE.search(text)
        line, column = _place(text, start.start() if start else 0)
        problems.in_text(
            path,
            line,
            column,
            "E-TEMPLATE",
            f"the template cannot be read: {str(problem).rstrip('.')}",
        )
        return False
    known = sorted({*names, "macros"})
    unknown = sorted(templates.names_used(text) - set(known))
    for name in unknown:
        found = re.search(rf"\b{re.escape(name)}\b", text[text.index("{") :])
        line, column = _place(text, text.index("{") + (found.start() if found else 0))
        hint = did_you_mean(name, known)
        problems.in_text(
            path, line, column, "E-TEMPLATE-NAME", f'no name "{name}" in a template', hint=hint
        )
    return not unknown


_TEMPLATE = re.compile(r"\{[{%#]")


def _place(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of a position in a text."""
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def check_select(text: str, path: Path, problems: Problems, *, tables: Iterable[str]) -> None:
    """Report `text`, a template that can be read, when it is not one SELECT over `tables`.

    The statement is parsed by the warehouse itself; columns are only known when it runs.
    """
    try:
        sql = templates.render(text, SAMPLE)
    except templates.TemplateProblem:
        # a template that needs more than a sample can only be judged when it runs
        return
    said = _select_problem(sql, frozenset(tables))
    if said:
        line, column = _named_place(text, said)
        problems.in_text(path, line, column, "E-SQL", said[:1].lower() + said[1:])


_DAY = datetime(2024, 3, 13, tzinfo=UTC)
SAMPLE: dict[str, object] = {
    **dict.fromkeys(("ds", "fecha"), "2024-03-13"),
    **dict.fromkeys(("dag_id", "pipeline", "run_id", "task", "task_id"), "name"),
    **dict.fromkeys(
        ("data_interval_start", "data_interval_end", "logical_date", "run_after"), _DAY
    ),
    **dict.fromkeys(("now", "ts"), "2024-03-13T00:00:00+00:00"),
    "ds_nodash": "20240313",
    "ts_nodash": "20240313T000000",
    "partition_time_window": {"start": _DAY, "end": _DAY},
    "try_number": 1,
}
"""Names with values as an attempt might give them."""


def check_column_type(kind: str, path: Path, problems: Problems) -> None:
    """Report `kind` when the warehouse has no such type."""
    if said := _type_problem(kind):
        hint = "such as VARCHAR, BIGINT, DECIMAL(14,2), DATE or TIMESTAMP"
        problems.at(path, "E-COLUMN-TYPE", f'"{kind}" is no type: {said}', hint=hint)


@lru_cache(maxsize=256)
def _type_problem(kind: str) -> str:
    sql = f"SELECT CAST(NULL AS {kind})"
    if said := _select_problem(sql, frozenset()):
        return said
    cursor = _parser().cursor()
    try:
        bounded(cursor, lambda: cursor.execute(sql))
    except SqlError as error:
        return str(error)
    return ""


@lru_cache(maxsize=256)
def _select_problem(sql: str, tables: frozenset[str]) -> str:
    """What the warehouse says of a statement, empty when it would run it."""
    try:
        check_statement(_parser().cursor(), sql, tables)
    except SqlError as error:
        return str(error)
    return ""


@lru_cache(maxsize=1)
def _parser() -> Any:
    atexit.register(_parser.cache_clear)
    return connect()


def _named_place(text: str, said: str) -> tuple[int, int]:
    """Where the word that a message names stands, when it stands there once; else the start."""
    word = re.search(r'near "([^"]+)"|no table ([\w.]+)', said)
    found = list(re.finditer(re.escape(word[1] or word[2]), text)) if word else []
    return _place(text, found[0].start()) if len(found) == 1 else (1, 1)
