"""From what a config names to the orchestrator itself, on its platform."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.orchestrators.registry import ORCHESTRATORS
from sim.platform.sensing import SensingWorkshop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.platform.contract import Capacity, Orchestrator, Platform
    from sim.scenario.schema import Config
    from sim.world.outages import Outages
    from sim.world.sources import ResolvedSource


def build_orchestrator(
    config: Config, platform: Platform, *, outages: Outages, sources: Mapping[str, ResolvedSource]
) -> Orchestrator:
    """The orchestrator that the config names, built on the platform."""
    package = ORCHESTRATORS[config.orchestrator].package
    workshop = SensingWorkshop(
        platform.kernel,
        outages,
        sources,
        package.sensors(config.settings),
        platform.workshop,
        platform.timezone,
    )
    built: Orchestrator = package.build(
        config.settings, replace(platform, workshop=workshop), tasks=config.tasks
    )
    return built


def pipelines(config: Config) -> dict[str, Any]:
    """The shape of every pipeline of a config: {name: {tasks: [...], edges: [[from, to], ...]}}."""
    package = ORCHESTRATORS[config.orchestrator].package
    shape: dict[str, Any] = package.shape(config.settings, tasks=config.tasks)
    return shape


def capacity(config: Config) -> Capacity:
    """What stands ready under this config."""
    ready: Capacity = ORCHESTRATORS[config.orchestrator].package.capacity(config.settings)
    return ready


def title(config: Config) -> str:
    """The orchestrator with its release, as people call it: `Airflow 3.3.2`."""
    name: str = ORCHESTRATORS[config.orchestrator].package.title(config.settings)
    return name
