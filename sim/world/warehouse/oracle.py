"""The truth oracle: what each partition would be if nothing had ever gone wrong.

It runs the author's `truth` SELECT over the sources as they are without outages, for many days in
one statement. Truth depends on nothing but world, seed and day, so it is kept for the process.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sim.kernel.streams import Streams
from sim.world.warehouse.connection import connect, give_back
from sim.world.warehouse.facts import PartitionFacts, partition_facts
from sim.world.warehouse.tables import create_dimensions, insert_truth
from sim.world.warehouse.writes import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.world.resolved import ResolvedWorld

_KEPT_MAX = 20_000
_kept: dict[tuple[str, int, str, str], PartitionFacts] = {}
_TOLD_MAX = 64
_told: dict[tuple[str, int, str, str], dict[str, PartitionFacts]] = {}

EMPTY = PartitionFacts(rows=0, sums={}, digest="", content=())
"""The truth of a day on which nothing happened."""


def truth(
    world: ResolvedWorld, seed: int, table: str, days: Iterable[date]
) -> dict[str, PartitionFacts]:
    """ISO date -> what that partition of `table` should be. Only for a table with `truth`.

    Raises `ScenarioError` when the author's statement cannot be run.
    """
    wanted = sorted(set(days))
    found: dict[str, PartitionFacts] = {}
    missing = []
    for day in wanted:
        facts = _kept.get((world.digest, seed, table, day.isoformat()))
        if facts is None:
            missing.append(day)
        else:
            found[day.isoformat()] = facts
    if missing:
        computed = _compute(world, seed, table, missing)
        if len(_kept) + len(missing) > _KEPT_MAX:
            _kept.clear()
        for day in missing:
            iso = day.isoformat()
            found[iso] = _kept[world.digest, seed, table, iso] = computed.get(iso, EMPTY)
    return {day.isoformat(): found[day.isoformat()] for day in wanted}


def stood_before(
    world: ResolvedWorld, seed: int, table: str, *, first: date, since: date
) -> dict[str, PartitionFacts]:
    """ISO date -> what a partition held when the clock started, from `since` to before `first`.

    `first` is the first data date of the window; of what a history does not keep nothing is known.
    Raises `ScenarioError` when the author's statement cannot be run.
    """
    history = world.tables[table].history
    if history is None:
        return {}
    begun = max(since, date.fromisoformat(history.start), first - timedelta(days=history.keep_days))
    days = [begun + timedelta(days=on) for on in range((first - begun).days)]
    if not days:
        return {}
    if history.published is None:
        return truth(world, seed, table, days)
    key = (world.digest, seed, f"{table} before {first}", begun.isoformat())
    if key not in _told:
        if len(_told) >= _TOLD_MAX:
            _told.clear()
        _told[key] = _compute(world, seed, table, days, published=history.published)
    return _told[key]


def _compute(
    world: ResolvedWorld, seed: int, name: str, days: list[date], *, published: str | None = None
) -> dict[str, PartitionFacts]:
    table = world.tables[name]
    connection = connect()
    try:
        create_dimensions(connection, world)
        columns = ", ".join(f"{quoted(column)} {kind}" for column, kind in table.columns.items())
        connection.execute(f"CREATE TABLE _orchsim.truth ({columns})")
        insert_truth(
            connection,
            world,
            Streams(seed),
            name,
            days,
            into="_orchsim.truth",
            published=published,
        )
        return partition_facts(connection, "_orchsim.truth", table)
    finally:
        give_back(connection)
