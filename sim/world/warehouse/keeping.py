"""What a warehouse keeps so that the same window can be simulated on it again and again.

The tables as they stood when the clock started, the days of sources that were read in full, and the
results of statements over them. Invariant: a simulation on a rewound warehouse reads and publishes
exactly what it would on a fresh one; nothing is kept of a statement that reads the clock or a table
that was written to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.world.warehouse.connection import reads_clock
from sim.world.warehouse.writes import qualified

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import duckdb

    from sim.world.config import Table
    from sim.world.warehouse.dataset import Dataset
    from sim.world.warehouse.facts import PartitionFacts

RESULTS_MAX = 512
"""Results of statements that one warehouse keeps; further ones are computed each time."""
SOURCE_ROWS_MAX = 2_000_000
"""Rows of sources that one warehouse keeps."""

_Key = tuple[str, tuple[tuple[str, str], ...]]


class Kept:
    """The state of one warehouse at the start, and what was computed since from it alone."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: Mapping[str, Table],
        *,
        known: Mapping[str, Mapping[str, PartitionFacts]],
        versions: Mapping[str, int],
    ) -> None:
        self._connection = connection
        self._copies: dict[str, str] = {}
        for number, name in enumerate(tables):
            copy = f"_orchsim.kept{number}"
            connection.execute(f"CREATE TABLE {copy} AS FROM {qualified(name)}")
            self._copies[name] = copy
        self._last_words = {name: name.rpartition(".")[2].lower() for name in tables}
        self._known = {name: dict(facts) for name, facts in known.items()}
        self._versions = dict(versions)
        self._sources: dict[tuple[str, date], str] = {}
        self._source_rows = 0
        self._results: dict[_Key, Dataset] = {}
        self.days: dict[tuple[str, str], tuple[str | None, ...]] = {}
        """(question, relation) -> the days of its rows, for relations that are kept."""
        self.written: set[str] = set()
        """Tables that a statement has changed since the last rewind."""

    def restore(self) -> tuple[dict[str, dict[str, PartitionFacts]], dict[str, int]]:
        """Put the tables back; what readers know of them then, and their versions."""
        for name in sorted(self.written):
            copy = self._copies[name]
            self._connection.execute(f"CREATE OR REPLACE TABLE {qualified(name)} AS FROM {copy}")
        self.written.clear()
        return {name: dict(facts) for name, facts in self._known.items()}, dict(self._versions)

    def source_day(self, source: str, day: date, subquery: str, rows: int) -> str:
        """The relation with all rows of a source's day: made once, then kept."""
        found = self._sources.get((source, day))
        if found is None:
            if self._source_rows + rows > SOURCE_ROWS_MAX:
                return subquery
            self._source_rows += rows
            found = self._sources[source, day] = f"_orchsim.source{len(self._sources)}"
            self._connection.execute(f"CREATE TABLE {found} AS FROM {subquery}")
        return found

    def result(self, body: str, inputs: Mapping[str, Dataset]) -> Dataset | None:
        """What this statement gave before over the same rows; None: compute it."""
        found = self._results.get(_key(body, inputs))
        return found if found is not None and self._pure(body) else None

    def keep(self, body: str, inputs: Mapping[str, Dataset], result: Dataset) -> None:
        """Keep a result if it comes from nothing but its inputs and untouched tables."""
        if len(self._results) < RESULTS_MAX and self._pure(body):
            self._results[_key(body, inputs)] = result

    def is_kept(self, relation: str) -> bool:
        """Whether a relation holds the same rows in every simulation."""
        return relation in self._sources.values() or any(
            one.relation == relation for one in self._results.values()
        )

    def _pure(self, body: str) -> bool:
        text = body.lower()
        written: Iterable[str] = (self._last_words[name] for name in self.written)
        return not reads_clock(body) and not any(word in text for word in written)


def _key(body: str, inputs: Mapping[str, Dataset]) -> _Key:
    return body, tuple((name, one.relation) for name, one in inputs.items())
