"""What is in a partition, as facts that can be compared: rows, sums, a digest, few rows in full.

The digest does not depend on the order of rows, and counts duplicates: it is the sum of the rows'
own 128-bit digests, so two equal partitions have equal digests on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from sim.world.config import Table

CONTENT_ROWS_MAX = 64
"""Up to how many rows a partition is kept in full."""
_NUMERIC = ("DECIMAL", "BIGINT", "INTEGER", "DOUBLE", "HUGEINT", "SMALLINT", "FLOAT", "NUMERIC")


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """One data date of a table."""

    rows: int
    sums: Mapping[str, str]
    """Numeric column -> its sum, as decimal text."""
    digest: str
    content: tuple[tuple[str | None, ...], ...] | None
    """The rows as text, ordered; None when there are more than `CONTENT_ROWS_MAX`."""


def partition_facts(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    table: Table,
    *,
    known: Mapping[str, tuple[int, str]] | None = None,
) -> tuple[dict[str, PartitionFacts], dict[str, tuple[int, str]]]:
    """The facts of every partition of `relation` that differ from `known`, and the new `known`.

    `known` maps ISO dates to (rows, digest). A table without a partition column is one partition
    called "" (empty).
    """
    part = "''" if table.partition is None else f"CAST({_name(table.partition)} AS VARCHAR)"
    texts = ", ".join(
        f"coalesce(CAST({_name(column)} AS VARCHAR), '∅')" for column in table.columns
    )
    sums = [column for column, kind in table.columns.items() if kind.upper().startswith(_NUMERIC)]
    totals = "".join(f", CAST(sum({_name(column)}) AS VARCHAR)" for column in sums)
    rows = connection.execute(
        f"SELECT {part}, count(*), "  # noqa: S608 - names come from the scenario's own table
        f"CAST(sum(md5_number_lower(concat_ws('␟', {texts})) // 4) AS VARCHAR){totals} "
        f"FROM {relation} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    seen = {row[0]: (row[1], row[2]) for row in rows}
    changed = {row[0]: row for row in rows if known is None or known.get(row[0]) != seen[row[0]]}
    small = [day for day, row in changed.items() if row[1] <= CONTENT_ROWS_MAX]
    content = _content(connection, relation, part, table, small)
    facts = {
        day: PartitionFacts(
            rows=row[1],
            sums=dict(zip(sums, (_plain(value) for value in row[3:]), strict=True)),
            digest=f"{row[1]}:{row[2]}",
            content=content.get(day),
        )
        for day, row in changed.items()
    }
    return facts, seen


def _content(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    part: str,
    table: Table,
    days: Iterable[str],
) -> dict[str, tuple[tuple[str | None, ...], ...]]:
    wanted = sorted(days)
    if not wanted:
        return {}
    columns = ", ".join(f"CAST({_name(column)} AS VARCHAR)" for column in table.columns)
    found: dict[str, list[tuple[str | None, ...]]] = {day: [] for day in wanted}
    for row in connection.execute(
        f"SELECT {part} AS _part, {columns} FROM {relation} WHERE {part} IN "  # noqa: S608 - as above
        f"({', '.join('?' for _ in wanted)}) ORDER BY ALL",
        wanted,
    ).fetchall():
        found[row[0]].append(row[1:])
    return {day: tuple(rows) for day, rows in found.items()}


def _plain(value: str | None) -> str:
    return "0" if value is None else format(Decimal(value), "f")


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
