"""Targets, run requests and iterations of backfills that no recording holds."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import parse_instant
from sim.orchestrators.dagster.asset_backfill import (
    AssetBackfillData,
    BulkActionStatus,
    iterate,
    outcome,
    while_canceling,
)
from sim.orchestrators.dagster.asset_graph import AssetDep, AssetGraph, AssetSpec, BackfillPolicy
from sim.orchestrators.dagster.asset_graph_view import EMPTY, AssetGraphSubset, AssetGraphView
from sim.orchestrators.dagster.backfill_target import (
    BackfillError,
    target_of_all,
    target_of_keys,
    target_of_ranges,
)
from sim.orchestrators.dagster.partitions.cadences import cadence_partitions
from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext
from sim.orchestrators.dagster.run_requests import RunRequest, requests_by_key

DAILY = cadence_partitions("daily", "2024-05-01")
NOW = PartitionLoadingContext(parse_instant("2024-05-06T00:00Z"))


def asset(key: str, *deps: str, policy: BackfillPolicy | None = None, **rest: str) -> AssetSpec:
    """A daily asset."""
    return AssetSpec(key, tuple(AssetDep(dep) for dep in deps), DAILY, policy, **rest)


def view(*specs: AssetSpec) -> AssetGraphView:
    """A graph of assets."""
    return AssetGraphView(AssetGraph.of(specs), NOW)


def days(*numbers: int) -> frozenset[str]:
    """Keys of May."""
    return frozenset(f"2024-05-{number:02}" for number in numbers)


def test_what_is_only_reached_through_an_unselected_asset_is_left_out() -> None:
    """A and c of a, b, c: only a."""
    graph = view(asset("a"), asset("b", "a"), asset("c", "b"))

    assert AssetGraphSubset({"a": days(1, 2)}) == target_of_keys(graph, ["a", "c"], days(1, 2))


def test_roots_must_share_their_partitions() -> None:
    """Otherwise the keys have no meaning."""
    hourly = cadence_partitions("hourly", "2024-05-01-00:00")
    graph = view(asset("a"), AssetSpec("h", partitions_def=hourly))

    with pytest.raises(BackfillError, match="same partitions"):
        target_of_keys(graph, ["a", "h"], days(1))


def test_a_target_may_be_everything_or_ranges_of_each_asset() -> None:
    """All keys that exist; a range of keys."""
    graph = view(asset("a"), asset("b", "a"))

    assert days(1, 2, 3, 4, 5) == target_of_all(graph, ["a"])["a"]
    assert days(2, 3) == target_of_ranges(graph, [("b", [("2024-05-02", "2024-05-03")])])["b"]


def test_other_code_locations_are_other_runs_and_iterations() -> None:
    """A child elsewhere waits for its parent."""
    graph = view(asset("a"), asset("b", "a", code_location="other"))
    first = iterate(
        graph,
        AssetBackfillData(target_of_keys(graph, ["a", "b"], days(1))),
        materialized=EMPTY,
        failed=EMPTY,
    )

    assert [RunRequest(("a",), partition_key="2024-05-01")] == first.run_requests


def test_runs_are_sorted_by_the_text_of_their_key() -> None:
    """Not by time: so does Dagster."""
    odd = cadence_partitions("daily", "01/30/2024", fmt="%m/%d/%Y", end="02/03/2024")
    graph = view(AssetSpec("a", partitions_def=odd))
    subset = AssetGraphSubset({"a": frozenset({"02/01/2024", "01/31/2024"})})

    assert ["01/31/2024", "02/01/2024"] == [
        request.partition_key for request in requests_by_key(graph, subset)
    ]


def test_requests_by_key_do_not_look_at_policies() -> None:
    """As automation conditions ask: one run a key, all assets of it together."""
    graph = view(asset("a", policy=BackfillPolicy.single_run()), asset("b"))
    subset = AssetGraphSubset({"a": days(1, 2), "b": days(2)})

    assert [
        RunRequest(("a",), partition_key="2024-05-01"),
        RunRequest(("a", "b"), partition_key="2024-05-02"),
    ] == requests_by_key(graph, subset)


def test_a_retry_that_succeeds_takes_failures_back() -> None:
    """What is materialized at last is no failure, and its children become candidates."""
    graph = view(asset("a"), asset("b", "a", policy=BackfillPolicy.single_run()))
    target = target_of_keys(graph, ["a", "b"], days(1))
    first = iterate(graph, AssetBackfillData(target), materialized=EMPTY, failed=EMPTY)
    data = first.data.submitted(first.run_requests[0], graph)
    failed = iterate(graph, data, materialized=EMPTY, failed=target.only(["a"]))
    healed = iterate(graph, failed.data, materialized=target.only(["a"]), failed=EMPTY)

    assert target == failed.data.failed_and_downstream
    assert EMPTY == healed.data.failed_and_downstream
    assert [("b",)] == [request.asset_selection for request in healed.run_requests]


def test_a_backfill_goes_on_while_a_run_does() -> None:
    """Every partition has a status, but a run is not over."""
    graph = view(asset("a"))
    target = target_of_all(graph, ["a"])
    data = AssetBackfillData(target, requested=target, materialized=target, requested_roots=True)
    ended = [
        outcome(graph, data, data, runs_complete=complete, materialized=target)[0]
        for complete in (False, True)
    ]

    assert [BulkActionStatus.REQUESTED, BulkActionStatus.COMPLETED_SUCCESS] == ended
    assert BulkActionStatus.COMPLETED_SUCCESS.over


def test_a_canceling_backfill_keeps_what_its_runs_still_do() -> None:
    """Nothing more is requested; what ends is counted."""
    graph = view(asset("a"))
    target = target_of_all(graph, ["a"])
    done, lost = target.only(["a"]), AssetGraphSubset({"a": days(3)})
    data = while_canceling(
        AssetBackfillData(target, requested=target, requested_roots=True),
        materialized=done - lost,
        failed=lost,
    )

    assert data.requested_all_ended
    assert lost == data.failed_and_downstream
