"""The registry of the orchestrators' own sections of config.yaml: one entry each.

A section's struct and its checks are loaded when a config names the orchestrator, not before.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import msgspec


@dataclass(frozen=True, slots=True)
class Section:
    """Where an orchestrator keeps what its section may hold."""

    module: str
    """Module with the struct."""
    struct_name: str
    """Name of the struct in it."""
    validate_module: str
    """Module with `validate`, which finds what types cannot say."""

    told: tuple[str, ...]
    """What `validate` is told of the rest: `tasks`, `alerts`, `systems`, `timezone`."""
    template_names: frozenset[str]
    """Names that its attempts give to templates, besides `COMMON_NAMES`."""

    @property
    def struct(self) -> type[msgspec.Struct]:
        """The struct of the section."""
        struct: type[msgspec.Struct] = getattr(import_module(self.module), self.struct_name)
        return struct

    @property
    def validate(self) -> Callable[..., Any]:
        """The section's own checks."""
        validate: Callable[..., Any] = import_module(self.validate_module).validate
        return validate


COMMON_NAMES = frozenset({"ds", "fecha", "run_id", "try_number", "ts"})
"""Names that a template of a task may use under every orchestrator."""
ALERT_NAMES = frozenset({"fecha", "pipeline", "task"})
"""Names that a template of an alert may use besides."""

SECTIONS = {
    "cron": Section(
        "sim.orchestrators.cron.config",
        "CronConfig",
        "sim.orchestrators.cron.validate",
        ("tasks", "alerts", "timezone"),
        frozenset({"now", "pipeline", "task"}),
    ),
    "airflow": Section(
        "sim.orchestrators.airflow.config",
        "AirflowConfig",
        "sim.orchestrators.airflow.validate",
        ("tasks", "alerts", "systems"),
        frozenset(
            {
                *("dag_id", "data_interval_end", "data_interval_start", "ds_nodash"),
                *("logical_date", "now", "params", "run_after", "task_id", "ts_nodash"),
            }
        ),
    ),
}
"""From the word under `orchestrator`, which is also the section's key, to the section."""


def template_names(orchestrator: str | None) -> frozenset[str]:
    """The names that a template may use; those of every orchestrator when it is not known which."""
    chosen = SECTIONS.values() if orchestrator is None else [SECTIONS[orchestrator]]
    return COMMON_NAMES.union(*(section.template_names for section in chosen))
