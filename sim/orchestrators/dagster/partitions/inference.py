"""The mapping that Dagster takes when none is declared.

Source: Dagster 1.13.29, _core/definitions/partitions/utils/mapping.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.partitions.dimension_mapping import (
    MultiToSingleDimensionPartitionMapping,
    shared_dimension,
)
from sim.orchestrators.dagster.partitions.mapping import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    PartitionMappingError,
)
from sim.orchestrators.dagster.partitions.time_window import TimeWindowPartitionsDefinition
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping

if TYPE_CHECKING:
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition
    from sim.orchestrators.dagster.partitions.mapping import PartitionMapping


def inferred_mapping(
    *, upstream: PartitionsDefinition | None, downstream: PartitionsDefinition | None
) -> PartitionMapping:
    """By what the two definitions are; None: no partitions."""
    if upstream is None or downstream is None:
        return AllPartitionMapping()
    try:
        shared_dimension(upstream=upstream, downstream=downstream)
    except PartitionMappingError:
        pass
    else:
        return MultiToSingleDimensionPartitionMapping()
    if isinstance(upstream, TimeWindowPartitionsDefinition) and isinstance(
        downstream, TimeWindowPartitionsDefinition
    ):
        return TimeWindowPartitionMapping()
    return IdentityPartitionMapping()
