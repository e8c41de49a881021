"""A job backfill: a run for each partition of a job in the given order, whatever depends on what.

Source: Dagster 1.13.29, _core/execution/job_backfill.py. Invariant: every partition is in exactly
one run, and runs are submitted in chunks of `CHECKPOINT_COUNT`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.dagster.run_requests import RunRequest, ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.orchestrators.dagster.asset_graph import BackfillPolicy
    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView

CHECKPOINT_COUNT = 25
"""Runs that are submitted before the backfill's status is read again."""
CHECKPOINT_INTERVAL_US = SECOND
"""How long the daemon sleeps after each such chunk."""


def job_requests(
    view: AssetGraphView, assets: Sequence[str], keys: Sequence[str]
) -> Iterator[RunRequest]:
    """The runs of a job's assets over some keys.

    With a policy of more than one partition in a run they are contiguous ranges in the order of
    the partitions; the smallest policy of the assets counts (resolve_backfill_policy).
    """
    specs = [view.graph[key] for key in assets if view.graph[key].is_partitioned]
    definition = specs[0].partitions_def
    assert definition is not None
    selection = tuple(sorted(assets))
    size = min((run_size(spec.backfill_policy) for spec in specs), key=_unlimited_last)
    if size == 1:
        for key in keys:
            yield RunRequest(selection, partition_key=key)
        return
    for span in ranges(definition, definition.subset(keys, view.at), size, view.at):
        yield RunRequest(selection, partition_range=span)


def run_size(policy: BackfillPolicy | None) -> int | None:
    """How many partitions a run may take; None: any number."""
    return 1 if policy is None else policy.max_partitions_per_run


def _unlimited_last(size: int | None) -> float:
    return float("inf") if size is None else size
