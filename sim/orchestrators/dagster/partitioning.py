"""From what a config says of partitions to what decides: definitions, mappings, the asset graph.

Raises `ValueError` for what is no definition, with one sentence; `validate` gives it a place. What
exists as of an instant, and which date a partition is about, is asked here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import date_of
from sim.orchestrators.dagster.asset_graph import AssetDep, AssetGraph, AssetSpec, BackfillPolicy
from sim.orchestrators.dagster.partitions.cadences import (
    CADENCES,
    cadence_partitions,
    time_window_partitions,
)
from sim.orchestrators.dagster.partitions.definition import (
    MultiPartitionsDefinition,
    StaticPartitionsDefinition,
)
from sim.orchestrators.dagster.partitions.dimension_mapping import (
    MultiToSingleDimensionPartitionMapping,
)
from sim.orchestrators.dagster.partitions.mapping import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    LastPartitionMapping,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
)
from sim.orchestrators.dagster.partitions.time_window import (
    DATE_FORMAT,
    Partition,
    TimeWindowPartitionsDefinition,
)
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping
from sim.orchestrators.dagster.selection import upstream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.config import Asset, DagsterConfig
    from sim.orchestrators.dagster.config_partitions import (
        DimensionDef,
        MappingConfig,
        PartitionsDef,
    )
    from sim.orchestrators.dagster.partitions.definition import (
        PartitionLoadingContext,
        PartitionsDefinition,
    )
    from sim.orchestrators.dagster.partitions.mapping import PartitionMapping


def partitions_definition(config: PartitionsDef) -> PartitionsDefinition:
    """A definition. Raises `ValueError`."""
    if (config.dimension is None) == (not config.dimensions):
        message = "a partitions definition has one dimension or dimensions, one of the two"
        raise ValueError(message)
    if config.dimension is not None:
        return _dimension(config.dimension)
    return MultiPartitionsDefinition.of(
        {name: _dimension(each) for name, each in config.dimensions.items()}
    )


def partition_mapping(config: MappingConfig) -> PartitionMapping:
    """A mapping."""
    match config.type:
        case "identity":
            return IdentityPartitionMapping()
        case "time_window":
            return TimeWindowPartitionMapping(
                config.start_offset,
                config.end_offset,
                config.allow_nonexistent_upstream_partitions,
            )
        case "last":
            return LastPartitionMapping()
        case "all":
            return AllPartitionMapping()
        case "specific":
            return SpecificPartitionsPartitionMapping(tuple(config.partition_keys))
        case "static":
            table = config.downstream_partition_keys_by_upstream_partition_key
            return StaticPartitionMapping({key: tuple(keys) for key, keys in table.items()})
        case "multi_to_single":
            return MultiToSingleDimensionPartitionMapping(config.partition_dimension_name)


def asset_graph(
    config: DagsterConfig, definitions: Mapping[str, PartitionsDefinition]
) -> AssetGraph:
    """The graph of a config's assets. `definitions`: its partitions definitions, by name."""
    return AssetGraph.of(
        AssetSpec(
            key,
            tuple(_dep(asset, name) for name in upstream(asset)),
            None if asset.partitions_def is None else definitions[asset.partitions_def],
            None
            if asset.backfill_policy is None
            else BackfillPolicy(asset.backfill_policy.max_partitions_per_run),
            asset.code_version,
            checks=tuple(asset.checks),
            observable=asset.observable,
            blocking_checks=frozenset(name for name, one in asset.checks.items() if one.blocking),
            pool=asset.pool,
            code_location=config.code_location,
        )
        for key, asset in config.assets.items()
    )


def window_of(definition: PartitionsDefinition, key: str) -> Partition | None:
    """The window of time that a key stands for; None: it stands for none."""
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return definition.partition(key)
    if isinstance(definition, MultiPartitionsDefinition):
        parts = definition.split(key)
        for name, dimension in definition.dimensions:
            found = window_of(dimension, parts[name])
            if found is not None:
                return found
    return None


def data_date_of(definition: PartitionsDefinition, key: str) -> str | None:
    """The ISO date on which a key's window begins, in its own zone; None: it has none."""
    window = window_of(definition, key)
    return None if window is None else date_of(window.start, _zone(definition)).isoformat()


def keys_of_date(
    definition: PartitionsDefinition, date: str, at: PartitionLoadingContext
) -> tuple[str, ...]:
    """The keys that exist whose windows begin on a date, in order."""
    return tuple(key for key in definition.keys(at) if data_date_of(definition, key) == date)


def keys_of_dates(
    definition: PartitionsDefinition, first: str, last: str, at: PartitionLoadingContext
) -> tuple[str, ...]:
    """The keys that exist whose windows begin from one date to another, in order.

    Keys without windows belong to every date.
    """
    dates = ((key, data_date_of(definition, key)) for key in definition.keys(at))
    return tuple(key for key, date in dates if date is None or first <= date <= last)


def latest_keys(definition: PartitionsDefinition, at: PartitionLoadingContext) -> tuple[str, ...]:
    """What a schedule of a partitioned job runs: of windows the latest that exists, else all.

    Source: Dagster 1.13.29, _core/definitions/partitions/partitioned_schedule.py.
    """
    if isinstance(definition, TimeWindowPartitionsDefinition):
        last = definition.last_key(at)
        return () if last is None else (last,)
    if isinstance(definition, MultiPartitionsDefinition):
        every = definition.keys(at)
        timed = [
            (name, each)
            for name, each in definition.dimensions
            if isinstance(each, TimeWindowPartitionsDefinition)
        ]
        for name, each in timed:
            last = each.last_key(at)
            return tuple(key for key in every if definition.split(key)[name] == last)
        return every
    return definition.keys(at)


def _dep(asset: Asset, name: str) -> AssetDep:
    declared = asset.partition_mappings.get(name)
    mapping = None if declared is None else partition_mapping(declared)
    return AssetDep(name, mapping, argument=name in asset.ins)


def _dimension(config: DimensionDef) -> PartitionsDefinition:
    if config.type == "static":
        if not config.partition_keys:
            message = "a static definition needs partition_keys"
            raise ValueError(message)
        return StaticPartitionsDefinition(tuple(dict.fromkeys(config.partition_keys)))
    if config.start_date is None:
        message = "windows of time need a start_date"
        raise ValueError(message)
    if config.type in CADENCES:
        return cadence_partitions(
            config.type,
            config.start_date,
            timezone=config.timezone,
            fmt=config.fmt,
            end=config.end_date,
            end_offset=config.end_offset,
            minute_offset=config.minute_offset,
            hour_offset=config.hour_offset,
            day_offset=config.day_offset,
            exclusions=config.exclusions,
        )
    if config.cron_schedule is None:
        message = "a time_window needs a cron_schedule"
        raise ValueError(message)
    return time_window_partitions(
        config.cron_schedule,
        config.start_date,
        fmt=config.fmt or DATE_FORMAT,
        timezone=config.timezone,
        end=config.end_date,
        end_offset=config.end_offset,
        exclusions=config.exclusions,
    )


def _zone(definition: PartitionsDefinition) -> str:
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return definition.timezone
    assert isinstance(definition, MultiPartitionsDefinition)
    return next(
        each.timezone
        for _, each in definition.dimensions
        if isinstance(each, TimeWindowPartitionsDefinition)
    )
