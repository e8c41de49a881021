"""The door of this orchestrator: from its config section to a running host, and to its shape."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sim.orchestrators.cron.catalog import catalog_of
from sim.orchestrators.cron.host import Host
from sim.platform.contract import Capacity

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.orchestrators.cron.config import CronConfig
    from sim.platform.contract import Orchestrator, Platform


def build(config: CronConfig, platform: Platform, *, tasks: Collection[str]) -> Orchestrator:
    """A host with these tables on the platform. `tasks`: names of the config's tasks."""
    return Host(config, platform, catalog_of(config, tasks))


def sensors(config: CronConfig) -> dict[tuple[str, str], Any]:  # noqa: ARG001 - the registry's
    """None: cron waits for nothing."""
    return {}


def capacity(config: CronConfig) -> Capacity:  # noqa: ARG001 - as above
    """Nothing: cron is a part of its host."""
    return Capacity()


def title(config: CronConfig) -> str:
    """The daemon whose rules these are."""
    return {"debian": "cron (Debian 3.0pl1)", "busybox": "cron (BusyBox)"}[config.daemon]


def shape(config: CronConfig, *, tasks: Collection[str]) -> dict[str, dict[str, list[Any]]]:
    """Each line's tasks in the order of its text, with an edge from each to the next."""
    catalog = catalog_of(config, tasks)
    return {line.pipeline: _chain(catalog.tasks_of(line.entry)) for line in catalog.everything}


def _chain(tasks: list[str]) -> dict[str, list[Any]]:
    edges = [[before, after] for before, after in pairwise(tasks)]
    return {"tasks": tasks, "edges": edges}
