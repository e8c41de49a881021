"""Run requests that only materialize what is stale or missing (`stale_assets_only`).

Source: Dagster 1.13.29, _scheduler/stale.py. It asks for the status of whole assets, and a
partitioned asset as a whole counts as fresh: such a request never materializes one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import AssetGraphView

if TYPE_CHECKING:
    from sim.orchestrators.dagster.definitions import JobPlan
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.plan import ExecutionPlan


def requested_plan(instance: Instance, job: JobPlan, *, stale_only: bool) -> ExecutionPlan | None:
    """The steps of a run that is requested now; None: all of its assets are fresh."""
    if not stale_only:
        return job.plan
    view = AssetGraphView(instance.definitions.graph, instance.partitions_at(instance.kernel.now))
    versions = instance.catalog.versions
    stale = {
        asset for asset in job.assets if versions.staleness(asset, None, view).status != "FRESH"
    }
    keys = job.plan.steps_of(stale)
    if len(keys) == len(job.plan.steps):
        return job.plan
    return job.plan.only(keys) if keys else None
