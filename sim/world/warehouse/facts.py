"""What is in a partition, as facts that can be compared: rows, sums, a digest, few rows in full.

Two equal partitions have equal facts on any machine: rows count with their duplicates, their order
does not count. A partition of few rows is read whole and digested here; a large one is digested by
the database, as the sum of its rows' own 128-bit digests.
"""

# ruff: noqa: S608 - names and dates are the scenario's own, and quoted; never a player's text

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

from sim.world.warehouse.writes import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import duckdb

    from sim.world.config import Table

CONTENT_ROWS_MAX = 64
"""Up to how many rows a partition is kept in full."""
_FEW_DAYS = 8
"""Up to how many days are read whole without counting their rows first."""
_NUMERIC = ("DECIMAL", "BIGINT", "INTEGER", "DOUBLE", "HUGEINT", "SMALLINT", "FLOAT", "NUMERIC")
_Content = tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """One data date of a table."""

    rows: int
    sums: Mapping[str, str]
    """Numeric column -> its sum, as decimal text."""
    digest: str
    content: _Content | None
    """The rows as text, ordered; None when there are more than `CONTENT_ROWS_MAX`."""


def numeric_columns(table: Table) -> list[str]:
    """The columns that have a sum."""
    return [name for name, kind in table.columns.items() if kind.upper().startswith(_NUMERIC)]


def partition_facts(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    table: Table,
    *,
    days: Collection[str] | None = None,
) -> dict[str, PartitionFacts]:
    """ISO date -> the facts of that partition of `relation`; only of `days` when given.

    A day without rows is left out, and so are rows without a day: no reader of a day sees them. A
    table without a partition column is one partition, "".
    """
    part = "''" if table.partition is None else f"CAST({quoted(table.partition)} AS VARCHAR)"
    if days is not None and len(days) <= _FEW_DAYS:
        limit = len(days) * CONTENT_ROWS_MAX
        facts = _small(connection, f"{relation}{_where(table, days)}", part, table, limit=limit)
        if facts is not None:
            return facts
    counts = dict(
        connection.execute(
            f"SELECT {part}, count(*) FROM {relation}{_where(table, days)} "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    )
    small = [day for day, rows in counts.items() if rows <= CONTENT_ROWS_MAX]
    large = [day for day in counts if day not in small]
    found: dict[str, PartitionFacts] = {}
    if small:
        found |= _small(connection, f"{relation}{_where(table, small)}", part, table) or {}
    if large:
        found |= _large(connection, f"{relation}{_where(table, large)}", part, table)
    return {day: found[day] for day in counts}


def _where(table: Table, days: Collection[str] | None) -> str:
    if table.partition is None:
        return ""
    if days is None:
        return f" WHERE {quoted(table.partition)} IS NOT NULL"
    listed = ", ".join(f"DATE '{day}'" for day in sorted(days)) or "NULL"
    return f" WHERE {quoted(table.partition)} IN ({listed})"


def _small(
    connection: duckdb.DuckDBPyConnection,
    origin: str,
    part: str,
    table: Table,
    *,
    limit: int | None = None,
) -> dict[str, PartitionFacts] | None:
    """The facts of partitions of few rows; None when there are more rows than `limit`."""
    columns = ", ".join(f"CAST({quoted(column)} AS VARCHAR)" for column in table.columns)
    found: dict[str, list[tuple[str | None, ...]]] = {}
    cut = "" if limit is None else f" LIMIT {limit + 1}"
    rows_read = connection.execute(
        f"SELECT {part}, {columns} FROM {origin} ORDER BY ALL{cut}"
    ).fetchall()
    if limit is not None and len(rows_read) > limit:
        return None
    for row in rows_read:
        found.setdefault(row[0], []).append(row[1:])
    if any(len(rows) > CONTENT_ROWS_MAX for rows in found.values()):
        return None
    names = list(table.columns)
    places = [(column, names.index(column)) for column in numeric_columns(table)]
    facts = {}
    for day, rows in found.items():
        sums = {
            column: format(sum((Decimal(row[at] or 0) for row in rows), Decimal(0)), "f")
            for column, at in places
        }
        text = "\n".join("\x1f".join("\x00" if one is None else one for one in row) for row in rows)
        digest = sha256(text.encode()).hexdigest()[:32]
        facts[day] = PartitionFacts(len(rows), sums, digest, tuple(rows))
    return facts


def _large(
    connection: duckdb.DuckDBPyConnection, origin: str, part: str, table: Table
) -> dict[str, PartitionFacts]:
    texts = ", ".join(
        f"coalesce(CAST({quoted(column)} AS VARCHAR), chr(0))" for column in table.columns
    )
    summed = numeric_columns(table)
    totals = "".join(f", CAST(sum({quoted(column)}) AS VARCHAR)" for column in summed)
    rows = connection.execute(
        f"SELECT {part}, count(*), CAST(sum(md5_number_lower(concat_ws(chr(31), {texts})) // 4) "
        f"AS VARCHAR){totals} FROM {origin} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return {
        row[0]: PartitionFacts(
            rows=row[1],
            sums={
                column: "0" if total is None else format(Decimal(total), "f")
                for column, total in zip(summed, row[3:], strict=True)
            },
            digest=row[2],
            content=None,
        )
        for row in rows
    }
