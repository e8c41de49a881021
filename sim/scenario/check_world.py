"""What a world means, beyond its keys and types: every name leads somewhere, every number can be.

Whatever passes here can be resolved and simulated without an exception.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_instant
from sim.scenario.check_calls import check_services
from sim.scenario.check_text import (
    check_column_type,
    check_date,
    check_reference,
    check_select,
    check_span,
    check_time_of_day,
)

if TYPE_CHECKING:
    from sim.scenario.problems import Path, Problems
    from sim.world.config import Outage, Person, Returns, Source, System, Table, World

ROWS_MAX = 50_000_000
"""Most rows of one source on one day."""
_SHARES_OFF_BY = 0.001


def check_world(world: World, problems: Problems, *, timezone: str) -> None:
    """Report everything that is wrong with the section `world`, but for its SQL."""
    for day in world.calendar.holidays:
        check_date(day, ("world", "calendar", "holidays", day), problems)
    for name, source in world.sources.items():
        _check_source(source, ("world", "sources", name), problems)
    systems = sorted({source.system for source in world.sources.values()})
    for index, outage in enumerate(world.outages):
        path = ("world", "outages", index)
        place = (*path, "system")
        check_reference(
            outage.system, systems, place, problems, code="E-SYSTEM-UNKNOWN", what="system"
        )
        _check_outage(outage, path, problems, timezone)
    for name, system in world.systems.items():
        _check_system(system, ("world", "systems", name), problems)
    check_services(world, problems)
    _check_work(world, problems)
    for name, table in world.tables.items():
        _check_table(table, ("world", "tables", name), problems)
    for name, person in world.people.items():
        _check_person(person, ("world", "people", name), world, problems)
    for name in world.prices.__struct_fields__:
        _check_least(getattr(world.prices, name), 0, ("world", "prices", name), problems)


def check_statements(world: World, problems: Problems) -> None:
    """Report the SQL of the section `world` that the warehouse would not run."""
    tables = {*world.sources, *world.tables}
    for name, table in world.tables.items():
        path: Path = ("world", "tables", name)
        for column, kind in table.columns.items():
            check_column_type(kind, (*path, "columns", column), problems)
        if table.truth is not None:
            check_select(table.truth, (*path, "truth"), problems, tables=tables)
        if table.history is not None and table.history.published is not None:
            place = (*path, "history", "published")
            check_select(table.history.published, place, problems, tables=tables)


def _check_least(value: float, least: float, path: Path, problems: Problems) -> None:
    if value < least:
        message = f"{value:g} is out of range: it must be at least {least:g}"
        problems.at(path, "E-RANGE", message)


def _check_source(source: Source, path: Path, problems: Problems) -> None:
    rows: list[tuple[Path, int]] = [(("rows_per_day",), source.rows_per_day)]
    rows += [(("days", day, "rows"), given.rows) for day, given in source.days.items()]
    for where, count in rows:
        _check_least(count, 0, (*path, *where), problems)
        if count > ROWS_MAX:
            message = f"{count:,} rows a day are more than the {ROWS_MAX:,} that can be simulated"
            problems.at((*path, *where), "E-RANGE", message)
    for day in source.days:
        check_date(day, (*path, "days", day), problems)
    for day, factor in source.weekday.items():
        _check_least(factor, 0, (*path, "weekday", day), problems)
    if not 0 <= source.jitter < 1:
        message = f"jitter {source.jitter:g} is no share from 0 up to 1"
        problems.at((*path, "jitter"), "E-RANGE", message, hint="0.06 is ± 6 %")
    if source.mean_amount <= 0:
        message = f"mean_amount {source.mean_amount:g} must be above 0"
        problems.at((*path, "mean_amount"), "E-RANGE", message)
    for region, share in source.regions.items():
        _check_least(share, 0, (*path, "regions", region), problems)
    whole = math.fsum(source.regions.values())
    if abs(whole - 1) > _SHARES_OFF_BY and problems.has((*path, "regions")):
        message = f"the shares of the regions add up to {whole:g}"
        problems.at_key((*path, "regions"), "E-SHARES", message, hint="they must add up to 1")


def _check_outage(outage: Outage, path: Path, problems: Problems, timezone: str) -> None:
    instants = []
    for key, text in (("from", outage.start), ("to", outage.to)):
        try:
            instants.append(parse_instant(text, timezone))
        except ValueError:
            hint = "write 2024-03-14T02:30Z"
            problems.at((*path, key), "E-INSTANT", f'"{text}" is no instant', hint=hint)
    if len(instants) == len(("from", "to")) and instants[0] >= instants[1]:
        message = "the outage is over before it begins"
        problems.at((*path, "to"), "E-OUTAGE", message, hint="exchange from and to")
    check_span(outage.timeout, (*path, "timeout"), problems)
    _check_least(outage.rows, 0, (*path, "rows"), problems)
    needed = {"partial": "rows", "slow": "factor"}.get(outage.mode)
    if needed is not None and not problems.has((*path, needed)):
        message = f"an outage of mode {outage.mode} needs {needed}"
        problems.at((*path, "mode"), "E-OUTAGE", message, hint=f"add {needed}: …")
    elif outage.mode == "slow":
        _check_least(outage.factor, 1, (*path, "factor"), problems)


def _check_system(system: System, path: Path, problems: Problems) -> None:
    if system.connections is not None:
        _check_least(system.connections, 1, (*path, "connections"), problems)
    if system.rate is not None:
        _check_least(system.rate.requests, 1, (*path, "rate", "requests"), problems)
        check_span(system.rate.per, (*path, "rate", "per"), problems)
        check_span(system.rate.ban, (*path, "rate", "ban"), problems)
    _check_least(system.held_by_others, 0, (*path, "held_by_others"), problems)
    check_span(system.wait, (*path, "wait"), problems)
    check_span(system.slower_per_reader, (*path, "slower_per_reader"), problems)


def _check_connections(name: str, world: World, problems: Problems) -> None:
    """A try must be able to get what it needs, when nobody else reads."""
    work = world.work[name]
    path: Path = ("world", "work", name, "connections")
    _check_least(work.connections, 1, path, problems)
    _check_least(work.requests, 1, ("world", "work", name, "requests"), problems)
    source = None if work.reads is None else world.sources.get(work.reads)
    system = None if source is None else world.systems.get(source.system)
    if system is None:
        return
    if system.rate is not None and work.requests > system.rate.requests:
        message = f"a try makes {work.requests} requests, and so many are never answered"
        problems.at_key(("world", "work", name), "E-REQUESTS", message, hint="allow more of them")
    if system.connections is None:
        return
    if system.connections - system.held_by_others < work.connections:
        message = f"a try needs {work.connections:g} connections, and so many are never free"
        hint = f"give world.systems.{source.system if source else ''} more connections"
        problems.at_key(("world", "work", name), "E-CONNECTIONS", message, hint=hint)


def _check_work(world: World, problems: Problems) -> None:
    for name, work in world.work.items():
        path: Path = ("world", "work", name)
        check_span(work.duration, (*path, "duration"), problems)
        _check_least(work.sigma, 0, (*path, "sigma"), problems)
        if work.reads is not None:
            place = (*path, "reads")
            check_reference(
                work.reads, world.sources, place, problems, code="E-SOURCE-UNKNOWN", what="source"
            )
        _check_connections(name, world, problems)
        if work.returns is not None:
            _check_returns(work.returns, (*path, "returns"), problems)


def _check_returns(returns: Returns, path: Path, problems: Problems) -> None:
    _check_least(returns.bytes, 0, (*path, "bytes"), problems)
    if returns.entries is not None:
        _check_least(returns.entries, 0, (*path, "entries"), problems)
    if returns.rows_per_entry is not None:
        _check_least(returns.rows_per_entry, 1, (*path, "rows_per_entry"), problems)
        if returns.entries is not None:
            message = "a list has one length: entries or rows_per_entry, not both"
            problems.at((*path, "rows_per_entry"), "E-RETURNS", message, hint="leave one out")


def _check_table(table: Table, path: Path, problems: Problems) -> None:
    if not table.columns:
        problems.at((*path, "columns"), "E-TABLE-EMPTY", "a table needs columns")
    named = [((*path, "key", index), column) for index, column in enumerate(table.key)]
    if table.partition is not None:
        named.append(((*path, "partition"), table.partition))
    for place, column in named:
        check_reference(
            column, table.columns, place, problems, code="E-COLUMN-UNKNOWN", what="column"
        )
    for index, row in enumerate(table.rows):
        if len(row) != len(table.columns):
            message = f"the row has {len(row)} values, the table {len(table.columns)} columns"
            problems.at((*path, "rows", index), "E-TABLE-ROW", message)
    if table.history is not None:
        check_date(table.history.start, (*path, "history", "from"), problems)
        for needed in ("truth", "partition"):
            if not problems.has((*path, needed)):
                message = f"a table with a history needs a {needed}"
                problems.at_key((*path, "history"), "E-HISTORY", message, hint=f"add {needed}: …")


def _check_person(person: Person, path: Path, world: World, problems: Problems) -> None:
    if person.reads is not None:
        place, table = (*path, "reads"), person.reads.table
        check_reference(
            table,
            world.tables,
            (*place, "table"),
            problems,
            code="E-TABLE-UNKNOWN",
            what="table",
        )
        if table in world.tables:
            columns = world.tables[table].columns
            check_reference(
                person.reads.figure,
                columns,
                (*place, "figure"),
                problems,
                code="E-COLUMN-UNKNOWN",
                what="column",
            )
        check_time_of_day(person.reads.at, (*place, "at"), problems)
    if person.escalates is not None:
        place = (*path, "escalates")
        check_reference(
            person.escalates.to,
            world.people,
            (*place, "to"),
            problems,
            code="E-PERSON-UNKNOWN",
            what="person",
        )
        check_span(person.escalates.after, (*place, "after"), problems)
    _check_attention(person, path, problems)


def _check_attention(person: Person, path: Path, problems: Problems) -> None:
    """When and how fast a person looks at messages."""
    for channel, seen in person.acknowledges.items():
        place = (*path, "acknowledges", channel)
        check_span(seen.day, (*place, "day"), problems)
        if seen.night is not None:
            check_span(seen.night, (*place, "night"), problems)
        if seen.night_until is not None:
            check_time_of_day(seen.night_until, (*place, "night_until"), problems)
        if not problems.has((*place, "night")) and not problems.has((*place, "night_until")):
            message = f"nothing says when {channel} is seen by night"
            hint = 'add night: 14m, or night_until: "08:30"'
            problems.at_key(place, "E-ACKNOWLEDGES", message, hint=hint)
        _check_least(seen.sigma, 0, (*place, "sigma"), problems)
    if problems.has((*path, "night")):
        check_time_of_day(person.night.start, (*path, "night", "from"), problems)
        check_time_of_day(person.night.to, (*path, "night", "to"), problems)
    if person.fatigue is not None:
        check_span(person.fatigue.within, (*path, "fatigue", "within"), problems)
        _check_least(person.fatigue.factor, 1, (*path, "fatigue", "factor"), problems)
