"""Partitions definitions as Dagster's recordings write them, and recorded keys and windows.

A case of `partition_keys`: a definition and an instant; how many keys it has then, the keys in
order (a long list may be cut to its two ends), the last one, and the windows of some of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from sim.conform.decision import ABSENT, Absent, Decision, attempted
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import parse_instant
from sim.orchestrators.dagster.partitions.cadences import (
    HOURLY_FORMAT,
    cadence_partitions,
    time_window_partitions,
)
from sim.orchestrators.dagster.partitions.definition import (
    DynamicPartitionsDefinition,
    MultiPartitionsDefinition,
    PartitionLoadingContext,
    StaticPartitionsDefinition,
)
from sim.orchestrators.dagster.partitions.time_window import TimeWindowPartitionsDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition

Kind = Literal["hourly", "daily", "weekly", "monthly", "cron", "static", "dynamic", "multi"]


class Partitions(msgspec.Struct):
    """A partitions definition."""

    kind: Kind
    start: str = ""
    tz: str | None = None
    fmt: str | None = None
    end: str | None = None
    end_offset: int = 0
    minute_offset: int = 0
    hour_offset: int = 0
    day_offset: int | None = None
    cron: str = ""
    exclusions: list[str] = []
    keys: list[str] = []
    """Of static ones, and what the instance has of dynamic ones."""
    name: str = ""
    dims: dict[str, Partitions] = {}


class Expected(msgspec.Struct):
    """What Dagster answered."""

    count: int
    keys: list[str]
    last: str | msgspec.UnsetType | None = msgspec.UNSET
    windows: list[tuple[str, str, str]] = []


class Case(msgspec.Struct):
    """A question and its answers."""

    now: str
    spec: Partitions
    expect: Expected


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded key and window beside ours."""
    for place, case in cases_as(recording, Case):
        definition = definition_of(case.spec, recording.file, f"{place}.spec")
        at = context_of(case.now, [case.spec], recording.file, f"{place}.now")
        yield from _keys(place, case.expect, attempted(lambda: definition.keys(at)))  # noqa: B023
        if case.expect.last is not msgspec.UNSET:
            last = attempted(lambda: definition.last_key(at))  # noqa: B023
            yield Decision(place, "last", case.expect.last, last)
        for key, start, end in case.expect.windows:
            ours = attempted(lambda: _window(definition, key))  # noqa: B023
            for index, (what, text) in enumerate((("start", start), ("end", end))):
                recorded = instant_of(text, recording.file, f"{place}.expect.windows")
                simulated = ours if isinstance(ours, Absent) else ours[index]
                yield Decision(place, f"{key} {what}", recorded, simulated)


def _keys(name: str, expected: Expected, ours: tuple[str, ...] | Absent) -> Iterator[Decision]:
    count = ours if isinstance(ours, Absent) else len(ours)
    yield Decision(name, "count", expected.count, count)
    cut = expected.count - len(expected.keys)
    for index, key in enumerate(expected.keys):
        at = index + cut if index >= len(expected.keys) // 2 else index
        if isinstance(ours, Absent):
            yield Decision(name, f"key {at}", key, ours)
        else:
            yield Decision(name, f"key {at}", key, ours[at] if at < len(ours) else ABSENT)


def _window(definition: PartitionsDefinition, key: str) -> tuple[int, int]:
    if isinstance(definition, MultiPartitionsDefinition):
        return next(
            _window(dimension, part)
            for (_, dimension), part in zip(
                definition.dimensions, definition.split(key).values(), strict=True
            )
            if isinstance(dimension, TimeWindowPartitionsDefinition)
        )
    assert isinstance(definition, TimeWindowPartitionsDefinition)
    partition = definition.partition(key)
    return partition.start, partition.end


def definition_of(spec: Partitions, file: str, place: str) -> PartitionsDefinition:
    """The definition that a recording says. Raises `UsageError`."""
    try:
        if spec.kind == "static":
            return StaticPartitionsDefinition(tuple(spec.keys))
        if spec.kind == "dynamic":
            return DynamicPartitionsDefinition(spec.name)
        if spec.kind == "multi":
            return MultiPartitionsDefinition.of(
                {
                    name: definition_of(each, file, f"{place}.dims.{name}")
                    for name, each in spec.dims.items()
                }
            )
        return _time_window(spec)
    except ValueError as error:
        raise malformed(file, place, str(error)) from None


def _time_window(spec: Partitions) -> TimeWindowPartitionsDefinition:
    if spec.kind == "cron":
        return time_window_partitions(
            spec.cron,
            spec.start,
            fmt=spec.fmt or HOURLY_FORMAT,
            timezone=spec.tz,
            end=spec.end,
            end_offset=spec.end_offset,
            exclusions=spec.exclusions,
        )
    return cadence_partitions(
        spec.kind,
        spec.start,
        timezone=spec.tz,
        fmt=spec.fmt,
        end=spec.end,
        end_offset=spec.end_offset,
        minute_offset=spec.minute_offset,
        hour_offset=spec.hour_offset,
        day_offset=spec.day_offset,
        exclusions=spec.exclusions,
    )


def context_of(now: str, specs: list[Partitions], file: str, place: str) -> PartitionLoadingContext:
    """As of when, with what the instance has of dynamic partitions. Raises `UsageError`."""
    dynamic = {
        each.name: each.keys
        for spec in specs
        for each in (spec, *spec.dims.values())
        if each.kind == "dynamic"
    }
    return PartitionLoadingContext(instant_of(now, file, place), dynamic)


def instant_of(text: str, file: str, place: str) -> int:
    """An instant of a recording. Raises `UsageError`."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise malformed(file, place, str(error)) from None
