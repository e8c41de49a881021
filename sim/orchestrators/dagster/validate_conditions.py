"""What is wrong with what a condition asks about other assets, which its text alone cannot tell.

Part of `validate`; every problem as (path, code, message, hint), nothing is raised.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph import AssetDep, AssetGraph, AssetSpec
from sim.orchestrators.dagster.automation.asked import asked_of
from sim.orchestrators.dagster.automation.conditions import AnyDownstreamConditions, AssetMatches
from sim.orchestrators.dagster.partitioning import partitions_definition
from sim.orchestrators.dagster.partitions.inference import inferred_mapping
from sim.orchestrators.dagster.partitions.mapping import PartitionMappingError
from sim.orchestrators.dagster.selection import upstream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.config import DagsterConfig
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition

    Found = tuple[tuple[str | int, ...], str, str, str]

ASKED_MAX = 10_000
"""How many questions a condition may come to, with those of others that it takes in."""


def condition_problems(
    config: DagsterConfig, conditions: Mapping[str, Condition]
) -> Iterator[Found]:
    """Every problem of the conditions that could be read, by asset."""
    graph = AssetGraph.of(
        AssetSpec(key, tuple(AssetDep(name) for name in upstream(asset)))
        for key, asset in config.assets.items()
    )
    definitions = _definitions(config)
    for root, condition in conditions.items():
        path = ("assets", root, "automation_condition")
        asked = list(islice(asked_of(graph, conditions, condition, root), ASKED_MAX + 1))
        if len(asked) > ASKED_MAX:
            message = f"with those downstream the condition asks more than {ASKED_MAX} questions"
            yield path, "E-AUTOMATION-SIZE", message, "give fewer assets any_downstream_conditions"
            continue
        for key in dict.fromkeys(
            key for key, node in asked if isinstance(node, AnyDownstreamConditions)
        ):
            around = [one for one in sorted(_at_or_below(graph, key)) if graph.reads_itself(one)]
            if around:
                message = f"{around[0]} reads itself: Dagster goes round it until its tick fails"
                yield (
                    path,
                    "E-AUTOMATION-DOWNSTREAM",
                    message,
                    "leave any_downstream_conditions out",
                )
        for key, node in dict.fromkeys(asked):
            if isinstance(node, AssetMatches):
                yield from _unmapped(graph, definitions, key, node.key, path)


def _definitions(config: DagsterConfig) -> dict[str, PartitionsDefinition]:
    """The definition of each asset that has one; those that are wrong are told elsewhere."""
    found = {}
    for key, asset in config.assets.items():
        declared = config.partitions_defs.get(asset.partitions_def or "")
        if declared is not None:
            try:
                found[key] = partitions_definition(declared)
            except ValueError:
                continue
    return found


def _unmapped(
    graph: AssetGraph,
    definitions: Mapping[str, PartitionsDefinition],
    key: str,
    other: str,
    path: tuple[str, ...],
) -> Iterator[Found]:
    """Partitions of two assets that have nothing to do with each other."""
    if other in graph.parents(key) or other in graph.children(key) or other not in definitions:
        return
    above, below = definitions[other], definitions.get(key)
    try:
        inferred_mapping(upstream=above, downstream=below).validate(
            upstream=above, downstream=below
        )
    except PartitionMappingError as error:
        message = f"partitions of {key} cannot be mapped to {other}: {error}"
        yield path, "E-PARTITION-MAPPING", message, f"do not ask {key} about {other}"


def _at_or_below(graph: AssetGraph, key: str) -> set[str]:
    found, edge = {key}, {key}
    while edge:
        edge = {child for one in sorted(edge) for child in graph.children(one)} - found
        found |= edge
    return found
