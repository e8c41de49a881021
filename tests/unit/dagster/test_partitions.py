"""Partitions: keys, windows, subsets, ranges."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import format_instant, parse_instant
from sim.orchestrators.dagster.partitions.cadences import (
    cadence_partitions,
    time_window_partitions,
)
from sim.orchestrators.dagster.partitions.definition import (
    DynamicPartitionsDefinition,
    MultiPartitionsDefinition,
    PartitionLoadingContext,
    StaticPartitionsDefinition,
    UnknownPartitionError,
)

DAILY = cadence_partitions("daily", "2024-03-08", timezone="America/New_York")


def at(text: str, **dynamic: list[str]) -> PartitionLoadingContext:
    """As of an instant."""
    return PartitionLoadingContext(parse_instant(text), dynamic)


def test_a_partition_exists_once_its_window_is_over() -> None:
    """Local midnight, not UTC's, ends a day."""
    before, after = at("2024-03-10T04:59Z"), at("2024-03-10T05:00Z")

    assert ("2024-03-08",) == DAILY.keys(before)
    assert ("2024-03-08", "2024-03-09") == DAILY.keys(after)


def test_an_end_offset_adds_the_window_that_is_not_over() -> None:
    """end_offset=1: today counts."""
    today = cadence_partitions("daily", "2024-03-08", end_offset=1)

    assert "2024-03-10" == today.last_key(at("2024-03-10T12:00Z"))


def test_a_day_with_a_change_of_clocks_has_23_hours() -> None:
    """From local midnight to local midnight."""
    day = DAILY.partition("2024-03-10")

    assert 23 * 3_600_000_000 == day.end - day.start


def test_a_key_in_a_gap_is_that_of_its_shifted_start() -> None:
    """30 2 does not exist on the 10th, so the key says 3:00."""
    custom = time_window_partitions(
        "30 2 * * *", "2024-03-10-00:00", fmt="%Y-%m-%d-%H:%M", timezone="America/New_York"
    )

    assert "2024-03-10-03:00" == custom.first_key(at("2024-03-12T00:00Z"))


def test_midnight_in_a_gap_keeps_its_date() -> None:
    """Sao Paulo 2018: the day begins at the instant of the jump."""
    days = cadence_partitions("daily", "2018-11-01", timezone="America/Sao_Paulo")

    assert "2018-11-04T03:00:00Z" == format_instant(days.partition("2018-11-04").start)
    assert days.has_key("2018-11-04", at("2018-11-06T00:00Z"))


def test_an_excluded_window_is_no_gap_between_two_ranges() -> None:
    """Weekends left out: Friday and Monday are neighbours."""
    workdays = time_window_partitions(
        "0 0 * * *", "2024-03-04", fmt="%Y-%m-%d", exclusions=["0 0 * * 0", "0 0 * * 6"]
    )
    now = at("2024-03-20T00:00Z")
    keys = frozenset({"2024-03-07", "2024-03-08", "2024-03-11", "2024-03-13"})

    assert [("2024-03-07", "2024-03-11"), ("2024-03-13", "2024-03-13")] == workdays.key_ranges(
        keys, now
    )
    assert not workdays.has_key("2024-03-09", now)


def test_a_subset_drops_windows_that_do_not_exist() -> None:
    """Only windows inside of what exists; text that is no date is refused."""
    now = at("2024-03-11T12:00Z")

    assert frozenset({"2024-03-09"}) == DAILY.subset(["2024-03-09", "2024-03-11"], now)
    with pytest.raises(UnknownPartitionError):
        DAILY.subset(["monday"], now)


def test_a_range_needs_both_its_ends() -> None:
    """From key to key, in order."""
    letters = StaticPartitionsDefinition(("c", "a", "b"))
    now = at("2024-01-01T00:00Z")

    assert ("c", "a") == letters.keys_in_range("c", "a", now)
    with pytest.raises(UnknownPartitionError):
        letters.keys_in_range("c", "z", now)


def test_dynamic_keys_are_those_that_the_instance_has() -> None:
    """In the order of their adding."""
    stores = DynamicPartitionsDefinition("stores")

    assert ("lima", "quito") == stores.keys(at("2024-01-01T00:00Z", stores=["lima", "quito"]))
    assert stores.last_key(at("2024-01-01T00:00Z")) is None


def test_ranges_of_multi_partitions_hold_the_smaller_dimension_fast() -> None:
    """Two regions over three days are two ranges of days."""
    both = MultiPartitionsDefinition.of(
        {
            "region": StaticPartitionsDefinition(("es", "fr")),
            "date": cadence_partitions("daily", "2024-01-01"),
        }
    )
    now = at("2024-01-04T00:00Z")

    assert [("2024-01-01|es", "2024-01-03|es"), ("2024-01-01|fr", "2024-01-03|fr")] == (
        both.key_ranges(frozenset(both.keys(now)), now)
    )


def test_multi_partitions_have_two_dimensions() -> None:
    """Dagster supports no other number."""
    with pytest.raises(ValueError, match="2 dimensions, not 1"):
        MultiPartitionsDefinition.of({"region": StaticPartitionsDefinition(("es",))})
