"""What a condition asks about which assets, and at which instants time alone may change it.

Pure. Whatever else a condition asks about changes when something happens, which is told to the
sensor. Invariant: between two of the instants of its clocks, and with nothing new, no part of a
condition becomes true or false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.automation.conditions import (
    AnyDownstreamConditions,
    AssetMatches,
    CronTickPassed,
    Deps,
)
from sim.orchestrators.dagster.automation.downstream import downstream_conditions
from sim.orchestrators.dagster.automation.identity import children_of
from sim.orchestrators.dagster.partitions.definition import MultiPartitionsDefinition
from sim.orchestrators.dagster.partitions.time_window import TimeWindowPartitionsDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition

Clock = tuple[str, str]
"""A cron schedule and its zone."""


def clocks_of(
    graph: AssetGraph, conditions: Mapping[str, Condition], everyone: Mapping[str, Condition]
) -> tuple[Clock, ...]:
    """By which clocks some conditions may change: ticks of crons, ends of windows of partitions.

    Each once, in order. `everyone`: the conditions of all assets.
    """
    found: dict[Clock, None] = {}
    for root, condition in conditions.items():
        for key, node in asked_of(graph, everyone, condition, root):
            found.update(dict.fromkeys(_windows(graph[key].partitions_def)))
            if isinstance(node, CronTickPassed):
                found[node.cron_schedule, node.timezone] = None
    return tuple(found)


def asked_of(
    graph: AssetGraph,
    everyone: Mapping[str, Condition],
    condition: Condition,
    key: str,
    around: tuple[Condition, ...] = (),
) -> Iterator[tuple[str, Condition]]:
    """Every node of a condition with the asset that it is asked about, itself first.

    Of checks that is their asset. `around`: the conditions that it stands in.
    """
    yield key, condition
    inside = (*around, condition)
    match condition:
        case Deps(operand):
            for parent in graph.parents(key):
                yield from asked_of(graph, everyone, operand, parent, inside)
        case AssetMatches(other, operand):
            yield from asked_of(graph, everyone, operand, other, inside)
        case AnyDownstreamConditions():
            for _, below in downstream_conditions(graph, everyone, key):
                if below not in inside:
                    yield from asked_of(graph, everyone, below, key, inside)
        case _:
            for one in children_of(condition):
                yield from asked_of(graph, everyone, one, key, inside)


def _windows(definition: PartitionsDefinition | None) -> Iterator[Clock]:
    if isinstance(definition, TimeWindowPartitionsDefinition):
        yield definition.cron_schedule, definition.timezone
    elif isinstance(definition, MultiPartitionsDefinition):
        for _, dimension in definition.dimensions:
            yield from _windows(dimension)
