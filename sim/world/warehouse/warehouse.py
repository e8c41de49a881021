"""The warehouse of one simulation: tables, datasets, writes, versions, reads.

A real database in memory. What readers see are committed rows; each time they would see something
else, `publish` gives the table a new version.
"""

# ruff: noqa: S608 - names and dates are the scenario's own, and quoted; never a player's text

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.kernel.streams import Streams
from sim.world.warehouse import receipts, tables
from sim.world.warehouse.connection import bounded, connect, give_back, reads_clock, set_clock
from sim.world.warehouse.dataset import Dataset, Lease
from sim.world.warehouse.errors import SqlError
from sim.world.warehouse.facts import PartitionFacts, numeric_columns, partition_facts
from sim.world.warehouse.keeping import Kept
from sim.world.warehouse.oracle import truth
from sim.world.warehouse.questions import Questions
from sim.world.warehouse.statement import check_select
from sim.world.warehouse.writes import WritePlan, qualified, quoted, write_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb

    from sim.world.config import Table
    from sim.world.resolved import ResolvedWorld
    from sim.world.warehouse.receipts import Receipt, ReceiptOrder
    from sim.world.warehouse.relation import Relation

PARTITIONS_MAX = 4_000
"""Partitions that one write may change."""
_ANYWHERE = frozenset({"overwrite_table", "merge_delete_all", "shared_stage_and_swap"})
"""Modes that may change other days than those of the rows that are written."""
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Change:
    """A new version of a table."""

    version: int
    partitions: Mapping[str, PartitionFacts]
    """ISO date -> what changed partitions hold now."""
    removed: tuple[str, ...]
    """ISO dates that are gone."""
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadNow:
    """What a reader gets."""

    shown: Decimal | None
    """The sum of the figure; None when the partition has no row."""
    version: int


class Warehouse:
    """Open it, use it, close it. Not shared between simulations."""

    def __init__(self, world: ResolvedWorld, *, seed: int) -> None:
        self._world = world
        self._streams = Streams(seed)
        self._connection: duckdb.DuckDBPyConnection = connect()
        self._known: dict[str, dict[str, PartitionFacts]] = {}
        self._touched: dict[str, frozenset[str] | None] = {}
        self._let_go: list[str] = []
        self._versions: dict[str, int] = {}
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._closed = False
        self._datasets = 0
        self._now = 0
        self._asked = False
        self._kept: Kept | None = None

    def open(self, *, first_day: date, last_day: date | None = None) -> None:
        """Create every table, with its rows and its history before the data date `first_day`.

        `last_day` is the last data date of the window: its truth is computed in the same stroke.
        Raises `ScenarioError` for what only the database could find wrong in the author's tables.
        """
        tables.check_readers(self._world)
        for name, table in self._world.tables.items():
            tables.create_table(self._connection, name, table)
            self._known[name], self._versions[name] = {}, 0
        for name, table in self._world.tables.items():
            if table.history is not None:
                self._remember(name, table, first_day, last_day or first_day)

    def keep(self) -> None:
        """Remember how everything stands now, so that `rewind` brings it back."""
        self._kept = Kept(
            self._connection, self._world.tables, known=self._known, versions=self._versions
        )

    def rewind(self) -> None:
        """Everything as it stood at `keep`, for one more simulation of the same window and seed."""
        assert self._kept is not None
        self._close_cursors()
        self._known, self._versions = self._kept.restore()
        receipts.drop_receipts(self._connection)
        self._touched.clear()
        self._now = 0

    def close(self) -> None:
        """Free the database. A second call has no effect."""
        self._close_cursors()
        self._kept = None
        if not self._closed:
            self._closed = True
            (_close if self._asked else give_back)(self._connection)
            # whoever still knows this warehouse must not keep the database alive
            del self._connection

    def _close_cursors(self) -> None:
        for cursor in self._cursors:
            cursor.close()
        self._cursors.clear()

    def set_now(self, instant: int) -> None:
        """Set the clock that `now()` reads in the next statements: microseconds since the epoch."""
        self._now = instant

    # -- datasets ---------------------------------------------------------------------------

    def snapshot(
        self, source: str, day: date, *, rows: int | None = None, reader: tuple[Any, ...] = ()
    ) -> Dataset:
        """A day of a source as it is now: all its rows, or only the first `rows`.

        From a source without an order, each `reader` gets them in one of its own.
        """
        origin = self._world.sources[source]
        true_rows = origin.rows(self._streams, day)
        given = true_rows if rows is None else min(rows, true_rows)
        relation = origin.relation(self._streams, [day], rows=given)
        if not origin.in_order:
            relation = origin.shuffled(relation, self._streams.bits("order", source, *reader))
        elif self._kept is not None and given == true_rows:
            relation = self._kept.source_day(source, day, relation, given)
        return Dataset(relation, given)

    def true_rows(self, source: str, day: date) -> int:
        """How many rows the source has for a day when nothing is wrong."""
        return self._world.sources[source].rows(self._streams, day)

    def arrived(self, source: str, day: date, since_midnight: int) -> int:
        """How many of a day's rows the source has so long after its midnight, microseconds."""
        return self._world.sources[source].arrived(self._streams, day, since_midnight)

    def query(self, sql: str, *, inputs: Mapping[str, Dataset]) -> Dataset:
        """The result of a player's SELECT over `inputs` and the tables, as a dataset.

        Raises `SqlError` for a statement that is wrong, `LimitError` for one that is too much.
        """
        connection = self._connection
        body = check_select(connection, sql, frozenset({*self._world.tables, *inputs}))
        kept = None if self._kept is None else self._kept.result(body, inputs)
        if kept is not None:
            return kept
        if reads_clock(body):
            set_clock(connection, self._now)
        relation, lease = self._lease()
        given = ", ".join(
            f"{quoted(name)} AS (SELECT * FROM {dataset.relation})"
            for name, dataset in inputs.items()
        )
        with_inputs = f"WITH {given} " if given else ""
        statement = f"CREATE TABLE {relation} AS {with_inputs}SELECT * FROM (\n{body}\n)"
        row = bounded(connection, lambda: connection.execute(statement).fetchone())
        made = Dataset(relation, row[0], lease)
        if self._kept is not None:
            self._kept.keep(body, inputs, made)
        return made

    def total(self, dataset: Dataset, column: str) -> Decimal:
        """The sum of a column; 0 for no rows. Raises `SqlError` for a column that has no sum."""
        sql = f"SELECT coalesce(sum({quoted(column)}), 0) FROM {dataset.relation}"
        row = bounded(self._connection, lambda: self._connection.execute(sql).fetchone())
        total = Decimal(str(row[0]))
        if not total.is_finite():
            message = f"the sum of {column} is {row[0]}"
            raise SqlError(message)
        return total

    def has_table(self, name: str) -> bool:
        """Whether the scenario declares this table."""
        return name in self._world.tables

    def table_dataset(self, name: str) -> Dataset:
        """A copy of a table as it is now."""
        relation, lease = self._lease()
        sql = f"CREATE TABLE {relation} AS FROM {qualified(name)}"
        row = bounded(self._connection, lambda: self._connection.execute(sql).fetchone())
        return Dataset(relation, row[0], lease)

    def _lease(self) -> tuple[str, Lease]:
        """The name of a new dataset, and what keeps it; drops those that nobody holds."""
        while self._let_go:
            self._connection.execute(f"DROP TABLE IF EXISTS {self._let_go.pop()}")
        self._datasets += 1
        relation = f"_orchsim.d{self._datasets}"
        return relation, Lease(relation, self._let_go)

    # -- writing ----------------------------------------------------------------------------

    def instant(self, dataset: Dataset) -> datetime | None:
        """The instant that a dataset of one row and column says; None for NULL or no row."""
        sql = f"SELECT CAST(#1 AS TIMESTAMP) FROM {dataset.relation}"
        row = bounded(self._connection, lambda: self._connection.execute(sql).fetchone())
        return None if row is None else row[0]

    def plan_write(
        self,
        table: str,
        dataset: Dataset,
        mode: str,
        day: date,
        *,
        receipt: Receipt | None = None,
    ) -> WritePlan:
        """The statements of one write, on a connection of its own.

        A `receipt` and its call go into the write's transaction, where it has one that is open
        between statements: `WritePlan.calls` tells. Raises `SqlError` when the rows do not fit the
        table.
        """
        config = self._world.tables[table]
        partitions = self._partitions(config, dataset, mode=mode, day=day)
        self._datasets += 1
        statements = write_statements(
            table, config, dataset, mode=mode, day=day, staging=f"stage{self._datasets}"
        )
        if receipt is not None and receipts.joins(statements):
            receipts.create_receipts(self._connection)
            statements = receipts.joined(statements, receipt)
        on_effect = partial(self._touch, table, partitions)
        return WritePlan(self._cursor(), statements, dataset=dataset, on_effect=on_effect)

    def plan_call(self, receipt: Receipt, order: ReceiptOrder) -> WritePlan:
        """A call outside with its receipt, on a connection of its own."""
        receipts.create_receipts(self._connection)
        return WritePlan(self._cursor(), receipts.receipt_statements(receipt, order))

    def has_receipt(self, receipt: Receipt) -> bool:
        """Whether the receipt of a call is there, for everybody to see."""
        return receipts.has_receipt(self._connection, receipt)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        self._cursors.append(cursor)
        return cursor

    def _partitions(
        self, table: Table, dataset: Dataset, *, mode: str, day: date
    ) -> frozenset[str] | None:
        """The ISO dates of the partitions that a write may change; None: any.

        Raises `SqlError` when the rows do not fit the table.
        """
        columns = ", ".join(quoted(column) for column in table.columns)
        # a date, not the player's text: it becomes part of the statements that publish
        part = f"CAST({quoted(table.partition)} AS DATE)" if table.partition else "NULL"
        sql = (
            f"SELECT DISTINCT CAST({part} AS VARCHAR) FROM "
            f"(SELECT {columns} FROM {dataset.relation}) LIMIT {PARTITIONS_MAX + 1}"
        )
        rows = self._days_of(dataset, sql)
        if len(rows) > PARTITIONS_MAX:
            message = f"the rows are of more than {PARTITIONS_MAX} days"
            raise SqlError(message)
        if table.partition is None or mode in _ANYWHERE:
            return None
        days = {day for day in rows if day is not None}
        for text in days:
            if not _ISO_DATE.fullmatch(text):
                message = f"{table.partition} is {text}, which is no date of a calendar"
                raise SqlError(message)
        return frozenset({day.isoformat(), *days})

    def _days_of(self, dataset: Dataset, sql: str) -> Sequence[str | None]:
        """The days of a dataset's rows; asked once for one that is the same in every simulation."""
        key = (sql, dataset.relation)
        if self._kept is not None and key in self._kept.days:
            return self._kept.days[key]
        rows = bounded(self._connection, lambda: self._connection.execute(sql).fetchall())
        days = tuple(None if row[0] is None else str(row[0]) for row in rows)
        if self._kept is not None and self._kept.is_kept(dataset.relation):
            self._kept.days[key] = days
        return days

    def _touch(self, table: str, partitions: frozenset[str] | None) -> None:
        """Remember which partitions a statement may have changed: publishing looks at no others."""
        touched = self._touched.get(table, frozenset())
        both = None if touched is None or partitions is None else touched | partitions
        self._touched[table] = both
        if self._kept is not None:
            self._kept.written.add(table)

    def publish(self, name: str) -> Change | None:
        """The new version of a table, None when readers see what they saw before."""
        table, known = self._world.tables[name], self._known[name]
        if name not in self._touched:
            return None
        days = self._touched.pop(name)
        facts = partition_facts(self._connection, qualified(name), table, days=days)
        looked_at = known.keys() if days is None else days & known.keys()
        removed = tuple(sorted(day for day in looked_at if day not in facts))
        changed = {
            day: one
            for day, one in facts.items()
            if day not in known or known[day].digest != one.digest
        }
        for day in removed:
            del known[day]
        known.update(changed)
        if not changed and not removed:
            return None
        self._versions[name] += 1
        return Change(self._versions[name], changed, removed, tuple(table.columns))

    # -- reading ----------------------------------------------------------------------------

    def read(self, table: str, figure: str, day: date) -> ReadNow:
        """What a reader of one day's figure gets now."""
        return ReadNow(self.day_totals(table, figure, [day])[0], self._versions[table])

    def day_totals(self, table: str, column: str, days: Sequence[date]) -> list[Decimal | None]:
        """The sum of a column over each day's published partition.

        None for a day without rows, or whose sum is no number. Raises `SqlError` for a column that
        has no sum.
        """
        if column not in numeric_columns(self._world.tables[table]):
            message = f"{column} is no number in {table}"
            raise SqlError(message)
        known = self._known[table]
        found = [known.get(day.isoformat()) for day in days]
        totals = [None if one is None else Decimal(one.sums[column]) for one in found]
        return [total if total is None or total.is_finite() else None for total in totals]

    def questions(self, *, schema: str, relations: Iterable[Relation], instant: int) -> Questions:
        """The warehouse as it stands, for questions. No more simulating on it after this."""
        self._asked = True
        return Questions(
            self._connection,
            self._world.tables,
            schema=schema,
            relations=relations,
            instant=instant,
        )

    # -- what was there before --------------------------------------------------------------

    def _remember(self, name: str, table: Table, first_day: date, last_day: date) -> None:
        assert table.history is not None
        begun = date.fromisoformat(table.history.start)
        versions = max(0, (first_day - begun).days)
        kept = min(versions, table.history.keep_days)
        days = [first_day - timedelta(days=back) for back in range(kept, 0, -1)]
        window = [first_day + timedelta(days=on) for on in range((last_day - first_day).days + 1)]
        facts = truth(self._world, self._streams.seed, name, [*days, *window])
        past = {day.isoformat() for day in days}
        into = qualified(name)
        if table.history.published is not None:
            tables.insert_published(self._connection, self._world, self._streams, name, days)
            facts = partition_facts(self._connection, into, table)
        elif all(facts[day.isoformat()].content is not None for day in days):
            rows = [row for day in days for row in facts[day.isoformat()].content or ()]
            tables.insert_rows(self._connection, name, table, rows)
        else:
            tables.insert_truth(self._connection, self._world, self._streams, name, days, into=into)
        self._known[name] = {day: one for day, one in facts.items() if one.rows and day in past}
        self._versions[name] = versions


def _close(connection: duckdb.DuckDBPyConnection) -> None:
    """Not given back: `now()` has another meaning there by now."""
    connection.close()
