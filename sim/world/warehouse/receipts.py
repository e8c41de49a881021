"""Receipts: rows of the warehouse that say which calls outside were made, or are about to be.

One row for each (pipeline, data date, kind), whatever try wrote it. A receipt is a statement like
any other: before, after or together with what it is about, and a crash falls between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sim.world.warehouse.writes import BEGIN, COMMIT, Statement

if TYPE_CHECKING:
    import duckdb

RECEIPTS = "_orchsim.receipt"
CALL = Statement("call", "", ())
"""Not for the database: the place of the call among the statements."""

ReceiptOrder = Literal["none", "before", "after", "in_transaction"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt is kept under."""

    pipeline: str
    data_date: str
    """ISO date."""
    kind: str


def receipt_statements(receipt: Receipt, order: ReceiptOrder) -> tuple[Statement, ...]:
    """A call with its receipt, in the order in which they happen, when it stands alone."""
    write = Statement("receipt", "receipt", (_insert(receipt),))
    match order:
        case "none":
            return (CALL,)
        case "before":
            return (write, CALL)
        case "after":
            return (CALL, write)
        case "in_transaction":
            begin = Statement("begin", "receipt", (BEGIN,))
            return (begin, write, CALL, Statement("commit", "receipt", (COMMIT,)))


def joined(writes: tuple[Statement, ...], receipt: Receipt) -> tuple[Statement, ...]:
    """The receipt and the call inside of the write's own transaction, just before its commit."""
    write = Statement("receipt", "receipt", (_insert(receipt),))
    return (*writes[:-1], write, CALL, writes[-1])


def joins(writes: tuple[Statement, ...]) -> bool:
    """Whether a write ends with a commit of its own, so that something can go before it."""
    return writes[-1].sql == (COMMIT,)


def create_receipts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make room for receipts, once."""
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {RECEIPTS} "
        "(pipeline VARCHAR, data_date VARCHAR, kind VARCHAR, "
        "PRIMARY KEY (pipeline, data_date, kind))"
    )


def drop_receipts(connection: duckdb.DuckDBPyConnection) -> None:
    """As if there had never been a receipt."""
    connection.execute(f"DROP TABLE IF EXISTS {RECEIPTS}")


def has_receipt(connection: duckdb.DuckDBPyConnection, receipt: Receipt) -> bool:
    """Whether there is a committed receipt."""
    row = connection.execute(
        f"SELECT count(*) FROM {RECEIPTS} WHERE pipeline = $1 AND data_date = $2 AND kind = $3",  # noqa: S608 - a constant
        [receipt.pipeline, receipt.data_date, receipt.kind],
    ).fetchone()
    return row is not None and row[0] > 0


def _insert(receipt: Receipt) -> str:
    values = ", ".join(
        _text(value) for value in (receipt.pipeline, receipt.data_date, receipt.kind)
    )
    return f"INSERT INTO {RECEIPTS} VALUES ({values}) ON CONFLICT DO NOTHING"  # noqa: S608 - quoted


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
