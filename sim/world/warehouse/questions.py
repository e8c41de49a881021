"""Questions to a warehouse: one SELECT over its tables and over relations from outside.

As locked in as everything else here: no file, no network, no extension, nothing is written, and
time, memory and rows are bounded. `now()` is the instant asked about. Unlike in the SQL of a task
it has a time zone, as in PostgreSQL, where Airflow's metadata lives.
"""

# ruff: noqa: S608 - names are quoted; the one text of the player's was checked to be a SELECT

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.errors import LimitError
from sim.world.warehouse.connection import bounded, set_clock
from sim.world.warehouse.errors import SqlError
from sim.world.warehouse.relation import TYPES, Kind, Relation
from sim.world.warehouse.statement import check_select, tables_named
from sim.world.warehouse.writes import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb

ROWS_MAX = 100_000
"""Rows that one answer may have."""
_ROWS_AT_ONCE = 10_000
"""Rows that one statement brings in: each has the time of one statement."""
_DRAWN = re.compile(r"^LINE (\d+): (.*)\n( *)\^", re.MULTILINE)
_ZONED_CLOCK = ("now", "get_current_timestamp", "transaction_timestamp", "current_timestamp")
_SENT_AS_THEY_ARE = frozenset({"int", "bigint", "time", "localtime", "bool"})
_PLAIN = frozenset(
    {
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT"),
        *("USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "VARCHAR"),
    }
)
"""Types with the same values in every program; others are given as the database writes them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a SELECT gave."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    """The database's names."""
    rows: tuple[tuple[bool | int | float | str | None, ...], ...]


class Questions:
    """One warehouse that stands still at an instant, with relations from outside beside it."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: Iterable[str],
        *,
        schema: str,
        relations: Iterable[Relation],
        instant: int,
    ) -> None:
        self._connection = connection
        tables = frozenset(tables)
        taken = {table.casefold() for table in tables}
        schemas = {table.rpartition(".")[0].casefold() for table in tables}
        while schema in schemas:
            schema = f"{schema}_"
        self.schema = schema
        """Where the relations are: the name asked for, or one that no table of the world has."""
        self._relations: dict[str, Relation] = {}
        """By each name under which it is found, in small letters."""
        for relation in relations:
            self._relations[f"{schema}.{relation.name}"] = relation
            if relation.name not in taken:
                self._relations[relation.name] = relation
        self._allowed = tables | frozenset(self._relations)
        self._loaded: set[str] = set()
        self._prepare(instant)

    def ask(self, sql: str) -> Answer:
        """The answer to one SELECT.

        Raises `SqlError` for one that is wrong, `LimitError` for one that is too much.
        """
        connection = self._connection
        body = check_select(connection, sql, self._allowed)
        begun = sql.index(body)
        for name in tables_named(connection, body):
            relation = self._relations.get(name)
            if relation is not None:
                self._load(relation)
        try:
            return _answer(connection, body)
        except SqlError as error:
            place = None if error.position is None else error.position + begun
            raise SqlError(error.message, place) from None

    def _prepare(self, instant: int) -> None:
        connection = self._connection
        set_clock(connection, instant)
        for name in _ZONED_CLOCK:
            # in place of the one without a zone that the SQL of tasks reads
            connection.execute(
                f'CREATE OR REPLACE MACRO "{name}"() AS '
                "make_timestamptz(getvariable('orchsim_now'))"
            )
        connection.execute(f"CREATE SCHEMA {quoted(self.schema)}")

    def _load(self, relation: Relation) -> None:
        if relation.name in self._loaded:
            return
        self._loaded.add(relation.name)
        connection = self._connection
        table = f"{quoted(self.schema)}.{quoted(relation.name)}"
        columns = ", ".join(f"{quoted(name)} {TYPES[kind]}" for name, kind in relation.columns)
        connection.execute(f"CREATE TABLE {table} ({columns})")
        _insert(connection, table, relation, relation.rows())
        if relation.name in self._relations:
            view = f"CREATE VIEW main.{quoted(relation.name)} AS SELECT * FROM {table}"
            connection.execute(view)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    relation: Relation,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Many rows in one statement, column by column: row by row takes a hundred times as long."""
    present = {name for row in rows for name in row}
    columns = [(name, kind) for name, kind in relation.columns if name in present]
    if not rows or not columns:
        return
    names = ", ".join(quoted(name) for name, _ in columns)
    lists = ", ".join(f"unnest($v{at}) AS v{at}" for at in range(len(columns)))
    parts = ", ".join(_received(f"v{at}", kind) for at, (_, kind) in enumerate(columns))
    statement = f"INSERT INTO {table} ({names}) SELECT {parts} FROM (SELECT {lists})"
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[first : first + _ROWS_AT_ONCE]
        given = {
            f"v{at}": [_sent(row.get(name), kind) for row in some]
            for at, (name, kind) in enumerate(columns)
        }
        bounded(connection, partial(connection.execute, statement, given))


def _sent(value: Any, kind: Kind) -> Any:
    return value if value is None or kind in _SENT_AS_THEY_ARE else str(value)


def _received(name: str, kind: Kind) -> str:
    made = {"time": "make_timestamptz", "localtime": "make_timestamp"}.get(kind)
    return f"CAST({name} AS {TYPES[kind]})" if made is None else f"{made}({name})"


def _answer(connection: duckdb.DuckDBPyConnection, body: str) -> Answer:
    described = _run(connection, "DESCRIBE (\n", body, "\n)")
    names, types = tuple(str(row[0]) for row in described), tuple(str(row[1]) for row in described)
    places = [f"c{at}" for at in range(len(types))]
    parts = ", ".join(
        place if kind in _PLAIN else f"CAST({place} AS VARCHAR)"
        for place, kind in zip(places, types, strict=True)
    )
    after = f"\n) AS t({', '.join(places)}) LIMIT {ROWS_MAX + 1}"
    rows = _run(connection, f"SELECT {parts} FROM (\n", body, after)
    if len(rows) > ROWS_MAX:
        name = "sql_rows"
        message = f"the answer has more than {ROWS_MAX} rows; add a LIMIT or an aggregate"
        raise LimitError(name, ROWS_MAX, message)
    return Answer(names, types, tuple(tuple(row) for row in rows))


def _run(
    connection: duckdb.DuckDBPyConnection, before: str, body: str, after: str
) -> list[tuple[Any, ...]]:
    """Run a checked statement within something of our own; an error says where it is in `body`."""
    try:
        rows: list[tuple[Any, ...]] = bounded(
            connection, lambda: connection.execute(before + body + after).fetchall()
        )
    except SqlError as error:
        raise SqlError(error.message, _place(str(error.__context__), body)) from None
    return rows


def _place(told: str, body: str) -> int | None:
    """Where in `body` the caret of the database's message points, None when it has none.

    The message shows `LINE 2: ` with the line, cut on both sides when it is long, and a caret below
    it; our own text takes the first line.
    """
    drawn = _DRAWN.search(told)
    if drawn is None:
        return None
    number, shown, caret = int(drawn[1]) - 2, drawn[2], len(drawn[3])
    lines = body.split("\n")
    if not 0 <= number < len(lines):
        return None
    cut = 3 if shown.startswith("...") else 0
    begun = lines[number].find(shown.removeprefix("...").removesuffix("..."))
    caret -= len(f"LINE {drawn[1]}: ")
    if begun < 0 or caret < cut:
        return None
    return sum(len(line) + 1 for line in lines[:number]) + begun + caret - cut
