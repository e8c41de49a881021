"""Sources: how many rows a business day has, and the SQL that makes them from a key.

A row is a pure function of (seed, source, day, number), by integer arithmetic that any version of
the database computes alike. So a day can be made alone, many days in one statement, and the first n
rows of a day are the same rows whatever else is asked for.
"""

# ruff: noqa: S608 - numbers, dates and quoted names of the scenario's own

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import floor
from typing import TYPE_CHECKING

from sim.kernel.calendar import DAY, HOUR, date_of, start_of_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.kernel.streams import Streams
    from sim.world.config import Source, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COLUMNS = {
    "order_id": "BIGINT",
    "fecha": "DATE",
    "region": "VARCHAR",
    "amount": "DECIMAL(14,2)",
    "created_at": "TIMESTAMP",
}
"""What a source's rows hold; `fecha` is the business day."""

_MODULUS = 2_147_483_647
_SHARES = 100_000
_ORDERS_A_DAY = 100_000_000


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows `first` to `end`, excluded, of a day of a source, in the order in which they come."""

    day: date
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A source, resolved."""

    name: str
    system: str
    rows_per_day: int
    weekday_factors: tuple[float, ...]
    jitter: float
    mean_cents: int
    regions: tuple[tuple[str, float], ...]
    days: Mapping[date, int]
    in_order: bool = True
    steady: bool = False
    timezone: str = "UTC"
    """In which its business days begin and end."""

    @classmethod
    def of(cls, name: str, source: Source, timezone: str) -> ResolvedSource:
        """From the author's section."""
        return cls(
            name=name,
            system=source.system,
            rows_per_day=source.rows_per_day,
            weekday_factors=tuple(source.weekday.get(day, 1.0) for day in WEEKDAYS),
            jitter=source.jitter,
            mean_cents=round(source.mean_amount * 100),
            regions=tuple(source.regions.items()) or (("all", 1.0),),
            days={date.fromisoformat(day): what.rows for day, what in source.days.items()},
            in_order=source.in_order,
            steady=source.steady,
            timezone=timezone,
        )

    def rows(self, streams: Streams, day: date) -> int:
        """The true number of rows of a business day."""
        if day in self.days:
            return self.days[day]
        spread = streams.between(-self.jitter, self.jitter, "volume", self.name, day.isoformat())
        return round(self.rows_per_day * self.weekday_factors[day.weekday()] * (1 + spread))

    def arrived(self, streams: Streams, day: date, since_midnight: int) -> int:
        """How many of a day's rows are there so many microseconds after its midnight."""
        if self.steady:
            return self.before(streams, day, start_of_day(day, self.timezone) + since_midnight + 1)
        return floor(self.rows(streams, day) * _share_of_day(since_midnight))

    def before(self, streams: Streams, day: date, instant: int) -> int:
        """How many of a day's rows a steady source gets before an instant."""
        start, length = self._bounds(day)
        since = min(max(0, instant - start), length)
        return -(-since * self.rows(streams, day) // length)

    def slices(self, streams: Streams, since: int, until: int) -> list[Slice]:
        """The rows of a steady source that came in [since, until), day by day."""
        found = []
        day, last = date_of(since, self.timezone), date_of(max(since, until - 1), self.timezone)
        while day <= last:
            first, end = self.before(streams, day, since), self.before(streams, day, until)
            if first < end:
                found.append(Slice(day, first, end))
            day += timedelta(days=1)
        return found

    def _bounds(self, day: date) -> tuple[int, int]:
        """The instant at which a day begins, and how long it is: 23 or 25 hours on some."""
        start = start_of_day(day, self.timezone)
        return start, start_of_day(day + timedelta(days=1), self.timezone) - start

    def day_key(self, streams: Streams, day: date) -> int:
        """The number from which the rows of a day are made, 0 … 2³¹ - 2."""
        return streams.bits("rows", self.name, day.isoformat()) % _MODULUS

    def relation(self, streams: Streams, days: list[date], *, rows: int | None = None) -> str:
        """A subquery with the rows of some days, in order; `rows` cuts each day's short."""
        whole = [Slice(day, 0, self._cut(self.rows(streams, day), rows)) for day in days]
        return self.relation_of(streams, whole)

    def relation_of(self, streams: Streams, slices: Sequence[Slice]) -> str:
        """A subquery with some rows of some days, in order; at least one slice."""
        origin = self._origin(streams, slices)
        came = ", came" if self.steady else ""
        # three rounds of a multiplicative generator, broken up by shifts between them
        m = _MODULUS
        first = f"((k + n * 1000003) % {m} + 1) * 48271 % {m}"
        second = f"xor(a, a >> 13) * 16807 % {m}"
        third = f"xor(b, b >> 11) * 69621 % {m}"
        # the third round's remainder u gives 0.4 + 1.8 u^2 times the mean: skewed, and mean 1
        cents = (
            f"{self.mean_cents} * (40000000 + 18 * (c % 10000) * (c % 10000) // 10) // 100000000"
        )
        return (
            f"(SELECT (fecha - DATE '2000-01-01')::BIGINT * {_ORDERS_A_DAY} + n AS order_id, "
            "fecha, "
            f"{self._region()} AS region, ({cents})::DECIMAL(16,2) * 0.01::DECIMAL(3,2) AS amount, "
            f"{self._created_at()} AS created_at FROM "
            f"(SELECT *, {third} AS c FROM (SELECT *, {second} AS b FROM "
            f"(SELECT fecha, n{came}, {first} AS a FROM {origin}))))"
        )

    def _origin(self, streams: Streams, slices: Sequence[Slice]) -> str:
        """The day, the key and the number of each row."""
        if len(slices) == 1 or self.steady:
            # one range is planned and run in half the time of a list that is unnested
            return f"({' UNION ALL '.join(self._of_day(streams, one) for one in slices)})"
        values = ", ".join(
            f"(DATE '{one.day}', {self.day_key(streams, one.day)}, {one.first}, {one.end})"
            for one in slices
        )
        return (
            "(SELECT fecha, k, unnest(range(first, ended)) AS n "
            f"FROM (VALUES {values}) AS v(fecha, k, first, ended))"
        )

    def _of_day(self, streams: Streams, one: Slice) -> str:
        came = ""
        if self.steady:
            start, length = self._bounds(one.day)
            rows = max(1, self.rows(streams, one.day))
            came = f", {start} + range * {length} // {rows} AS came"
        return (
            f"SELECT DATE '{one.day}' AS fecha, {self.day_key(streams, one.day)} AS k, "
            f"range AS n{came} FROM range({one.first}, {one.end})"
        )

    def _created_at(self) -> str:
        if self.steady:
            return "make_timestamp(came)"
        return "fecha::TIMESTAMP + to_seconds(a % 86400)"

    def shuffled(self, relation: str, key: int) -> str:
        """Rows of the source in the order in which one reader, known by a key, gets them."""
        if self.in_order:
            return relation
        return f"(SELECT * FROM {relation} ORDER BY md5(concat_ws(' ', order_id, {key})))"

    @staticmethod
    def _cut(true_rows: int, rows: int | None) -> int:
        return true_rows if rows is None else min(rows, true_rows)

    def _region(self) -> str:
        limit, cases = 0.0, []
        for name, share in self.regions[:-1]:
            limit += share
            quoted = name.replace("'", "''")
            cases.append(f"WHEN b % {_SHARES} < {round(limit * _SHARES)} THEN '{quoted}'")
        last = self.regions[-1][0].replace("'", "''")
        return f"CASE {' '.join(cases)} ELSE '{last}' END" if cases else f"'{last}'"


_QUIET_UNTIL, _QUIET_SHARE = 8 * HOUR, 1 / 6
"""Shops sleep: a sixth of a day's rows comes in its first third."""


def _share_of_day(since_midnight: int) -> float:
    """The part of a day's rows that has come by then: nothing before it, all after it."""
    if since_midnight <= 0:
        return 0.0
    if since_midnight >= DAY:
        return 1.0
    if since_midnight <= _QUIET_UNTIL:
        return _QUIET_SHARE * since_midnight / _QUIET_UNTIL
    rest = (since_midnight - _QUIET_UNTIL) / (DAY - _QUIET_UNTIL)
    return _QUIET_SHARE + (1 - _QUIET_SHARE) * rest
