"""Windows of time to the windows that overlap them, with offsets.

Offsets are counted in windows of the downstream asset, and clamped to what exists of the side
that is mapped to; what the clamping cuts off is not told as missing. Where a short way of Dagster's
answers differently from its long one, the short way is taken here too.
Source: Dagster 1.13.29, _core/definitions/partitions/mapping/time_window.py. Invariant: a subset
is mapped window by window, as `TimeWindowPartitionsDefinition.windows` merges it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sim.kernel.calendar import HOUR, to_civil, to_micros
from sim.orchestrators.dagster.partitions.definition import NO_KEYS, Keys
from sim.orchestrators.dagster.partitions.mapping import (
    CHECK,
    INVALID_DEFINITION,
    PartitionMappingError,
    UpstreamPartitions,
)
from sim.orchestrators.dagster.partitions.time_window import (
    TimeWindow,
    TimeWindowPartitionsDefinition,
)

if TYPE_CHECKING:
    from sim.orchestrators.dagster.partitions.definition import (
        PartitionLoadingContext,
        PartitionsDefinition,
    )


@dataclass(frozen=True, slots=True)
class TimeWindowPartitionMapping:
    """A downstream window needs the upstream windows that overlap it."""

    start_offset: int = 0
    end_offset: int = 0
    allow_nonexistent_upstream_partitions: bool = False

    @property
    def name(self) -> str:
        """Dagster's class."""
        return "TimeWindowPartitionMapping"

    @property
    def is_identity(self) -> bool:
        """Whether it shifts nothing."""
        return self.start_offset == 0 and self.end_offset == 0

    def validate(
        self, *, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Both must be windows of time in the same zone."""
        for definition, side in ((downstream, "Downstream"), (upstream, "Upstream")):
            if not isinstance(definition, TimeWindowPartitionsDefinition):
                message = f"{side} partitions definition must be a TimeWindowPartitionsDefinition"
                raise PartitionMappingError(INVALID_DEFINITION, message)
        _pair(downstream, upstream)

    def upstream_of(
        self,
        keys: Keys | None,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,
        at: PartitionLoadingContext,
    ) -> UpstreamPartitions:
        """The upstream windows that overlap, and those of them that do not exist."""
        source, target = _pair(downstream, upstream)
        offsets = self.start_offset, self.end_offset
        return _Mapped(self, source, target, at, up=True).of(keys or NO_KEYS, *offsets)

    def downstream_of(
        self,
        keys: Keys,
        *,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        at: PartitionLoadingContext,
    ) -> Keys:
        """The downstream windows that need any of these, as far as they exist."""
        source, target = _pair(upstream, downstream)
        offsets = -self.end_offset, -self.start_offset
        return _Mapped(self, source, target, at, up=False).of(keys, *offsets).keys


def _pair(
    source: PartitionsDefinition | None, target: PartitionsDefinition
) -> tuple[TimeWindowPartitionsDefinition, TimeWindowPartitionsDefinition]:
    """Both definitions, known to be windows of one zone."""
    if not (
        isinstance(source, TimeWindowPartitionsDefinition)
        and isinstance(target, TimeWindowPartitionsDefinition)
    ):
        message = "both sides must have a TimeWindowPartitionsDefinition"
        raise PartitionMappingError(CHECK, message)
    if source.timezone != target.timezone:
        message = f"Timezones {target.timezone} and {source.timezone} don't match"
        raise PartitionMappingError(INVALID_DEFINITION, message)
    return source, target


@dataclass(frozen=True, slots=True)
class _Mapped:
    """One question: from which definition to which, and whether that is upstream."""

    mapping: TimeWindowPartitionMapping
    source: TimeWindowPartitionsDefinition
    target: TimeWindowPartitionsDefinition
    at: PartitionLoadingContext
    up: bool

    def of(self, keys: Keys, start_offset: int, end_offset: int) -> UpstreamPartitions:
        """The answer for these keys."""
        windows = self.source.windows(keys)
        if not windows:
            return UpstreamPartitions(NO_KEYS)
        if start_offset == 0 and end_offset == 0:
            short = self._short_way(keys, windows)
            if short is not None:
                return short
        full = self.target.full_window(self.at)
        first, last = self.target.first(self.at), self.target.last(self.at)
        found: list[TimeWindow] = []
        missing: list[TimeWindow] = []
        for window in windows:
            mapped = self._mapped(window, start_offset, end_offset, full)
            if mapped.start >= mapped.end:
                continue
            if first and last and mapped.start <= last.start and mapped.end >= first.end:
                found.append(TimeWindow(max(mapped.start, first.start), min(mapped.end, last.end)))
            if not self.mapping.allow_nonexistent_upstream_partitions:
                beyond = _beyond(mapped, full)
                if beyond is not None:
                    missing.append(beyond)
        return UpstreamPartitions(self._keys(found), self._keys(missing))

    def _keys(self, windows: list[TimeWindow]) -> Keys:
        return frozenset(key for window in windows for key in self.target.keys_in_window(*window))

    def _mapped(
        self, window: TimeWindow, start_offset: int, end_offset: int, full: TimeWindow | None
    ) -> TimeWindow:
        """The interval of the target that a merged window stands for."""
        start, end = window
        if self.up:
            start = _clamped(self.source, start, start_offset, full)
            end = _clamped(self.source, end, end_offset, full)
        if not self._aligned:
            first = self.target.key_at(start)
            final = self.target.key_at(end, end_closed=True)
            start, end = self.target.partition(first).start, self.target.partition(final).end
        if not self.up:
            start = _clamped(self.target, start, start_offset, full)
            end = _clamped(self.target, end, end_offset, full)
        return TimeWindow(start, end)

    @property
    def _aligned(self) -> bool:
        """Whether each bound of the source is known to be a bound of the target."""
        return self.source.cron_schedule == self.target.cron_schedule or (
            self.source.is_basic_daily and self.target.is_basic_hourly
        )

    def _short_way(self, keys: Keys, windows: list[TimeWindow]) -> UpstreamPartitions | None:
        """Without offsets, where no cron string need be asked (_do_cheap_partition_mapping...)."""
        source, target = self.source, self.target
        if source == target:
            return UpstreamPartitions(keys)
        begins_after = source.start >= target.start or windows[0].start >= target.start
        if (
            source.equal_but_for_bounds(target)
            and begins_after
            and (target.end is None or (source.end is not None and target.end >= source.end))
        ):
            return UpstreamPartitions(keys)
        last_source, last_target = source.last(self.at), target.last(self.at)
        if (
            source.is_basic_daily
            and target.is_basic_hourly
            and begins_after
            and last_source is not None
            and last_target is not None
            and last_source.end <= last_target.end
        ):
            return UpstreamPartitions(self._keys(windows))
        if windows[-1].end <= target.start:
            allowed = self.mapping.allow_nonexistent_upstream_partitions
            return UpstreamPartitions(NO_KEYS, NO_KEYS if allowed else self._keys(windows))
        return None


def _beyond(window: TimeWindow, full: TimeWindow | None) -> TimeWindow | None:
    """The part of a window that lies outside of what exists."""
    if full is None or (window.start < full.start and window.end > full.end):
        return window
    if window.start < full.start:
        return TimeWindow(window.start, min(window.end, full.start))
    if window.end > full.end:
        return TimeWindow(max(window.start, full.end), window.end)
    return None


def _clamped(
    definition: TimeWindowPartitionsDefinition,
    instant: int,
    offset: int,
    full: TimeWindow | None,
) -> int:
    """A bound moved by some windows, but not out of what exists of the target."""
    moved = _moved(definition, instant, offset)
    if full is not None and offset < 0:
        return max(full.start, moved)
    if full is not None and offset > 0:
        return min(full.end, moved)
    return moved


def _moved(definition: TimeWindowPartitionsDefinition, instant: int, offset: int) -> int:
    """A bound moved by some windows (_offsetted_datetime)."""
    if offset == 0:
        return instant
    if definition.is_basic_hourly:
        return instant + offset * HOUR
    if definition.is_basic_daily:
        return _moved_by_days(definition, instant, offset)
    for _ in range(abs(offset)):
        if offset < 0:
            instant = next(definition.partitions_until(instant)).start
        else:
            instant = next(definition.partitions_from(instant)).end
    return instant


def _moved_by_days(definition: TimeWindowPartitionsDefinition, instant: int, offset: int) -> int:
    """Midnights away: by the wall clock, which stands still over a change of clocks."""
    moment = to_civil(instant, definition.timezone)
    # a midnight inside a gap shows as 1:00
    midnight = moment.replace(hour=0, minute=0, fold=0)
    return to_micros(midnight + timedelta(days=offset))


__all__ = ["TimeWindowPartitionMapping"]
