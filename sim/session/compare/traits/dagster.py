"""Dagster's section in a comparison: jobs and schedules under more names, and edges of assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.config import DagsterConfig


def copied(section: DagsterConfig, number: int) -> DagsterConfig:
    """Each job with its schedules so many times; assets are what they are."""
    names = ["", *(f"__{at}" for at in range(2, number + 1))]
    jobs = {f"{name}{more}": job for more in names for name, job in section.jobs.items()}
    schedules = {
        f"{name}{more}": replace(one, job=f"{one.job}{more}")
        for more in names
        for name, one in section.schedules.items()
        if one.job in section.jobs
    }
    return replace(section, jobs=jobs, schedules={**section.schedules, **schedules})


def declared(section: DagsterConfig) -> Iterator[tuple[str, str]]:
    """From each asset to each that has it in `deps` or `ins`."""
    for name, asset in section.assets.items():
        for before in dict.fromkeys((*asset.deps, *asset.ins)):
            yield before, name
