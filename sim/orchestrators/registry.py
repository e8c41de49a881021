"""The registry of orchestrators: one entry each, and nothing else in the program names one.

Everything further is found by the name: what decides in the package `sim.orchestrators.NAME`, its
ledger in `sim.views.ledger.NAME`, its tables in `sim.views.metadata.NAME`, what a counterfactual
may lift in `sim.session.without.NAME`. Modules are imported when a config names the orchestrator,
not before. What each of them must offer: docs/architecture.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    import msgspec

Name = Literal["cron", "systemd", "airflow", "dagster", "prefect"]
"""The word under `orchestrator` in config.yaml, which is also the key of its section."""

Ability = Literal["backfill", "clear", "dependencies", "metadata_database", "twin", "workers"]
"""What an orchestrator has that another lacks:

- `backfill`, `clear`: an operator can ask for it;
- `dependencies`: it starts a task when those before it are done, not when a clock says so;
- `metadata_database`: without it nothing is decided;
- `twin`: a second daemon with the same lines starts everything again, for they share no lock;
- `workers`: tasks run in processes that can die or be cut off by themselves.
"""


@dataclass(frozen=True, slots=True)
class Registration:
    """What has to be known of an orchestrator before its package is loaded."""

    name: Name
    struct_name: str
    """Name of the struct of its section, in `config` of its package."""
    told: tuple[str, ...]
    """What its `validate` is told of the rest: `tasks`, `alerts`, `heartbeats`, `systems`, …"""
    template_names: frozenset[str]
    """Names that its attempts give to templates, besides `COMMON_NAMES`."""
    abilities: frozenset[Ability]

    @property
    def package(self) -> Any:
        """The package: `build`, `sensors`, `shape`, `capacity`, `title`."""
        return import_module(f"sim.orchestrators.{self.name}")

    @property
    def struct(self) -> type[msgspec.Struct]:
        """The struct of the section."""
        module = import_module(f"sim.orchestrators.{self.name}.config")
        struct: type[msgspec.Struct] = getattr(module, self.struct_name)
        return struct

    @property
    def validate(self) -> Callable[..., Any]:
        """The section's own checks, which find what types cannot say."""
        module = import_module(f"sim.orchestrators.{self.name}.validate")
        validate: Callable[..., Any] = module.validate
        return validate


COMMON_NAMES = frozenset({"ds", "fecha", "run_id", "try_number", "ts"})
"""Names that a template of a task may use under every orchestrator."""
ALERT_NAMES = frozenset({"fecha", "pipeline", "task"})
"""Names that a template of an alert may use besides."""

_ENTRIES = (
    Registration(
        "cron",
        "CronConfig",
        ("tasks", "alerts", "heartbeats", "timezone"),
        frozenset({"now", "pipeline", "task"}),
        frozenset({"backfill", "twin"}),
    ),
    Registration(
        "systemd",
        "SystemdConfig",
        ("tasks", "alerts", "heartbeats", "timezone"),
        frozenset({"now", "pipeline", "task"}),
        frozenset({"backfill", "dependencies"}),
    ),
    Registration(
        "airflow",
        "AirflowConfig",
        ("tasks", "alerts", "systems"),
        frozenset(
            {
                *("dag_id", "data_interval_end", "data_interval_start", "ds_nodash"),
                *("logical_date", "now", "params", "run_after", "task_id", "ts_nodash"),
            }
        ),
        frozenset({"backfill", "clear", "dependencies", "metadata_database", "workers"}),
    ),
    Registration(
        "dagster",
        "DagsterConfig",
        ("tasks", "alerts", "systems"),
        frozenset(
            {
                *(
                    "job_name",
                    "partition_key",
                    "partition_time_window",
                    "retry_number",
                    "scheduled_execution_time",
                ),
                *("step_key", "tags"),
            }
        ),
        frozenset({"clear", "dependencies", "metadata_database", "workers"}),
    ),
    Registration(
        "prefect",
        "PrefectConfig",
        ("tasks", "alerts"),
        frozenset({"flow_name", "flow_run_name", "parameters", "scheduled_start_time"}),
        frozenset({"clear", "dependencies", "metadata_database", "workers"}),
    ),
)

ORCHESTRATORS: dict[str, Registration] = {entry.name: entry for entry in _ENTRIES}
"""Every orchestrator, by its name, in the order in which people meet them."""


def template_names(orchestrator: str | None) -> frozenset[str]:
    """The names that a template may use; those of every orchestrator when it is not known which."""
    chosen = ORCHESTRATORS.values() if orchestrator is None else [ORCHESTRATORS[orchestrator]]
    return COMMON_NAMES.union(*(entry.template_names for entry in chosen))
