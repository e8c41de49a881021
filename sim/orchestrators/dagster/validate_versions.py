"""What types cannot say about observable source assets and requests of stale assets.

Part of `validate`; every problem in one pass as (path, code, message, hint), nothing is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.selection import SelectionError, select, upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.config import Asset, DagsterConfig

    Path = tuple[str | int, ...]
    Found = tuple[Path, str, str, str]

_ONLY_MADE = ("checks", "backfill_policy", "freshness_policy", "code_version")
"""What only an asset has that runs materialize."""


def version_problems(config: DagsterConfig) -> Iterator[Found]:
    """Every problem of observed assets, and of who asks for stale ones."""
    for key, asset in config.assets.items():
        if asset.observable:
            yield from _observable(key, asset)
    for name, job in config.jobs.items():
        if job.selection is not None:
            yield from _mixed(name, job.selection, config)
    for kind in ("schedules", "sensors"):
        for name, one in getattr(config, kind).items():
            if one.stale_assets_only:
                yield from _never_stale(one.job, config, (kind, name, "stale_assets_only"))


def _observable(key: str, asset: Asset) -> Iterator[Found]:
    path: Path = ("assets", key)
    if upstream(asset):
        message = f"{key} is observed, not made: it depends on nothing here"
        field = "ins" if asset.ins else "deps"
        yield (*path, field), "E-OBSERVABLE", message, "take its dependencies away"
    for field in _ONLY_MADE:
        if getattr(asset, field):
            message = f"an observed asset has no {field}"
            yield (*path, field), "E-OBSERVABLE", message, "take it away, or observable: true"


def _mixed(name: str, selection: str, config: DagsterConfig) -> Iterator[Found]:
    try:
        chosen = select(selection, config.assets)
    except SelectionError:
        return  # told elsewhere
    observed = [key for key in chosen if config.assets[key].observable]
    if observed and len(observed) < len(chosen):
        message = f"it observes {', '.join(observed)} and materializes others"
        hint = "give the observation a job of its own"
        yield ("jobs", name, "selection"), "E-SELECTION", message, hint


def _never_stale(job: str | None, config: DagsterConfig, path: Path) -> Iterator[Found]:
    found = config.jobs.get(job or "")
    if found is None:
        return
    if found.selection is None:
        yield path, "E-STALE-ASSETS", f"{job} is a job of ops", "only assets are stale"
        return
    try:
        chosen = select(found.selection, config.assets)
    except SelectionError:
        return  # told elsewhere
    if chosen and all(config.assets[key].partitions_def is not None for key in chosen):
        message = f"every asset of {job} has partitions, and as a whole none is ever stale"
        yield path, "W-STALE-ASSETS", message, "take it away: nothing would be run"
