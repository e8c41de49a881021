"""Recorded asset backfills of Dagster: the runs of each iteration, and where every partition ends.

A case: assets with their dependencies, policies and failures, what is selected and for which keys.
Runs end before the next iteration. Runs of different assets in one iteration have no order in
Dagster, where they come from a set; the runs of the same assets have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from sim.conform.dagster_mappings import Mapping, mapping_of
from sim.conform.dagster_partitions import Partitions, definition_of, instant_of
from sim.conform.dagster_synchronous_runs import Asset, Backfilled, backfill
from sim.conform.decision import ABSENT, Absent, Decision, attempted, each_of
from sim.conform.recording import cases_as, malformed
from sim.orchestrators.dagster.asset_graph import AssetDep, AssetGraph, AssetSpec, BackfillPolicy
from sim.orchestrators.dagster.asset_graph_view import AssetGraphSubset, AssetGraphView
from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

REQUESTED_AT = "2024-05-10"
"""When a backfill was requested that does not say when."""


class Dep(msgspec.Struct):
    """One parent of an asset."""

    asset: str
    mapping: Mapping | None = None


class RecordedAsset(msgspec.Struct):
    """One asset, and how materializing it fails."""

    name: str
    deps: list[Dep]
    partitions: Partitions | None = None
    policy: Literal["single"] | Annotated[int, msgspec.Meta(ge=1)] | None = None
    fail: dict[str, int] = {}
    """How many times materializing a key fails."""
    not_yielded: list[str] | None = None
    """Keys for which its optional output is not yielded."""


class Run(msgspec.Struct):
    """One run as it ended."""

    assets: list[str]
    partition: str | None
    range: tuple[str, str] | None
    status: str


class Expected(msgspec.Struct):
    """What Dagster did."""

    iterations: list[list[Run]]
    status: str
    target: dict[str, list[str] | None]
    materialized: dict[str, list[str] | None]
    failed_and_downstream: dict[str, list[str] | None]


class Case(msgspec.Struct):
    """A backfill and what became of it."""

    assets: list[RecordedAsset]
    select: list[str]
    partitions: list[str] | None
    expect: Expected
    id: int | str = ""
    now: str = REQUESTED_AT


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every run of every iteration and every partition's end beside ours."""
    for place, case in cases_as(recording, Case):
        _check_names(case, recording.file, place)
        view = AssetGraphView(
            _graph(case, recording.file, place),
            PartitionLoadingContext(instant_of(case.now, recording.file, f"{place}.now")),
        )
        assets = {
            asset.name: Asset(dict(asset.fail), frozenset(asset.not_yielded or ()))
            for asset in case.assets
        }
        ours = attempted(lambda: backfill(view, case.select, case.partitions, assets))  # noqa: B023
        yield from _compared(f"{place} {case.id}".rstrip(), case.expect, ours)


def _compared(name: str, expected: Expected, ours: Backfilled | Absent) -> Iterator[Decision]:
    absent = ours if isinstance(ours, Absent) else None
    iterations: list[Any] = [] if isinstance(ours, Absent) else ours.iterations
    count = absent or len(iterations)
    yield Decision(name, "iterations", len(expected.iterations), count)
    for number, recorded in enumerate(expected.iterations):
        simulated = iterations[number] if number < len(iterations) else absent or ABSENT
        yield from _runs(name, f"iteration {number + 1}", recorded, simulated)
    for number in range(len(expected.iterations), len(iterations)):
        yield Decision(name, f"iteration {number + 1}", ABSENT, iterations[number])
    yield Decision(name, "status", expected.status, absent or _field(ours, "status"))
    for what in ("target", "materialized", "failed_and_downstream"):
        ended = absent or _field(ours, what)
        yield from _partitions(name, what, getattr(expected, what), ended)


def _field(ours: Any, what: str) -> Any:
    return getattr(ours, what)


def _runs(name: str, what: str, recorded: list[Run], ours: Any) -> Iterator[Decision]:
    """The runs of each selection in order; an iteration without runs is one decision."""
    told: dict[tuple[str, ...], list[Any]] = {}
    for run in recorded:
        row = (run.partition, run.range, run.status)
        told.setdefault(tuple(run.assets), []).append(row)
    if isinstance(ours, Absent):
        for assets, rows in told.items():
            for row in rows:
                yield Decision(name, f"{what} {', '.join(assets)}", row, ours)
        return
    found: dict[tuple[str, ...], list[Any]] = {}
    for assets, partition, span, status in ours:
        found.setdefault(assets, []).append((partition, span, status))
    if not told and not found:
        yield Decision(name, f"{what} no run", None, None)
    for assets in dict.fromkeys((*told, *found)):
        theirs, mine = told.get(assets, []), found.get(assets, [])
        for number in range(max(len(theirs), len(mine))):
            yield Decision(
                name,
                f"{what} {', '.join(assets)} run {number + 1}",
                theirs[number] if number < len(theirs) else ABSENT,
                mine[number] if number < len(mine) else ABSENT,
            )


def _partitions(
    name: str, what: str, recorded: dict[str, list[str] | None], ours: AssetGraphSubset | Absent
) -> Iterator[Decision]:
    for asset, keys in recorded.items():
        mine = ours if isinstance(ours, Absent) else sorted(ours[asset], key=str)
        yield from each_of(name, f"{what} {asset}", [None] if keys is None else list(keys), mine)
    if isinstance(ours, Absent):
        return
    for asset in ours:
        if asset not in recorded:
            yield from each_of(name, f"{what} {asset}", [], sorted(ours[asset], key=str))


def _graph(case: Case, file: str, place: str) -> AssetGraph:
    definitions = {
        asset.name: None
        if asset.partitions is None
        else definition_of(asset.partitions, file, f"{place}.assets[{number}].partitions")
        for number, asset in enumerate(case.assets)
    }
    return AssetGraph.of(
        AssetSpec(
            asset.name,
            tuple(
                AssetDep(
                    dep.asset,
                    None
                    if dep.mapping is None
                    else mapping_of(dep.mapping, definitions[dep.asset], definitions[asset.name]),
                )
                for dep in asset.deps
            ),
            definitions[asset.name],
            _policy(asset.policy),
        )
        for asset in case.assets
    )


def _policy(recorded: str | int | None) -> BackfillPolicy | None:
    if recorded is None:
        return None
    return BackfillPolicy(recorded) if isinstance(recorded, int) else BackfillPolicy.single_run()


def _check_names(case: Case, file: str, place: str) -> None:
    """Hold every name to an asset that has it. Raises `UsageError`."""
    known = {asset.name for asset in case.assets}
    named = [(f"select[{number}]", name) for number, name in enumerate(case.select)]
    for number, asset in enumerate(case.assets):
        named += [(f"assets[{number}].deps", dep.asset) for dep in asset.deps]
    for at, name in named:
        if name not in known:
            raise malformed(file, f"{place}.{at}", f"there is no asset {name!r}")
