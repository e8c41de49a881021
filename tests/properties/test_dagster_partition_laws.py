"""Laws of Dagster's partitions and backfills, in any zone, cadence and graph."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.calendar import DAY, HOUR, parse_instant
from sim.orchestrators.dagster.asset_backfill import (
    AssetBackfillData,
    BulkActionStatus,
    iterate,
    outcome,
)
from sim.orchestrators.dagster.asset_graph import AssetDep, AssetGraph, AssetSpec, BackfillPolicy
from sim.orchestrators.dagster.asset_graph_view import EMPTY, AssetGraphSubset, AssetGraphView
from sim.orchestrators.dagster.backfill_target import target_of_keys
from sim.orchestrators.dagster.partitions.cadences import cadence_partitions
from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping

ZONES = ["UTC", "America/New_York", "Europe/Madrid", "America/Sao_Paulo", "Asia/Kolkata"]
CADENCES = {"hourly": "2024-03-01-00:00", "daily": "2024-01-01", "weekly": "2024-01-01"}
START = parse_instant("2024-01-01")

zones = st.sampled_from(ZONES)
cadences = st.sampled_from(list(CADENCES))
offsets = st.tuples(st.integers(-3, 3), st.integers(0, 3))
"""The start's, and by how much the end's is larger."""
instants = st.integers(0, 400 * 24).map(lambda hours: START + hours * HOUR)


@given(cadences, zones, instants)
def test_keys_lead_to_windows_and_back(cadence: str, zone: str, now: int) -> None:
    """Windows of consecutive keys touch, and each holds its own start."""
    definition = cadence_partitions(cadence, CADENCES[cadence], timezone=zone)
    at = PartitionLoadingContext(now)
    keys = definition.keys(at)[-50:]
    windows = [definition.partition(key) for key in keys]

    assert list(keys) == [definition.key_at(window.start) for window in windows]
    assert all(definition.has_key(key, at) for key in keys)
    assert [window.start for window in windows[1:]] == [window.end for window in windows[:-1]]
    assert all(window.end <= now for window in windows)


@given(st.tuples(cadences, cadences), zones, offsets, st.data())
def test_upstream_and_downstream_are_converse(
    pair: tuple[str, str], zone: str, offset: tuple[int, int], data: st.DataObject
) -> None:
    """Well inside of what exists, a key needs what maps down to it."""
    upstream, downstream = (
        cadence_partitions(each, CADENCES[each], timezone=zone) for each in pair
    )
    at = PartitionLoadingContext(parse_instant("2024-12-01"))
    mapping = TimeWindowPartitionMapping(offset[0], sum(offset))
    low, high = parse_instant("2024-05-01"), parse_instant("2024-10-01")
    inside = downstream.keys_in_window(low, high)
    key = data.draw(st.sampled_from(inside))
    found = mapping.upstream_of(frozenset({key}), upstream=upstream, downstream=downstream, at=at)

    assert frozenset() == found.required_but_nonexistent
    for parent in sorted(found.keys)[:3]:
        assert key in mapping.downstream_of(
            frozenset({parent}), upstream=upstream, downstream=downstream, at=at
        )


DAILY = cadence_partitions("daily", "2024-05-01")
VIEW_AT = PartitionLoadingContext(parse_instant("2024-05-01") + 12 * DAY)
policies = st.sampled_from([None, BackfillPolicy.single_run(), BackfillPolicy.multi_run(2)])
mappings = st.sampled_from(
    [None, TimeWindowPartitionMapping(-1, -1), TimeWindowPartitionMapping(-1, 0)]
)


@st.composite
def graphs(draw: st.DrawFn) -> AssetGraph:
    """Up to five daily assets with any dependencies, policies and mappings."""
    specs: list[AssetSpec] = []
    for number in range(draw(st.integers(1, 5))):
        parents = draw(st.lists(st.sampled_from(range(number)), unique=True)) if number else []
        deps = tuple(AssetDep(f"a{parent}", draw(mappings)) for parent in parents)
        if draw(st.integers(0, 4)) == 0:
            deps = (*deps, AssetDep(f"a{number}", TimeWindowPartitionMapping(-1, -1)))
        specs.append(AssetSpec(f"a{number}", deps, DAILY, draw(policies)))
    return AssetGraph.of(specs)


@given(graphs(), st.sets(st.integers(1, 8), min_size=1), st.integers(0, 1 << 32))
def test_every_target_partition_ends_in_one_way(
    graph: AssetGraph, numbers: set[int], seed: int
) -> None:
    """Materialized, failed or below a failure; requested at most once, never before its parents."""
    view = AssetGraphView(graph, VIEW_AT)
    chance = random.Random(seed)  # noqa: S311 - which runs fail
    keys = [f"2024-05-{number:02}" for number in sorted(numbers)]
    data = AssetBackfillData(target_of_keys(view, list(graph.assets), keys))
    target, status = data.target, BulkActionStatus.REQUESTED
    materialized = failed = EMPTY
    for _ in range(100):
        before = data
        step = iterate(view, data, materialized=materialized, failed=failed)
        data = step.data
        for request in step.run_requests:
            wanted = request.partitions(view)
            assert not wanted & data.requested
            data = data.submitted(request, view)
            if chance.random() < 0.2:
                failed |= wanted
            else:
                materialized |= wanted
                _hold_parents(view, wanted, materialized, target)
        status, data = outcome(view, before, data, runs_complete=True, materialized=materialized)
        if status.over:
            break

    assert status.over
    assert (status is BulkActionStatus.COMPLETED_FAILED) == bool(data.failed_and_downstream)
    assert target == data.materialized | data.failed_and_downstream
    assert not data.materialized & data.failed_and_downstream


def _hold_parents(
    view: AssetGraphView,
    wanted: AssetGraphSubset,
    materialized: AssetGraphSubset,
    target: AssetGraphSubset,
) -> None:
    for key in wanted:
        for parent in view.graph.parents(key):
            needed, _ = view.parents_of(parent, key, wanted[key])
            assert needed & target[parent] <= materialized[parent]
