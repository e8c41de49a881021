"""`orchsim sql`: one SELECT over a night, or the tables that can be asked about.

stdout has the answer alone: a table to read, CSV or one JSON object. What is wrong with a statement
is shown on stderr with its place, and the exit code is 2; what is too much for the bounds ends
with 4.
"""

from __future__ import annotations

import csv
import io
import sys
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sim.engine.orchestrators import title
from sim.errors import ScenarioError, UsageError
from sim.kernel.calendar import format_instant
from sim.model.diagnostics import Diagnostic
from sim.session.questions import SCHEMA, ask, tables
from sim.world.warehouse import SqlError
from tui.cli.diagnostics import ExitCode
from tui.cli.inputs import STDIN, asked_instant, config_of, scenario_of
from tui.cli.output import write, write_json
from tui.cli.pages.layout import indented

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sim.scenario.schema import Config, Scenario
    from sim.session.questions import Listed
    from sim.world.warehouse import Answer
    from tui.cli.commands import Call

FORMAT = 1
"""Version of what `--json` prints."""
QUERY = "<sql>"
"""What problems call the statement of the command line."""
NULL = "NULL"


def act(call: Call) -> int:
    """Print the answer to the statement, or the tables when there is none."""
    if call["json"] and call["csv"]:
        raise UsageError(call.words.say("usage.json_and_csv"))
    if call["query"] == "-" and call["config"] == "-":
        raise UsageError(call.words.say("usage.stdin_twice"))
    scenario = scenario_of(call)
    config = config_of(call, scenario)
    if call["query"] is None:
        _catalog(call, scenario, config)
        return ExitCode.MET
    at = asked_instant(call, scenario)
    sql, name = _statement(call)
    call.texts[name] = sql
    try:
        answer = ask(scenario, config, sql, at=at)
    except SqlError as error:
        raise ScenarioError([_problem(error, sql, name)]) from None
    if call["json"]:
        write_json(_as_json(answer, at))
    elif call["csv"]:
        write(_as_csv([answer.columns, *answer.rows]))
    else:
        write(_page(call, scenario, answer, at))
    return ExitCode.MET


def _statement(call: Call) -> tuple[str, str]:
    """The statement, and what to call it in problems."""
    if call["query"] != "-":
        return call["query"], QUERY
    return sys.stdin.read(), STDIN


def _problem(error: SqlError, sql: str, name: str) -> Diagnostic:
    """Where the statement is wrong; its first character when the place is not known."""
    before = sql[: error.position or 0]
    return Diagnostic(
        "E-SQL",
        error.message,
        file=name,
        line=before.count("\n") + 1,
        column=len(before) - (before.rfind("\n") + 1) + 1,
    )


# -- an answer ------------------------------------------------------------------------------


def _page(call: Call, scenario: Scenario, answer: Answer, at: int) -> str:
    cells = [[_cell(value) for value in row] for row in answer.rows]
    right = [
        bool(answer.rows)
        and all(isinstance(row[place], (int, float, type(None))) for row in answer.rows)
        for place in range(len(answer.columns))
    ]
    lines = _aligned(call, [list(answer.columns), *cells], right)
    told = call.words.in_zone(scenario.clock.timezone).say(
        "sql.rows", count=len(answer.rows), at=format_instant(at, scenario.clock.timezone)
    )
    return "\n".join([*lines, call.terminal.paint(told, "dim")]) + "\n"


def _aligned(call: Call, rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for number, row in enumerate(rows):
        parts = [
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(row, widths, right, strict=True)
        ]
        line = "  ".join(parts).rstrip()
        lines.append(call.terminal.paint(line, "bold") if number == 0 else line)
    return lines


def _cell(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _as_json(answer: Answer, at: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "at": format_instant(at),
        "columns": [
            {"name": name, "type": kind}
            for name, kind in zip(answer.columns, answer.types, strict=True)
        ],
        "rows": [[_finite(value) for value in row] for row in answer.rows],
    }


def _finite(value: Any) -> Any:
    """JSON has no infinity."""
    return str(value) if isinstance(value, float) and not abs(value) < float("inf") else value


def _as_csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow(["" if value is None else _cell_of_csv(value) for value in row])
    return text.getvalue()


def _cell_of_csv(value: object) -> object:
    return _cell(value) if isinstance(value, bool) else value


# -- the tables -----------------------------------------------------------------------------


def _catalog(call: Call, scenario: Scenario, config: Config) -> None:
    found = tables(scenario, config)
    if call["json"]:
        write_json({"format": FORMAT, "schema": SCHEMA, "tables": [_listed(one) for one in found]})
    elif call["csv"]:
        rows = [(one.group, one.name, *column) for one in found for column in one.columns]
        write(_as_csv([("group", "table", "column", "type"), *rows]))
    else:
        write(_listing(call, found, config))


def _listed(one: Listed) -> dict[str, Any]:
    return {
        "group": one.group,
        "name": one.name,
        "empty": not one.told,
        "columns": [{"name": name, "type": kind} for name, kind in one.columns],
    }


def _listing(call: Call, found: Sequence[Listed], config: Config) -> str:
    say, paint = call.words.say, call.terminal.paint
    parts = []
    for group, members in groupby(found, key=lambda one: one.group):
        heading = say(f"sql.{group}", system=title(config), schema=SCHEMA)
        lines = [paint(heading, "bold")]
        silent = []
        for one in members:
            if not one.told:
                silent.append(one.name)
                continue
            columns = ", ".join(f"{name} {kind}" for name, kind in one.columns)
            lines.append(indented(one.name))
            lines += textwrap.wrap(
                columns, call.terminal.width - 1, initial_indent="    ", subsequent_indent="    "
            )
        if silent:
            lines.append(indented(say("sql.silent")))
            lines += textwrap.wrap(
                ", ".join(silent),
                call.terminal.width - 1,
                initial_indent="    ",
                subsequent_indent="    ",
            )
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, say("sql.next", scenario=call["scenario"])]) + "\n"
