"""What a backfill is about: the target that a selection and some partition keys stand for.

Source: Dagster 1.13.29, _core/execution/asset_backfill.py and definitions/assets/graph/
base_asset_graph.py. Invariant: asset partitions of the target descend from the target's roots.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import (
    EMPTY,
    WHOLE,
    AssetGraphSubset,
    PartitionKeys,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView


class BackfillError(ValueError):
    """Dagster cannot go on with a backfill; `error` is the class that it raises."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(error, message)
        self.error = error
        self.message = message

    def __str__(self) -> str:
        return self.message


INVARIANT = "DagsterInvariantViolationError"
BACKFILL_FAILED = "DagsterBackfillFailedError"


def target_of_keys(
    view: AssetGraphView, selection: Collection[str], keys: Iterable[str]
) -> AssetGraphSubset:
    """The target of keys given to the selection's roots, and mapped down through the selection.

    What can only be reached through an asset that is not selected is left out, as Dagster leaves
    it out without a word (AssetBackfillData.from_asset_partitions). Raises `BackfillError` when
    the roots do not share their partitions.
    """
    graph = view.graph
    partitioned = [key for key in selection if graph[key].is_partitioned]
    roots = sources(graph, partitioned)
    definitions = [graph[key].partitions_def for key in roots]
    if not definitions or any(each != definitions[0] for each in definitions):
        message = "all the assets at the root of a backfill must have the same partitions"
        raise BackfillError(BACKFILL_FAILED, message)
    assert definitions[0] is not None
    wanted = frozenset(definitions[0].subset(keys, view.at))
    target = AssetGraphSubset.of({key: WHOLE for key in selection if key not in partitioned})
    for root in sorted(roots):
        target |= reached(view, root, wanted, lambda key: key in partitioned)
    return target


def target_of_all(view: AssetGraphView, selection: Iterable[str]) -> AssetGraphSubset:
    """Every partition of the selection."""
    return AssetGraphSubset.of({key: view.full(key) for key in selection})


def target_of_ranges(
    view: AssetGraphView, ranges: Iterable[tuple[str, Iterable[tuple[str, str]]]]
) -> AssetGraphSubset:
    """Ranges of keys of each asset; no range: all of it (from_partitions_by_assets).

    Raises `UnknownPartitionError`.
    """
    target = EMPTY
    for key, wanted in ranges:
        definition = view.graph[key].partitions_def
        found: set[str] = set()
        for start, end in wanted if definition is not None else ():
            found.update(definition.keys_in_range(start, end, view.at) if definition else ())
        target |= AssetGraphSubset.of({key: found or view.full(key)})
    return target


def sources(graph: AssetGraph, selection: Collection[str]) -> list[str]:
    """Assets of a selection with none of it above them, however far (fetch_sources)."""
    known: dict[str, bool] = {}

    def below(key: str) -> bool:
        if key not in known:
            known[key] = any(
                parent in selection or below(parent)
                for parent in graph.parents(key)
                if parent != key
            )
        return known[key]

    return sorted(key for key in selection if not below(key))


def target_roots(view: AssetGraphView, target: AssetGraphSubset) -> AssetGraphSubset:
    """The asset partitions that a backfill asks for first (get_target_root_asset_graph_subset).

    Whole assets without a parent in the target, and then, as long as a part of the target does not
    descend from them, the top of that part. Raises `BackfillError` when that ends too early.
    """
    parentless = [
        key
        for key in target
        if not any(target[parent] for parent in view.graph.parents(key) if parent != key)
    ]
    roots = target.only(parentless)
    covered, before = _with_downstream(view, roots, target), None
    while covered not in (target, before):
        left = target - covered
        more = left.only(sources(view.graph, list(left)))
        roots |= more
        before = covered
        covered |= _with_downstream(view, more, target)
    if covered == before:
        message = "unable to determine root partitions for the backfill"
        raise BackfillError(INVARIANT, message)
    return roots


def _with_downstream(
    view: AssetGraphView, start: AssetGraphSubset, target: AssetGraphSubset
) -> AssetGraphSubset:
    found = start
    for key in start:
        found |= reached(view, key, start[key], lambda each: bool(target[each])) & target
    return found


def reached(
    view: AssetGraphView, root: str, partitions: PartitionKeys, among: Callable[[str], bool]
) -> AssetGraphSubset:
    """What descends from partitions of one asset, through assets of some kind.

    Assets are visited in order of their discovery and once, so what is reached later over a longer
    way is not passed on (BaseAssetGraph.bfs_filter_subsets).
    """
    graph = view.graph
    waiting, queue, seen = {root: partitions}, deque([root]), {root}
    found: dict[str, PartitionKeys] = {}
    while queue:
        key = queue.popleft()
        if not among(key):
            continue
        found[key] = waiting[key]
        for child in graph.children(key):
            below = (
                view.full(child) if None in found[key] else view.children_of(child, key, found[key])
            )
            waiting[child] = waiting.get(child, frozenset()) | below
            if child not in seen:
                seen.add(child)
                queue.append(child)
    return AssetGraphSubset.of(found)
