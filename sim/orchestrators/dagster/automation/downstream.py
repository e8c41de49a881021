"""The conditions of everything downstream of an asset, as `any_downstream_conditions` takes them.

Source: Dagster 1.13.29, operators/any_downstream_conditions_operator.py. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.automation.conditions import And, AnyDownstreamConditions, Or

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.automation.conditions import Condition


def downstream_conditions(
    graph: AssetGraph, conditions: Mapping[str, Condition], key: str
) -> list[tuple[tuple[str, ...], Condition]]:
    """Each different condition downstream with the assets that have it, in order of these."""
    found: dict[Condition, set[str]] = {}
    for below in sorted(_below(graph, key)):
        condition = conditions.get(below)
        stripped = None if condition is None else without_downstream(condition)
        if stripped is not None:
            found.setdefault(stripped, set()).add(below)
    return sorted(
        ((tuple(sorted(keys)), one) for one, keys in found.items()), key=lambda item: item[0]
    )


def without_downstream(condition: Condition) -> Condition | None:
    """A condition as if `any_downstream_conditions` were never true; None: nor is it then."""
    if condition.label is not None:
        return condition
    if isinstance(condition, AnyDownstreamConditions):
        return None
    if not isinstance(condition, And | Or):
        return condition
    parts = [without_downstream(one) for one in condition.operands]
    kept = tuple(one for one in parts if one is not None)
    if isinstance(condition, And) and len(kept) < len(parts):
        return None
    if kept == condition.operands:
        return condition
    if len(kept) <= 1:
        return kept[0] if kept else None
    return And(kept) if isinstance(condition, And) else Or(kept)


def _below(graph: AssetGraph, key: str) -> set[str]:
    found: set[str] = set()
    edge = {key}
    while edge:
        edge = {child for one in sorted(edge) for child in graph.children(one)} - found - {key}
        found |= edge
    return found
