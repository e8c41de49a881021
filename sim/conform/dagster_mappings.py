"""Recorded partition mappings of Dagster: one decision a key.

A case: two partitions definitions, a mapping (or `inferred`) and an instant; whether the mapping
suits the definitions, which mapping it is, what some downstream keys need (and what of it does not
exist), and which downstream keys need some upstream keys. An error is the name of Dagster's class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sim.conform.dagster_partitions import Partitions, context_of, definition_of
from sim.conform.decision import Absent, Decision, attempted, each_of
from sim.conform.recording import cases_as
from sim.orchestrators.dagster.partitions.inference import inferred_mapping
from sim.orchestrators.dagster.partitions.mapping import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    LastPartitionMapping,
    PartitionMappingError,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
)
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.conform.recording import Recording
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition
    from sim.orchestrators.dagster.partitions.mapping import PartitionMapping


class Mapping(msgspec.Struct):
    """A mapping."""

    kind: Literal["time_window", "identity", "last", "all", "specific", "static", "inferred"]
    start_offset: int = 0
    end_offset: int = 0
    allow_nonexistent: bool = False
    keys: list[str] = []
    map: dict[str, str | list[str]] = {}


class Failed(msgspec.Struct):
    """Dagster raised an error."""

    error: str


class Upstream(msgspec.Struct):
    """What a downstream key needs."""

    keys: list[str] = []
    nonexistent: list[str] = []
    error: str | None = None


class Case(msgspec.Struct):
    """A mapping between two definitions, and answers."""

    upstream: Partitions
    downstream: Partitions
    mapping: Mapping
    now: str
    valid: bool | str
    inferred_type: str
    upstream_of: dict[str, Upstream]
    downstream_of: dict[str, list[str] | Failed]


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded answer beside ours."""
    for place, case in cases_as(recording, Case):
        above = definition_of(case.upstream, recording.file, f"{place}.upstream")
        below = definition_of(case.downstream, recording.file, f"{place}.downstream")
        specs = [case.upstream, case.downstream]
        at = context_of(case.now, specs, recording.file, f"{place}.now")
        mapping = mapping_of(case.mapping, above, below)
        yield Decision(place, "inferred_type", case.inferred_type, mapping.name)
        yield Decision(place, "valid", case.valid, _valid(mapping, above, below))
        for key, upstream in case.upstream_of.items():
            needed = _answer(
                lambda: mapping.upstream_of(  # noqa: B023
                    frozenset({key}),  # noqa: B023
                    upstream=above,  # noqa: B023
                    downstream=below,  # noqa: B023
                    at=at,  # noqa: B023
                )
            )
            yield from _upstream(place, f"upstream of {key}", upstream, needed)
        for key, downstream in case.downstream_of.items():
            found = _answer(
                lambda: mapping.downstream_of(  # noqa: B023
                    frozenset({key}),  # noqa: B023
                    upstream=above,  # noqa: B023
                    downstream=below,  # noqa: B023
                    at=at,  # noqa: B023
                )
            )
            yield from _downstream(place, f"downstream of {key}", downstream, found)


def mapping_of(
    spec: Mapping, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None
) -> PartitionMapping:
    """The mapping that a recording says."""
    match spec.kind:
        case "time_window":
            return TimeWindowPartitionMapping(
                spec.start_offset, spec.end_offset, spec.allow_nonexistent
            )
        case "identity":
            return IdentityPartitionMapping()
        case "last":
            return LastPartitionMapping()
        case "all":
            return AllPartitionMapping()
        case "specific":
            return SpecificPartitionsPartitionMapping(tuple(spec.keys))
        case "static":
            table = {
                above: below if isinstance(below, str) else tuple(below)
                for above, below in spec.map.items()
            }
            return StaticPartitionMapping(table)
        case "inferred":
            return inferred_mapping(upstream=upstream, downstream=downstream)


def _valid(
    mapping: PartitionMapping, upstream: PartitionsDefinition, downstream: PartitionsDefinition
) -> bool | str:
    try:
        mapping.validate(upstream=upstream, downstream=downstream)
    except PartitionMappingError as error:
        return error.error
    return True


def _answer(ask: Callable[[], Any]) -> Any:
    """What is answered; the name of Dagster's error where it refuses."""

    def asked() -> Any:
        try:
            return ask()
        except PartitionMappingError as error:
            return error.error

    return attempted(asked)


def _upstream(name: str, what: str, recorded: Upstream, ours: Any) -> Iterator[Decision]:
    if recorded.error is not None or isinstance(ours, str):
        yield Decision(name, f"{what}: error", recorded.error, ours)
        return
    absent = isinstance(ours, Absent)
    keys = ours if absent else sorted(ours.keys)
    missing = ours if absent else sorted(ours.required_but_nonexistent)
    yield from each_of(name, what, recorded.keys, keys)
    yield from each_of(name, f"{what}: nonexistent", recorded.nonexistent, missing)


def _downstream(
    name: str, what: str, recorded: list[str] | Failed, ours: Any
) -> Iterator[Decision]:
    if isinstance(recorded, Failed) or isinstance(ours, str):
        error = recorded.error if isinstance(recorded, Failed) else None
        yield Decision(name, f"{what}: error", error, ours)
        return
    yield from each_of(name, what, recorded, ours if isinstance(ours, Absent) else sorted(ours))
