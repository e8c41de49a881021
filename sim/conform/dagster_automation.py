"""Recorded declarative automation of Dagster: what each tick requests, partition by partition.

A case: assets with their dependencies, partitions and conditions, and a script: updates without a
run (`materialize`), runs that end at once (`run`), and ticks (`eval`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

from sim.conform.dagster_mappings import Mapping, mapping_of
from sim.conform.dagster_partitions import Partitions, definition_of, instant_of
from sim.conform.decision import Absent, attempted, each_of
from sim.conform.recording import cases_as, malformed
from sim.orchestrators.dagster.asset_graph import AssetDep, AssetGraph, AssetSpec
from sim.orchestrators.dagster.asset_graph_view import NOTHING, PartitionKeys
from sim.orchestrators.dagster.automation.conditions import (
    IN_LATEST_TIME_WINDOW,
    eager,
    on_cron,
    on_missing,
)
from sim.orchestrators.dagster.automation.declared import condition_of
from sim.orchestrators.dagster.automation.evaluator import ConditionEvaluator
from sim.orchestrators.dagster.automation.records import CheckKey, CheckState, Update
from sim.orchestrators.dagster.automation.rewriting import without
from sim.orchestrators.dagster.config import Asset as AssetConfig
from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.decision import Decision
    from sim.conform.recording import Recording
    from sim.orchestrators.dagster.automation.conditions import Condition


class Declared(msgspec.Struct):
    """A condition by its name, or as an expression."""

    kind: Literal["eager", "eager_all_parts", "on_cron", "on_missing", "expression"]
    cron: str = ""
    tz: str = "UTC"
    text: str = ""


class Dep(msgspec.Struct):
    """One parent of an asset."""

    asset: str
    mapping: Mapping | None = None


class Asset(msgspec.Struct):
    """One asset."""

    name: str
    deps: list[Dep]
    condition: Declared | None = None
    partitions: Partitions | None = None


class Step(msgspec.Struct):
    """Something at an instant."""

    at: str
    materialize: list[tuple[str, str | None]] = []
    run: tuple[list[str], str | None] | None = None
    selected: bool = False
    """Whether the run is one of selected assets, not of a job as a whole."""
    eval: bool = False


class Case(msgspec.Struct):
    """Assets, a script, and what its ticks request."""

    assets: list[Asset]
    script: list[Step]
    expect: list[tuple[str, list[tuple[str, str | None]]]]
    name: str = ""


@dataclass(slots=True)
class _Records:
    """Updates that have happened; runs end in the instant in which they begin."""

    history: dict[str, list[tuple[str | None, Update]]] = field(default_factory=dict)
    count: int = 0

    def update(
        self, key: str, partition: str | None, at: int, planned: frozenset[str], run: str | None
    ) -> None:
        self.count += 1
        # without a code version each run makes another version of the data
        update = Update(self.count, at, planned, run, run_id=run)
        self.history.setdefault(key, []).append((partition, update))

    def last_number(self) -> int:
        return self.count

    def materialized(self, key: str) -> PartitionKeys:
        return frozenset(partition for partition, _ in self.updates(key))

    def updates(self, key: str) -> list[tuple[str | None, Update]]:
        return self.history.get(key, [])

    def run_in_progress(self, key: str) -> PartitionKeys:
        del key
        return NOTHING

    backfill_in_progress = failed = run_in_progress

    def freshness(self, key: str) -> None:
        del key

    def check(self, key: CheckKey) -> CheckState:
        del key
        return CheckState()


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded request beside ours; a tick that requests nothing is one decision."""
    for place, case in cases_as(recording, Case):
        names = {asset.name for asset in case.assets}
        for asset in case.assets:
            unknown = [dep.asset for dep in asset.deps if dep.asset not in names]
            if unknown:
                raise malformed(recording.file, f"{place}.assets", f"no asset {unknown[0]!r}")
        instants = [
            instant_of(step.at, recording.file, f"{place}.script[{number}].at")
            for number, step in enumerate(case.script)
        ]
        graph = _graph(case, recording.file, place)
        ours = attempted(lambda: _ticks(case, graph, instants))  # noqa: B023
        name = f"{place} {case.name}".rstrip()
        for number, (at, requested) in enumerate(case.expect):
            found = ours if isinstance(ours, Absent) else ours[number] if number < len(ours) else []
            yield from each_of(name, f"tick {at}", [tuple(one) for one in requested], found)


def _graph(case: Case, file: str, place: str) -> AssetGraph:
    definitions = {
        asset.name: None
        if asset.partitions is None
        else definition_of(asset.partitions, file, place)
        for asset in case.assets
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
        )
        for asset in case.assets
    )


def _ticks(
    case: Case, graph: AssetGraph, instants: list[int]
) -> list[list[tuple[str, str | None]]]:
    """What each tick of the script requests."""
    records = _Records()
    conditions = {
        asset.name: _condition(asset.condition, case)
        for asset in case.assets
        if asset.condition is not None
    }
    evaluator = ConditionEvaluator(graph, conditions, records)
    told = []
    for number, (step, at) in enumerate(zip(case.script, instants, strict=True)):
        for key, partition in step.materialize:
            records.update(key, partition, at, frozenset(), None)
        if step.run is not None:
            assets, partition = step.run
            planned = frozenset(assets) if step.selected else frozenset()
            for key in graph.topological(assets):
                records.update(key, partition, at, planned, f"run {number}")
        if step.eval:
            requested = evaluator.tick(PartitionLoadingContext(at))
            told.append([(key, one) for key, some in requested.items() for one in some])
    return told


def _condition(declared: Declared, case: Case) -> Condition:
    if declared.kind == "expression":
        known = {
            asset.name: AssetConfig(deps=[dep.asset for dep in asset.deps]) for asset in case.assets
        }
        return condition_of(declared.text, known)
    if declared.kind == "on_cron":
        return on_cron(declared.cron, declared.tz)
    if declared.kind == "on_missing":
        return on_missing()
    if declared.kind == "eager_all_parts":
        return without(eager(), IN_LATEST_TIME_WINDOW)
    return eager()
