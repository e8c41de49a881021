"""One iteration of an asset backfill: from what has happened to the runs that are asked for now.

A pure step: state and events in, state and run requests out. Who submits the runs, and when the
next iteration is, is the daemon's matter. Source: Dagster 1.13.29,
_core/execution/asset_backfill.py, _core/asset_graph_view/bfs.py. Invariant: an asset partition is
requested at most once, and never before the parents that are in the target.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from sim.orchestrators.dagster.asset_graph_view import (
    EMPTY,
    NOTHING,
    AssetGraphSubset,
    PartitionKeys,
)
from sim.orchestrators.dagster.backfill_target import INVARIANT, BackfillError, target_roots
from sim.orchestrators.dagster.partition_readiness import Progress, ready_partitions
from sim.orchestrators.dagster.run_requests import requests_by_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView
    from sim.orchestrators.dagster.run_requests import RunRequest


class BulkActionStatus(StrEnum):
    """The status of a backfill (_core/execution/backfill.py)."""

    REQUESTED = "REQUESTED"
    COMPLETED_SUCCESS = "COMPLETED_SUCCESS"
    COMPLETED_FAILED = "COMPLETED_FAILED"
    FAILING = "FAILING"
    FAILED = "FAILED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"

    @property
    def over(self) -> bool:
        """Whether nothing follows it."""
        return self in _OVER


_OVER = frozenset(
    {
        BulkActionStatus.COMPLETED_SUCCESS,
        BulkActionStatus.COMPLETED_FAILED,
        BulkActionStatus.FAILED,
        BulkActionStatus.CANCELED,
    }
)


@dataclass(frozen=True, slots=True)
class AssetBackfillData:
    """What a backfill knows between two iterations."""

    target: AssetGraphSubset
    requested: AssetGraphSubset = EMPTY
    materialized: AssetGraphSubset = EMPTY
    failed_and_downstream: AssetGraphSubset = EMPTY
    requested_roots: bool = False
    """Whether the first iteration has been."""

    @property
    def without_status(self) -> AssetGraphSubset:
        """What is neither materialized nor given up."""
        return self.target - self.materialized - self.failed_and_downstream

    @property
    def requested_all_ended(self) -> bool:
        """Whether everything that was requested is materialized or has failed."""
        return not (self.requested - self.materialized - self.failed_and_downstream)

    def submitted(self, request: RunRequest, view: AssetGraphView) -> AssetBackfillData:
        """After one run has been submitted."""
        return replace(self, requested=self.requested | request.partitions(view))


class AssetBackfillIteration(NamedTuple):
    """What one iteration decides."""

    run_requests: list[RunRequest]
    data: AssetBackfillData


def iterate(
    view: AssetGraphView,
    data: AssetBackfillData,
    *,
    materialized: AssetGraphSubset,
    failed: AssetGraphSubset,
) -> AssetBackfillIteration:
    """One iteration (execute_asset_backfill_iteration_inner).

    `materialized`: by the backfill's runs up to now; `failed`: planned in its runs that failed or
    were canceled, and not materialized since. Raises `BackfillError` when Dagster does.
    """
    first = not data.requested_roots
    if first:
        candidates, given_up, materialized = target_roots(view, data.target), EMPTY, EMPTY
    else:
        candidates = _candidates(view, data, materialized, failed)
        given_up = failed_and_downstream(view, data.target, failed)
    progress = Progress(data.target, data.requested, materialized, given_up)
    wanted = filtered(
        view,
        candidates,
        lambda key, partitions, so_far: ready_partitions(view, progress, key, partitions, so_far),
        through_itself=False,
    )
    requests = requests_by_policy(view, wanted)
    if first and not requests:
        message = "at least one run should be requested on first backfill iteration"
        raise BackfillError(INVARIANT, message)
    updated = replace(
        data, materialized=materialized, failed_and_downstream=given_up, requested_roots=True
    )
    return AssetBackfillIteration(requests, updated)


def outcome(
    view: AssetGraphView,
    before: AssetBackfillData,
    after: AssetBackfillData,
    *,
    runs_complete: bool,
    materialized: AssetGraphSubset,
) -> tuple[BulkActionStatus, AssetBackfillData]:
    """The status after an iteration and its submissions.

    A backfill that makes no progress though all its runs are over will never end by itself: what
    has no status then is given up (_backfill_is_stalled). `materialized`: as of the end of it.
    """
    if not after.without_status:
        if not runs_complete:
            return BulkActionStatus.REQUESTED, after
        failed = bool(after.failed_and_downstream)
        status = BulkActionStatus.COMPLETED_FAILED if failed else BulkActionStatus.COMPLETED_SUCCESS
        return status, after
    progressed = (
        after.materialized != before.materialized
        or after.failed_and_downstream != before.failed_and_downstream
        or after.requested != before.requested
    )
    if progressed or not runs_complete or materialized != after.materialized:
        return BulkActionStatus.REQUESTED, after
    lost = after.without_status | after.failed_and_downstream
    given_up = failed_and_downstream(view, after.target, lost)
    return BulkActionStatus.COMPLETED_FAILED, replace(after, failed_and_downstream=given_up)


def while_canceling(
    data: AssetBackfillData, *, materialized: AssetGraphSubset, failed: AssetGraphSubset
) -> AssetBackfillData:
    """The state of a backfill that is being ended: nothing more is requested."""
    given_up = (data.failed_and_downstream | failed) - materialized
    return replace(data, materialized=materialized, failed_and_downstream=given_up)


def failed_and_downstream(
    view: AssetGraphView, target: AssetGraphSubset, failed: AssetGraphSubset
) -> AssetGraphSubset:
    """What failed, and everything of the target that descends from it."""
    return filtered(
        view, failed, lambda key, partitions, _: partitions & target[key], through_itself=True
    )


def filtered(
    view: AssetGraphView,
    candidates: AssetGraphSubset,
    passing: Callable[[str, PartitionKeys, AssetGraphSubset], PartitionKeys],
    *,
    through_itself: bool,
) -> AssetGraphSubset:
    """Candidates that pass, and their descendants that do (bfs_filter_asset_graph_view).

    Parents are seen before their children; `passing` is told what has passed so far.
    """
    level_of = view.graph.level_of
    heap = [(level_of[key], key) for key in candidates]
    heapify(heap)
    waiting = dict(candidates.partitions)
    visited, result = candidates, EMPTY
    while heap:
        _, key = heappop(heap)
        partitions = waiting.pop(key, NOTHING)
        if not partitions:
            continue
        passed = passing(key, partitions, result)
        result |= AssetGraphSubset.of({key: passed})
        for child in view.graph.children(key) if passed else ():
            if child == key and not through_itself:
                continue
            unvisited = view.children_of(child, key, passed) - visited[child]
            if unvisited:
                visited |= AssetGraphSubset.of({child: unvisited})
                waiting[child] = waiting.get(child, NOTHING) | unvisited
                heappush(heap, (level_of[child], child))
    return result


def _candidates(
    view: AssetGraphView,
    data: AssetBackfillData,
    materialized: AssetGraphSubset,
    failed: AssetGraphSubset,
) -> AssetGraphSubset:
    """What has not been requested yet of assets below what has ended."""
    below = {child for key in (*materialized, *failed) for child in view.graph.children(key)}
    return (data.target - data.requested).only(sorted(below))
