"""The registry of orchestrators: one line each, loaded when a config names it."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.platform.sensing import SensingWorkshop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.platform.contract import Orchestrator, Platform
    from sim.scenario.schema import Config
    from sim.world.outages import Outages
    from sim.world.sources import ResolvedSource

ORCHESTRATORS = {
    "cron": "sim.orchestrators.cron",
    "airflow": "sim.orchestrators.airflow",
}
"""Name in the config -> package. Each package has `build(section, platform, tasks=...)`,
`sensors(section)` (what its sensors wait for, by pipeline and task) and `shape(section, tasks=...)`
(its pipelines' tasks and edges)."""


def build_orchestrator(
    config: Config, platform: Platform, *, outages: Outages, sources: Mapping[str, ResolvedSource]
) -> Orchestrator:
    """The orchestrator that the config names, built on the platform."""
    package, section = _package(config)
    workshop = SensingWorkshop(
        platform.kernel,
        outages,
        sources,
        package.sensors(section),
        platform.workshop,
        platform.timezone,
    )
    built: Orchestrator = package.build(
        section, replace(platform, workshop=workshop), tasks=config.tasks
    )
    return built


def pipelines(config: Config) -> dict[str, Any]:
    """The shape of every pipeline of a config: {name: {tasks: [...], edges: [[from, to], ...]}}."""
    package, section = _package(config)
    shape: dict[str, Any] = package.shape(section, tasks=config.tasks)
    return shape


def schedulers(config: Config) -> int:
    """How many schedulers of an orchestrator the config pays for; cron is part of its host."""
    return config.airflow.schedulers if config.orchestrator == "airflow" else 0


def worker_slots(config: Config) -> int:
    """How many slots that stand ready the config pays for; cron is part of its host."""
    return config.airflow.worker_slots if config.orchestrator == "airflow" else 0


def _package(config: Config) -> tuple[Any, Any]:
    name = config.orchestrator
    if name not in ORCHESTRATORS:
        message = f"there is no orchestrator {name!r}"
        raise UsageError(message, f"one of {', '.join(ORCHESTRATORS)}")
    return import_module(ORCHESTRATORS[name]), getattr(config, name)
