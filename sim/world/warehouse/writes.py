"""How rows reach a table: write modes as real statements on a connection of their own.

Between two statements of a plan the process may die. What was committed stays, an open transaction
rolls back; so a mode loses or doubles exactly what it would in a real warehouse.
"""

# ruff: noqa: S608 - names and dates are the scenario's own, and quoted; never a player's text

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.errors import LimitError
from sim.world.warehouse.connection import bounded
from sim.world.warehouse.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    import duckdb

    from sim.world.config import Table
    from sim.world.warehouse.dataset import Dataset

BEGIN, COMMIT = "BEGIN TRANSACTION", "COMMIT"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a plan."""

    op: str
    """`insert`, `delete`, `begin`, `commit`, `merge`, `replace`, `overwrite`, `create`, `swap`."""
    table: str
    sql: tuple[str, ...]
    """What is sent to the database in one go."""


class WritePlan:
    """The statements of one write, executed one by one on a connection of their own."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        statements: tuple[Statement, ...],
        *,
        dataset: Dataset | None = None,
        on_effect: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self.statements = statements
        self._dataset: Dataset | None = dataset
        """Held while the plan may read it: a dataset that nobody holds is dropped."""
        self._on_effect = on_effect
        self._in_transaction = False

    @property
    def calls(self) -> bool:
        """Whether one of its places is a call outside."""
        return any(statement.op == "call" for statement in self.statements)

    def commits(self, index: int) -> bool:
        """Whether what statement `index` does is kept when nobody comes back after it."""
        return not self._in_transaction or self.statements[index].sql == (COMMIT,)

    def execute(self, index: int) -> int:
        """Run statement `index` (from 0); the number of rows that it affected.

        Raises `SqlError` for what the database refuses (a value that does not fit its column, a
        row that another open transaction changed), `LimitError` for what is too much. An open
        transaction has then rolled back.
        """
        statement = self.statements[index]
        try:
            affected: int = bounded(self._connection, lambda: self._send(statement))
        except (SqlError, LimitError):
            self.abandon()
            raise
        self._on_effect()
        if index == len(self.statements) - 1:
            self._dataset = None
        return affected

    def abandon(self) -> None:
        """The process dies here: an open transaction rolls back, the rest stays."""
        self._dataset = None
        if self._in_transaction:
            self._in_transaction = False
            # a transaction that failed to commit is gone already
            with suppress(SqlError):
                bounded(self._connection, lambda: self._connection.execute("ROLLBACK"))

    def _send(self, statement: Statement) -> int:
        affected = 0
        for sql in statement.sql:
            if sql == BEGIN:
                self._in_transaction = True
            result = self._connection.execute(sql)
            if sql == COMMIT:
                self._in_transaction = False
            if sql.startswith(("INSERT", "DELETE", "MERGE")):
                row = result.fetchone()
                affected = row[0] if row else 0
        return affected


def write_statements(
    name: str, table: Table, dataset: Dataset, *, mode: str, day: date, staging: str
) -> tuple[Statement, ...]:
    """The statements by which `dataset`, the rows of `day`, reaches `table` in this mode."""
    target = qualified(name)
    columns = ", ".join(quoted(column) for column in table.columns)
    insert = f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {dataset.relation}"
    here = f" WHERE {quoted(table.partition)} = DATE '{day}'" if table.partition else ""
    delete = f"DELETE FROM {target}{here}"
    begin, commit = BEGIN, COMMIT
    match mode:
        case "append":
            return (Statement("insert", name, (insert,)),)
        case "overwrite_table":
            everything = f"DELETE FROM {target}"
            return (Statement("overwrite", name, (begin, everything, insert, commit)),)
        case "replace_partition":
            return (Statement("replace", name, (begin, delete, insert, commit)),)
        case "delete_insert":
            return (Statement("delete", name, (delete,)), Statement("insert", name, (insert,)))
        case "delete_insert_transaction":
            return (
                Statement("begin", name, (begin,)),
                Statement("delete", name, (delete,)),
                Statement("insert", name, (insert,)),
                Statement("commit", name, (commit,)),
            )
        case "delete_partition":
            return (Statement("delete", name, (delete,)),)
        case "replace_partitions":
            listed = f"SELECT {quoted(table.partition)} FROM {dataset.relation}"
            all_of_them = f"DELETE FROM {target} WHERE {quoted(table.partition)} IN ({listed})"
            return (Statement("replace", name, (begin, all_of_them, insert, commit)),)
        case "merge" | "merge_delete" | "merge_delete_all":
            vanished = {"merge": None, "merge_delete": day, "merge_delete_all": "all"}[mode]
            merge = _merge(target, table, dataset, columns, vanished)
            return (Statement("merge", name, (merge,)),)
        case "stage_and_swap" | "shared_stage_and_swap":
            shared = mode == "shared_stage_and_swap"
            return _staged(
                name,
                columns,
                dataset,
                delete,
                stage=f"stage of {name}" if shared else staging,
                shared=shared,
            )
    message = f"no write mode {mode!r}"
    raise ValueError(message)


def _staged(
    name: str, columns: str, dataset: Dataset, delete: str, *, stage: str, shared: bool
) -> tuple[Statement, ...]:
    """Through a staging table: one of this try's own, or one that all of them use."""
    target, stage = qualified(name), f"_orchsim.{quoted(stage)}"
    make = "CREATE TABLE IF NOT EXISTS" if shared else "CREATE OR REPLACE TABLE"
    create = (f"{make} {stage} AS FROM {target} LIMIT 0", *_only_if(shared, f"DELETE FROM {stage}"))
    fill = f"INSERT INTO {stage} ({columns}) SELECT {columns} FROM {dataset.relation}"
    take = f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {stage}"
    drop = _only_if(not shared, f"DROP TABLE {stage}")
    return (
        Statement("create", name, create),
        Statement("insert", name, (fill,)),
        Statement("swap", name, (BEGIN, delete, take, *drop, COMMIT)),
    )


def _only_if(wanted: bool, sql: str) -> tuple[str, ...]:  # noqa: FBT001 - reads as a condition
    return (sql,) if wanted else ()


def _merge(
    target: str, table: Table, dataset: Dataset, columns: str, vanished: date | str | None
) -> str:
    """An upsert by the business key.

    Rows that vanished from the source stay in the table, unless `vanished` says where they go: in
    the partition of one day, or in all of the table.
    """
    if not table.key:
        message = f"merge needs a key to tell rows apart, and {target} has none"
        raise SqlError(message)
    keys = " AND ".join(f"t.{quoted(key)} = s.{quoted(key)}" for key in table.key)
    others = [column for column in table.columns if column not in table.key]
    update = ", ".join(f"{quoted(column)} = s.{quoted(column)}" for column in others)
    values = ", ".join(f"s.{quoted(column)}" for column in table.columns)
    matched = f" WHEN MATCHED THEN UPDATE SET {update}" if others else ""
    gone = ""
    if vanished is not None:
        here = f" AND t.{quoted(table.partition)} = DATE '{vanished}'"
        gone = f" WHEN NOT MATCHED BY SOURCE{'' if vanished == 'all' else here} THEN DELETE"
    return (
        f"MERGE INTO {target} AS t USING (SELECT * FROM {dataset.relation}) AS s ON {keys}"
        f"{matched} WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({values}){gone}"
    )


def quoted(identifier: str | None) -> str:
    """An identifier, safe to stand in a statement."""
    return '"' + (identifier or "").replace('"', '""') + '"'


def qualified(name: str) -> str:
    """A `schema.table` name, safe to stand in a statement."""
    return ".".join(quoted(part) for part in name.split("."))
