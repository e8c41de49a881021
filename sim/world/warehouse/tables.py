"""The author's tables: created, filled, and told what they should hold (`truth`).

An author's mistake that only the database can see (a type, a row, a column of `truth`) ends as a
`ScenarioError` that names its place, never as an error of the database.
"""

# ruff: noqa: S608 - names and dates are the scenario's own, and quoted; never a player's text

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from sim.errors import ScenarioError
from sim.model.diagnostics import Diagnostic
from sim.world.warehouse.connection import bounded
from sim.world.warehouse.errors import SqlError
from sim.world.warehouse.facts import numeric_columns
from sim.world.warehouse.statement import check_select
from sim.world.warehouse.writes import qualified, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import duckdb

    from sim.kernel.streams import Streams
    from sim.world.config import Table
    from sim.world.resolved import ResolvedWorld


def create_table(connection: duckdb.DuckDBPyConnection, name: str, table: Table) -> None:
    """Create a table with the rows that it has from the start. Raises `ScenarioError`."""
    path = f"world.tables.{name}"
    if table.partition is not None and table.columns[table.partition].upper() != "DATE":
        kind = table.columns[table.partition]
        message = f"the partition {table.partition} is a {kind}, it must be a DATE"
        _refuse("E-COLUMN-TYPE", message, f"{path}.columns.{table.partition}")
    columns = ", ".join(f"{quoted(column)} {kind}" for column, kind in table.columns.items())
    with _author("E-COLUMN-TYPE", f"{path}.columns"):
        _create_schema(connection, name)
        _run(connection, f"CREATE TABLE {qualified(name)} ({columns})")
    with _author("E-TABLE-ROW", f"{path}.rows"):
        insert_rows(connection, name, table, table.rows)


def insert_rows(
    connection: duckdb.DuckDBPyConnection, name: str, table: Table, rows: Sequence[Sequence[Any]]
) -> None:
    """Insert few rows that are at hand. Raises `SqlError`."""
    if not rows:
        return
    holders = ", ".join("?" for _ in table.columns)
    values = ", ".join(f"({holders})" for _ in rows)
    flat = [None if value is None else str(value) for row in rows for value in row]
    _run(connection, f"INSERT INTO {qualified(name)} VALUES {values}", flat)


def insert_truth(
    connection: duckdb.DuckDBPyConnection,
    world: ResolvedWorld,
    streams: Streams,
    name: str,
    days: list[date],
    *,
    into: str,
    published: str | None = None,
) -> None:
    """Put what the partitions of `days` should hold into the existing relation `into`.

    With `published`, another SELECT over the same sources: what they were given instead.

    Every table with rows of its own must exist. Raises `ScenarioError`.
    """
    table = world.tables[name]
    dimensions = {other for other, one in world.tables.items() if one.rows}
    typed = ", ".join(
        f"CAST({quoted(column)} AS {kind}) AS {quoted(column)}"
        for column, kind in table.columns.items()
    )
    key = "truth" if published is None else "history.published"
    with _author("E-SQL", f"world.tables.{name}.{key}"):
        _create_sources(connection, world, streams, days)
        try:
            body = check_select(
                connection,
                (table.truth if published is None else published) or "",
                frozenset({*world.sources, *dimensions}),
            )
            _run(connection, f"INSERT INTO {into} SELECT {typed} FROM (\n{body}\n) AS t")
        finally:
            for source in world.sources:
                connection.execute(f"DROP VIEW IF EXISTS {qualified(source)}")


def insert_published(
    connection: duckdb.DuckDBPyConnection,
    world: ResolvedWorld,
    streams: Streams,
    name: str,
    days: list[date],
) -> None:
    """Put into a table what its readers were given of `days`, by its history's own statement.

    Raises `ScenarioError`.
    """
    history = world.tables[name].history
    told = "" if history is None else history.published or ""
    insert_truth(connection, world, streams, name, days, into=qualified(name), published=told)


def create_dimensions(connection: duckdb.DuckDBPyConnection, world: ResolvedWorld) -> None:
    """Create every table that has rows of its own. Raises `ScenarioError`."""
    for name, table in world.tables.items():
        if table.rows:
            create_table(connection, name, table)


def check_readers(world: ResolvedWorld) -> None:
    """Refuse a reader of a column that has no sum. Raises `ScenarioError`."""
    for name, person in world.people.items():
        reads = person.reads
        if reads is None or reads.figure in numeric_columns(world.tables[reads.table]):
            continue
        message = f"{name} reads {reads.figure}, which is no number in {reads.table}"
        _refuse("E-COLUMN-TYPE", message, f"world.people.{name}.reads.figure")


def _create_sources(
    connection: duckdb.DuckDBPyConnection, world: ResolvedWorld, streams: Streams, days: list[date]
) -> None:
    for source in world.sources.values():
        _create_schema(connection, source.name)
        relation = source.relation(streams, days)
        _run(connection, f"CREATE VIEW {qualified(source.name)} AS SELECT * FROM {relation}")


def _create_schema(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    schema = name.rpartition(".")[0]
    if schema:
        _run(connection, f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")


def _run(
    connection: duckdb.DuckDBPyConnection, sql: str, values: list[str | None] | None = None
) -> None:
    bounded(connection, lambda: connection.execute(sql, values))


@contextmanager
def _author(code: str, path: str) -> Iterator[None]:
    """What the database refuses inside is the author's mistake at `path`."""
    try:
        yield
    except SqlError as error:
        _refuse(code, str(error), path)


def _refuse(code: str, message: str, path: str) -> NoReturn:
    raise ScenarioError([Diagnostic(code, message, file="scenario.yaml", path=path)]) from None
