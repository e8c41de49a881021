"""The door of this orchestrator: from its config section to a running host, and to its shape."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sim.orchestrators.systemd.activation import pipeline_of
from sim.orchestrators.systemd.host import Host
from sim.orchestrators.systemd.units import Service, read_units
from sim.platform.contract import Capacity
from sim.platform.shell.names import Names

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.orchestrators.systemd.config import SystemdConfig
    from sim.platform.contract import Orchestrator, Platform


def build(config: SystemdConfig, platform: Platform, *, tasks: Collection[str]) -> Orchestrator:
    """A host with these units on the platform. `tasks`: names of the config's tasks."""
    units = read_units(config.units, timezone=config.timezone or platform.timezone)
    return Host(config, platform, units, Names(config.scripts, tasks))


def sensors(config: SystemdConfig) -> dict[tuple[str, str], Any]:  # noqa: ARG001 - the registry's
    """None: systemd waits for nothing in the world."""
    return {}


def capacity(config: SystemdConfig) -> Capacity:  # noqa: ARG001 - as above
    """Nothing: systemd is a part of its host."""
    return Capacity()


def title(config: SystemdConfig) -> str:  # noqa: ARG001 - as above
    """The release whose rules these are."""
    return "systemd 252"


def shape(config: SystemdConfig, *, tasks: Collection[str]) -> dict[str, dict[str, list[Any]]]:
    """Each service's tasks in the order of its commands, with an edge from each to the next."""
    names = Names(config.scripts, tasks)
    shapes: dict[str, dict[str, list[Any]]] = {}
    for unit in read_units(config.units, timezone="UTC").values():
        if not isinstance(unit, Service):
            continue
        commands = (*unit.before_main, *unit.main, *unit.after_main)
        found = [task for command in commands for task in names.tasks_in(command.text)]
        run = list(dict.fromkeys(found))
        if run:
            edges = [[before, after] for before, after in pairwise(run)]
            shapes[pipeline_of(unit.name)] = {"tasks": run, "edges": edges}
    return shapes
