"""Partitions and how they go together, as a `dagster:` section writes them.

Structs only; `partitioning` makes what decides of them.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from sim.orchestrators.dagster.config_instance import Section


class DimensionDef(Section, frozen=True, kw_only=True):
    """A partitions definition: windows of time, or a list (`DailyPartitionsDefinition`, …)."""

    type: Literal["hourly", "daily", "weekly", "monthly", "time_window", "static"]
    start_date: str | None = None
    """Of windows of time: where the first begins, as a key is written."""
    end_date: str | None = None
    """Windows after it do not exist."""
    timezone: str = "UTC"
    fmt: str | None = None
    """How a key is written (strftime). Default: that of the type; `%Y-%m-%d`."""
    end_offset: int = 0
    """How many windows exist that are not over; negative: so many fewer."""
    minute_offset: int = 0
    hour_offset: int = 0
    day_offset: int | None = None
    """Of the week, 0 is Sunday; of the month, from 1."""
    cron_schedule: str | None = None
    """Of a `time_window`: where windows begin."""
    exclusions: list[str] = []
    """Windows that do not exist: cron expressions, or dates."""
    partition_keys: list[str] = []
    """Of a `static` definition, in this order."""


class PartitionsDef(Section, frozen=True, kw_only=True):
    """A definition by its name: one dimension, or two (`MultiPartitionsDefinition`)."""

    dimension: DimensionDef | None = None
    dimensions: dict[str, DimensionDef] = {}
    """Two, by name."""


class BackfillPolicyConfig(Section, frozen=True, kw_only=True):
    """How many partitions one run of a backfill may take (`BackfillPolicy`)."""

    max_partitions_per_run: Annotated[int, msgspec.Meta(ge=1)] | None = 1
    """null: all of a contiguous range (`BackfillPolicy.single_run()`)."""


class MappingConfig(Section, frozen=True, kw_only=True):
    """How the partitions of an asset go together with those of one it depends on."""

    type: Literal["identity", "time_window", "last", "all", "specific", "static", "multi_to_single"]
    start_offset: int = 0
    end_offset: int = 0
    """Of a `time_window`: which of the upstream's windows, counted in the asset's own."""
    allow_nonexistent_upstream_partitions: bool = False
    partition_keys: list[str] = []
    """Of `specific`: always these."""
    downstream_partition_keys_by_upstream_partition_key: dict[str, list[str]] = {}
    """Of `static`."""
    partition_dimension_name: str | None = None
    """Of `multi_to_single`."""
