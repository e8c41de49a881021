"""How fresh an asset is to be, as a `dagster:` section writes it. Structs only."""

from __future__ import annotations

from sim.orchestrators.dagster.config_instance import Section


class FreshnessPolicyConfig(Section, frozen=True, kw_only=True):
    """`FreshnessPolicy.time_window(...)`, or with a deadline `FreshnessPolicy.cron(...)`."""

    fail_window: str | None = None
    """An asset whose latest materialization is as old as this FAILs; such as `24h`."""
    warn_window: str | None = None
    """From this age on it WARNs. Default: never."""
    deadline_cron: str | None = None
    """By each of its ticks the asset is to be materialized."""
    lower_bound_delta: str | None = None
    """How long before the deadline at most."""
    timezone: str = "UTC"
    """Of the deadline."""
