"""Partitions that are windows of time, from one tick of a cron string to the next.

A key is the civil time at which its window starts, written in the definition's format. Nothing is
listed to find one key: a key leads to its window by one step of the cron string, and back. Windows
are listed only where a list is asked for, and then once for a definition.
Source: Dagster 1.13.29, _core/definitions/partitions/definition/time_window.py and _time/.
Invariant: keys come in the order of their windows' starts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from sim.kernel.calendar import to_civil, to_micros
from sim.orchestrators.dagster.cron_ticks import cron_ticks, parsed
from sim.orchestrators.dagster.partitions.definition import UnknownPartitionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sim.orchestrators.dagster.partitions.definition import Keys, PartitionLoadingContext

DATE_FORMAT = "%Y-%m-%d"
OFFSET = "%z"


class TimeWindow(NamedTuple):
    """An interval, closed at its start and open at its end; instants."""

    start: int
    end: int


class Partition(NamedTuple):
    """A key and its window."""

    key: str
    start: int
    end: int


@dataclass(slots=True)
class _Memory:
    """What one definition has found out; a cache and nothing else."""

    by_key: dict[str, Partition] = field(default_factory=dict)
    listed: list[Partition] = field(default_factory=list)
    source: Iterator[Partition] | None = None
    bounds: dict[int, tuple[Partition | None, Partition | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimeWindowPartitionsDefinition:
    """Windows from a start on, up to now and up to an end if there is one."""

    cron_schedule: str
    start: int
    timezone: str = "UTC"
    fmt: str = DATE_FORMAT
    end: int | None = None
    end_offset: int = 0
    """How many windows more (those that are not over) or fewer exist."""
    exclusions: tuple[str | int, ...] = ()
    """Cron strings and instants whose windows do not exist."""
    kind: str = field(default="TimeWindowPartitionsDefinition", compare=False)
    _memory: _Memory = field(default_factory=_Memory, compare=False, repr=False)

    # -- What exists ---------------------------------------------------------------------------

    def keys(self, at: PartitionLoadingContext) -> tuple[str, ...]:
        """Every key that exists, oldest first."""
        last = self.last(at)
        if last is None:
            return ()
        listed = self._listed_until(last.start)
        count = bisect_left(listed, last.start, key=lambda each: each.start) + 1
        return tuple(each.key for each in listed[:count])

    def first_key(self, at: PartitionLoadingContext) -> str | None:
        """The key of the oldest window."""
        first = self.first(at)
        return None if first is None else first.key

    def last_key(self, at: PartitionLoadingContext) -> str | None:
        """The key of the latest window."""
        last = self.last(at)
        return None if last is None else last.key

    def first(self, at: PartitionLoadingContext) -> Partition | None:
        """The oldest partition, if any exists."""
        return self._bounds(at.instant)[0]

    def last(self, at: PartitionLoadingContext) -> Partition | None:
        """The latest partition, if any exists."""
        return self._bounds(at.instant)[1]

    def full_window(self, at: PartitionLoadingContext) -> TimeWindow | None:
        """From the start of the oldest to the end of the latest partition."""
        first, last = self._bounds(at.instant)
        return None if first is None or last is None else TimeWindow(first.start, last.end)

    def has_key(self, key: str, at: PartitionLoadingContext) -> bool:
        """Whether a key exists."""
        try:
            moment = self._start_of(key)
        except ValueError:
            return False
        start = to_micros(moment)
        first, last = self._bounds(at.instant)
        if first is None or last is None or self._excluded(start):
            return False
        return first.start <= start <= last.start and self.key_of(moment) == key

    # -- Keys and windows ----------------------------------------------------------------------

    def partition(self, key: str) -> Partition:
        """The window of a key, whether it exists or not. Raises `UnknownPartitionError`."""
        known = self._memory.by_key.get(key)
        if known is None:
            found = next(self.partitions_from(self.instant_of(key)))
            known = self._memory.by_key[key] = Partition(key, found.start, found.end)
        return known

    def instant_of(self, text: str) -> int:
        """What a key's text says, by the first turn of a repeated hour.

        Raises `UnknownPartitionError`.
        """
        return to_micros(self._civil(text))

    def partitions_from(
        self, instant: int, *, ignore_exclusions: bool = False
    ) -> Iterator[Partition]:
        """Those whose windows start at an instant or later, without end."""
        ticks = cron_ticks(instant, self.cron_schedule, self.timezone)
        kept = (tick for tick in ticks if to_micros(tick) >= instant)
        for tick, following in pairwise(kept):
            start = to_micros(tick)
            if ignore_exclusions or not self._excluded(start):
                yield Partition(self.key_of(tick), start, to_micros(following))

    def partitions_until(
        self, instant: int, *, ignore_exclusions: bool = False
    ) -> Iterator[Partition]:
        """Those whose windows end at an instant or earlier, latest first, without end."""
        ticks = cron_ticks(instant, self.cron_schedule, self.timezone, ascending=False)
        kept = (tick for tick in ticks if to_micros(tick) <= instant)
        for following, tick in pairwise(kept):
            start = to_micros(tick)
            if ignore_exclusions or not self._excluded(start):
                yield Partition(self.key_of(tick), start, to_micros(following))

    def keys_in_window(self, start: int, end: int) -> list[str]:
        """The keys whose windows start inside an interval, existing or not."""
        found = []
        for partition in self.partitions_from(start):
            if partition.start >= end:
                break
            found.append(partition.key)
        return found

    def key_at(self, instant: int, *, end_closed: bool = False) -> str:
        """The key whose window holds an instant; `end_closed`: its end does, its start does not."""
        for tick in cron_ticks(instant, self.cron_schedule, self.timezone, ascending=False):
            start = to_micros(tick)
            if not (end_closed and start == instant) and not self._excluded(start):
                break
        before = self.key_of(tick)
        if end_closed:
            return before
        for following in cron_ticks(instant, self.cron_schedule, self.timezone):
            start = to_micros(following)
            if not self._excluded(start):
                break
        return before if start > instant else self.key_of(following)

    def key_of(self, tick: datetime) -> str:
        """A tick written as a key; the second turn of an hour is marked with its offset."""
        if OFFSET not in self.fmt and parsed(self.cron_schedule).hour.full and _second_turn(tick):
            return tick.strftime(self.fmt + OFFSET)
        return tick.strftime(self.fmt)

    # -- Subsets -------------------------------------------------------------------------------

    def subset(self, keys: Iterable[str], at: PartitionLoadingContext) -> Keys:
        """Those of the keys whose windows exist. Raises `UnknownPartitionError` for no date."""
        bounds = self.full_window(at)
        if bounds is None:
            return frozenset()
        found = []
        for key in keys:
            window = self.partition(key)
            if window.start >= bounds.start and window.end <= bounds.end:
                found.append(key)
        return frozenset(found)

    def in_order(
        self,
        keys: Iterable[str],
        at: PartitionLoadingContext,  # noqa: ARG002
    ) -> tuple[str, ...]:
        """By the start of their windows."""
        return tuple(sorted(keys, key=lambda key: (self.partition(key).start, key)))

    def windows(self, keys: Iterable[str]) -> list[TimeWindow]:
        """The windows of a subset, merged where no partition lies between them; in order."""
        merged: list[TimeWindow] = []
        for window in sorted(self.partition(key)[1:] for key in keys):
            if merged and self._touch(merged[-1].end, window[0]):
                merged[-1] = TimeWindow(merged[-1].start, max(merged[-1].end, window[1]))
            else:
                merged.append(TimeWindow(*window))
        return merged

    def keys_in_range(self, start: str, end: str, at: PartitionLoadingContext) -> tuple[str, ...]:
        """From one key to another. Raises `UnknownPartitionError`."""
        for key in (start, end):
            if not self.has_key(key, at):
                message = f"there is no partition {key!r}"
                raise UnknownPartitionError(message)
        first, last = self.partition(start).start, self.partition(end).start
        listed = self._listed_until(last)
        low = bisect_left(listed, first, key=lambda each: each.start)
        high = bisect_right(listed, last, key=lambda each: each.start)
        return tuple(each.key for each in listed[low:high])

    def key_ranges(self, keys: Keys, at: PartitionLoadingContext) -> list[tuple[str, str]]:
        """The contiguous ranges of a subset; an excluded window is no gap."""
        found: list[tuple[str, str]] = []
        end = None
        for key in self.in_order(keys, at):
            window = self.partition(key)
            if end is not None and self._touch(end, window.start):
                found[-1] = found[-1][0], key
            else:
                found.append((key, key))
            end = window.end
        return found

    # -- Inside --------------------------------------------------------------------------------

    @property
    def is_basic_daily(self) -> bool:
        """Midnight to midnight, which Dagster maps by shorter ways."""
        return self.cron_schedule == "0 0 * * *" and not self.exclusions

    @property
    def is_basic_hourly(self) -> bool:
        """Hour to hour."""
        return self.cron_schedule == "0 * * * *" and not self.exclusions

    def equal_but_for_bounds(self, other: TimeWindowPartitionsDefinition) -> bool:
        """Whether both are the same except for where they start and end."""
        return (self.timezone, self.fmt, self.cron_schedule, self.end_offset, self.exclusions) == (
            other.timezone,
            other.fmt,
            other.cron_schedule,
            other.end_offset,
            other.exclusions,
        )

    def _bounds(self, now: int) -> tuple[Partition | None, Partition | None]:
        known = self._memory.bounds
        if now not in known:
            if len(known) > 1_000:  # noqa: PLR2004 - a cache must end somewhere
                known.clear()
            first = self._first(now)
            known[now] = first, (None if first is None else self._last(now, first))
        return known[now]

    def _first(self, now: int) -> Partition | None:
        """`_get_first_partition_window`."""
        first = self._listed_until(self.start)[0]
        if self.end is not None and self.end <= self.start:
            return None
        if self.end_offset == 0:
            return first if first.end <= now else None
        if self.end_offset > 0:
            bound = next(islice(self.partitions_from(now), self.end_offset, None))
        else:
            bound = next(islice(self.partitions_until(now), -self.end_offset - 1, None))
        return first if first.end <= bound.start else None

    def _last(self, now: int, first: Partition) -> Partition:
        """`_get_last_partition_window`."""
        if self.end_offset == 0:
            until = now if self.end is None else min(now, self.end)
            return next(self.partitions_until(until))
        if self.end_offset < 0:
            latest = next(islice(self.partitions_until(now), -self.end_offset, None))
        else:
            over = next(self.partitions_until(now))
            latest = next(islice(self.partitions_from(over.end), self.end_offset - 1, None))
        if self.end is not None:
            bound = next(self.partitions_until(self.end))
            if bound.start <= latest.start:
                return bound
        return first if latest.start < first.start else latest

    def _listed_until(self, start: int) -> list[Partition]:
        """Partitions from the first on, at least up to one whose window starts here or later."""
        memory = self._memory
        if memory.source is None:
            memory.source = self.partitions_from(self.start)
        while not memory.listed or memory.listed[-1].start < start:
            memory.listed.append(next(memory.source))
        return memory.listed

    def _civil(self, key: str) -> datetime:
        try:
            moment = datetime.strptime(key, self.fmt)  # noqa: DTZ007 - the zone follows
        except ValueError:
            try:
                moment = datetime.strptime(key, self.fmt + OFFSET)  # noqa: DTZ007 - it has %z
            except ValueError:
                message = f"{key!r} is no partition key of the format {self.fmt}"
                raise UnknownPartitionError(message) from None
        if moment.tzinfo is not None:
            return to_civil(to_micros(moment), self.timezone)
        # the tick at the start of a gap keeps the wall time that was written
        zone = to_civil(0, self.timezone).tzinfo
        return moment.replace(tzinfo=zone)

    def _start_of(self, key: str) -> datetime:
        """The start of a key's window as civil time (start_time_for_partition_key)."""
        moment = self._civil(key)
        if self.is_basic_daily or self.is_basic_hourly:
            return moment
        instant = to_micros(moment)
        ticks = cron_ticks(instant, self.cron_schedule, self.timezone)
        return next(
            tick
            for tick in ticks
            if to_micros(tick) >= instant and not self._excluded(to_micros(tick))
        )

    def _touch(self, end: int, start: int) -> bool:
        """Whether no partition lies between two windows."""
        if end == start:
            return True
        return bool(self.exclusions) and not self.keys_in_window(end, start)

    def _excluded(self, start: int) -> bool:
        for each in self.exclusions:
            if isinstance(each, int):
                if each == start:
                    return True
            elif to_micros(next(cron_ticks(start, each, self.timezone))) == start:
                return True
        return False


def _second_turn(tick: datetime) -> bool:
    """Whether it is the second turn of a repeated hour (is_second_ambiguous_time)."""
    if tick.tzinfo is UTC or tick.fold == 0:
        return False
    first, second = tick.replace(fold=0).utcoffset(), tick.utcoffset()
    assert first is not None
    assert second is not None
    return first > second
