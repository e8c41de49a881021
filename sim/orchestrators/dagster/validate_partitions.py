"""What types cannot say about partitions: definitions, mappings, and jobs of several definitions.

Part of `validate`; every problem in one pass as (path, code, message, hint), nothing is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.partitioning import partition_mapping, partitions_definition
from sim.orchestrators.dagster.partitions.inference import inferred_mapping
from sim.orchestrators.dagster.partitions.mapping import PartitionMappingError
from sim.orchestrators.dagster.selection import SelectionError, select, upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.config import Asset, DagsterConfig
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition

Path = tuple[str | int, ...]
Found = tuple[Path, str, str, str]
Definitions = dict[str, "PartitionsDefinition"]


def partition_problems(config: DagsterConfig) -> Iterator[Found]:
    """Every problem with the partitions of a section."""
    definitions: Definitions = {}
    for name, declared in config.partitions_defs.items():
        try:
            definitions[name] = partitions_definition(declared)
        except ValueError as error:
            hint = "dimension: {type: daily, start_date: 2024-01-01}"
            yield ("partitions_defs", name), "E-PARTITIONS", str(error), hint
    for key, asset in config.assets.items():
        path: Path = ("assets", key)
        named = asset.partitions_def
        if named is not None and named not in config.partitions_defs:
            message = f'partitions definition "{named}" is not defined'
            hint = f"there is {', '.join(config.partitions_defs)}" if config.partitions_defs else ""
            yield (*path, "partitions_def"), "E-PARTITIONS-UNKNOWN", message, hint
        yield from _mappings(key, asset, config, definitions)
    for name, job in config.jobs.items():
        if job.selection is not None:
            yield from _one_definition(name, job.selection, config)


def _mappings(
    key: str, asset: Asset, config: DagsterConfig, definitions: Definitions
) -> Iterator[Found]:
    path: Path = ("assets", key, "partition_mappings")
    for name in asset.partition_mappings:
        if name not in upstream(asset):
            message = f"{key} does not depend on {name}"
            yield (*path, name), "E-PARTITION-MAPPING", message, "name one of its deps or ins"
    below = definitions.get(asset.partitions_def or "")
    for name in upstream(asset):
        parent = config.assets.get(name)
        above = None if parent is None else definitions.get(parent.partitions_def or "")
        if above is None:
            continue
        declared = asset.partition_mappings.get(name)
        mapping = (
            inferred_mapping(upstream=above, downstream=below)
            if declared is None
            else partition_mapping(declared)
        )
        try:
            mapping.validate(upstream=above, downstream=below)
        except PartitionMappingError as error:
            place = ("assets", key) if declared is None else (*path, name)
            yield place, "E-PARTITION-MAPPING", str(error), f"of {key} to {name}"


def _one_definition(name: str, selection: str, config: DagsterConfig) -> Iterator[Found]:
    """A run has keys of one definition."""
    try:
        chosen = select(selection, config.assets)
    except SelectionError:
        return
    named = [config.assets[key].partitions_def for key in chosen]
    several = list(dict.fromkeys(one for one in named if one is not None))
    if len(several) > 1:
        message = f"the assets of the job have several definitions: {', '.join(several)}"
        yield ("jobs", name), "E-JOB-PARTITIONS", message, "make a job of each"
