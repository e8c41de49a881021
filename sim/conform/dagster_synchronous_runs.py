"""A backfill whose runs end as soon as they are submitted, as Dagster's backfills were recorded.

Iterations decide as they do in a deployment; only the runs between them take no time here.
Invariant: a backfill has at most `ITERATIONS_MAX` iterations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_backfill import (
    AssetBackfillData,
    BulkActionStatus,
    iterate,
    outcome,
)
from sim.orchestrators.dagster.asset_graph_view import EMPTY, AssetGraphSubset
from sim.orchestrators.dagster.backfill_target import (
    BackfillError,
    target_of_all,
    target_of_keys,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView, PartitionKeys
    from sim.orchestrators.dagster.run_requests import RunRequest

ITERATIONS_MAX = 1_000
"""Most iterations of one backfill."""
RunRow = tuple[tuple[str, ...], str | None, tuple[str, str] | None, str]
"""Assets, partition key, range and status of one run."""


@dataclass(frozen=True, slots=True)
class Asset:
    """How materializing an asset goes wrong."""

    fail: dict[str, int]
    """How many times it still fails, by key; counted down."""
    not_yielded: frozenset[str]
    """Keys for which its optional output is missing."""


@dataclass(slots=True)
class Backfilled:
    """A backfill, ended."""

    iterations: list[list[RunRow]] = field(default_factory=list)
    status: BulkActionStatus = BulkActionStatus.REQUESTED
    target: AssetGraphSubset = EMPTY
    materialized: AssetGraphSubset = EMPTY
    failed_and_downstream: AssetGraphSubset = EMPTY


@dataclass(slots=True)
class _Events:
    """What the backfill's runs have left behind."""

    materialized: AssetGraphSubset = EMPTY
    failed: AssetGraphSubset = EMPTY


def backfill(
    view: AssetGraphView,
    selection: Sequence[str],
    keys: Sequence[str] | None,
    assets: Mapping[str, Asset],
) -> Backfilled:
    """Iterate until the backfill is over or begins to fail.

    Raises `RuntimeError` past the limit.
    """
    if keys is None:
        target = target_of_all(view, selection)
    else:
        target = target_of_keys(view, selection, keys)
    data, events, ended = AssetBackfillData(target), _Events(), Backfilled(target=target)
    while ended.status is BulkActionStatus.REQUESTED:
        if len(ended.iterations) >= ITERATIONS_MAX:
            message = f"a backfill of more than {ITERATIONS_MAX} iterations"
            raise RuntimeError(message)
        before = data
        ended.iterations.append([])
        failed = events.failed - events.materialized
        try:
            step = iterate(view, data, materialized=events.materialized, failed=failed)
        except BackfillError:
            ended.status = BulkActionStatus.FAILING
            break
        data = step.data
        for request in step.run_requests:
            ended.iterations[-1].append(_run(view, request, assets, events))
            data = data.submitted(request, view)
        ended.status, data = outcome(
            view, before, data, runs_complete=True, materialized=events.materialized
        )
    ended.materialized = data.materialized
    ended.failed_and_downstream = data.failed_and_downstream
    return ended


def _run(
    view: AssetGraphView, request: RunRequest, assets: Mapping[str, Asset], events: _Events
) -> RunRow:
    """One run, step after step: what a step needs is there, or the step is not executed."""
    wanted = request.partitions(view)
    done: list[str] = []
    failed = False
    for key in view.graph.topological(request.asset_selection):
        parents = [each for each in view.graph.parents(key) if each in request.asset_selection]
        if any(parent != key and parent not in done for parent in parents):
            continue
        if _fails(assets[key], wanted[key]):
            failed = True
        elif not assets[key].not_yielded.intersection(wanted[key]):
            done.append(key)
            events.materialized |= wanted.only([key])
    if failed:
        events.failed |= wanted - wanted.only(done)
    status = "FAILURE" if failed else "SUCCESS"
    return request.asset_selection, request.partition_key, request.partition_range, status


def _fails(asset: Asset, keys: PartitionKeys) -> bool:
    """Whether the op fails on any of the keys; the first that it meets uses up one failure."""
    for key in sorted(keys, key=str):
        if key is not None and asset.fail.get(key, 0) > 0:
            asset.fail[key] -= 1
            return True
    return False
