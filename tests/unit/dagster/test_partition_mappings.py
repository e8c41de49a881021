"""Mappings that no recording holds: dimensions, and definitions that do not suit."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import parse_instant
from sim.orchestrators.dagster.partitions.cadences import cadence_partitions
from sim.orchestrators.dagster.partitions.definition import (
    MultiPartitionsDefinition,
    PartitionLoadingContext,
    StaticPartitionsDefinition,
)
from sim.orchestrators.dagster.partitions.dimension_mapping import (
    DimensionPartitionMapping,
    MultiPartitionMapping,
)
from sim.orchestrators.dagster.partitions.inference import inferred_mapping
from sim.orchestrators.dagster.partitions.mapping import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    PartitionMappingError,
)
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping

NOW = PartitionLoadingContext(parse_instant("2024-01-03T00:00Z"))
DAILY = cadence_partitions("daily", "2024-01-01")
REGIONS = StaticPartitionsDefinition(("es", "fr"))
LETTERS = StaticPartitionsDefinition(("a", "b"))
SALES = MultiPartitionsDefinition.of({"date": DAILY, "region": REGIONS})
STOCK = MultiPartitionsDefinition.of({"day": DAILY, "letter": LETTERS})


def test_a_single_dimension_needs_every_key_that_has_its_part() -> None:
    """A day of the whole needs that day of each region."""
    mapping = inferred_mapping(upstream=SALES, downstream=DAILY)
    found = mapping.upstream_of(frozenset({"2024-01-02"}), upstream=SALES, downstream=DAILY, at=NOW)

    assert "MultiToSingleDimensionPartitionMapping" == mapping.name
    assert {"2024-01-02|es", "2024-01-02|fr"} == found.keys


def test_dimensions_that_are_not_named_go_with_all_of_the_other_side() -> None:
    """Days go together; each letter needs every region."""
    mapping = MultiPartitionMapping(
        {"date": DimensionPartitionMapping("day", TimeWindowPartitionMapping())}
    )
    above = mapping.upstream_of(
        frozenset({"2024-01-02|a"}), upstream=SALES, downstream=STOCK, at=NOW
    )
    below = mapping.downstream_of(
        frozenset({"2024-01-01|es"}), upstream=SALES, downstream=STOCK, at=NOW
    )

    assert {"2024-01-02|es", "2024-01-02|fr"} == above.keys
    assert {"2024-01-01|a", "2024-01-01|b"} == below


def test_a_mapping_names_dimensions_that_are_there() -> None:
    """Else Dagster's check fails."""
    mapping = MultiPartitionMapping(
        {"date": DimensionPartitionMapping("week", IdentityPartitionMapping())}
    )

    with pytest.raises(PartitionMappingError, match="'week' is no downstream dimension") as caught:
        mapping.validate(upstream=SALES, downstream=STOCK)
    assert "CheckError" == caught.value.error


def test_windows_of_two_zones_do_not_map() -> None:
    """The zones must be the same text."""
    london = cadence_partitions("daily", "2024-01-01", timezone="Europe/London")

    with pytest.raises(PartitionMappingError, match="Timezones UTC and Europe/London"):
        TimeWindowPartitionMapping().validate(upstream=DAILY, downstream=london)


def test_without_partitions_on_one_side_all_belong_together() -> None:
    """Inferred: AllPartitionMapping."""
    assert AllPartitionMapping() == inferred_mapping(upstream=DAILY, downstream=None)
    assert IdentityPartitionMapping() == inferred_mapping(upstream=REGIONS, downstream=LETTERS)
