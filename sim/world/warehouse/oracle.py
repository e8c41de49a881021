"""The truth oracle: what each partition would be if nothing had ever gone wrong.

It runs the author's `truth` SELECT over the sources as they are without outages, for many days in
one statement. Truth depends on nothing but world, seed and day, so it is kept for the process.
"""

# ruff: noqa: S608 - names and dates are the scenario's own, and quoted; never a player's text

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.streams import Streams
from sim.world.warehouse.connection import connect, give_back
from sim.world.warehouse.facts import PartitionFacts, partition_facts
from sim.world.warehouse.writes import qualified, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sim.world.resolved import ResolvedWorld

_KEPT_MAX = 20_000
_kept: dict[tuple[str, int, str, str], PartitionFacts] = {}

EMPTY = PartitionFacts(rows=0, sums={}, digest="", content=())
"""The truth of a day on which nothing happened."""


def truth(
    world: ResolvedWorld, seed: int, table: str, days: Iterable[date]
) -> dict[str, PartitionFacts]:
    """ISO date -> what that partition of `table` should be. Only for a table with `truth`."""
    wanted = sorted(set(days))
    missing = [day for day in wanted if (world.digest, seed, table, day.isoformat()) not in _kept]
    if missing:
        found = _compute(world, seed, table, missing)
        if len(_kept) + len(missing) > _KEPT_MAX:
            _kept.clear()
            found = _compute(world, seed, table, wanted)
            missing = wanted
        for day in missing:
            iso = day.isoformat()
            _kept[world.digest, seed, table, iso] = found.get(iso, EMPTY)
    return {day.isoformat(): _kept[world.digest, seed, table, day.isoformat()] for day in wanted}


def _compute(
    world: ResolvedWorld, seed: int, name: str, days: list[date]
) -> dict[str, PartitionFacts]:
    table = world.tables[name]
    streams = Streams(seed)
    connection = connect()
    try:
        for source in world.sources.values():
            schema = source.name.rpartition(".")[0]
            if schema:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
            relation = source.relation(streams, days)
            connection.execute(f"CREATE VIEW {qualified(source.name)} AS SELECT * FROM {relation}")
        typed = ", ".join(
            f"CAST({quoted(column)} AS {kind}) AS {quoted(column)}"
            for column, kind in table.columns.items()
        )
        connection.execute(
            f"CREATE TABLE _orchsim.truth AS SELECT {typed} FROM ({table.truth}) AS t"
        )
        return partition_facts(connection, "_orchsim.truth", table)
    finally:
        give_back(connection)
