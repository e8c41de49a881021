"""The ticks of cron strings in zones whose clocks change."""

from __future__ import annotations

from itertools import islice

import pytest

from sim.kernel.calendar import parse_instant, to_micros
from sim.orchestrators.dagster.cron_ticks import cron_ticks, schedule_ticks

NEW_YORK = "America/New_York"


def ticks(start: str, text: str, timezone: str, n: int, *, ascending: bool = True) -> list[str]:
    """The first ticks as civil times with their offset."""
    found = cron_ticks(parse_instant(start), text, timezone, ascending=ascending)
    return [tick.isoformat(timespec="minutes") for tick in islice(found, n)]


def test_a_daily_tick_inside_a_gap_moves_to_its_end() -> None:
    """30 2 on the night when 2:00 becomes 3:00."""
    expected = ["2024-03-09T02:30-05:00", "2024-03-10T03:00-04:00", "2024-03-11T02:30-04:00"]

    assert expected == ticks("2024-03-09T00:00Z", "30 2 * * *", NEW_YORK, 3)


def test_a_daily_tick_of_a_repeated_hour_is_the_second_one() -> None:
    """30 1 on the night when 1:00 to 2:00 comes twice."""
    expected = ["2024-11-03T01:30-05:00", "2024-11-04T01:30-05:00"]

    assert expected == ticks("2024-11-02T12:00Z", "30 1 * * *", NEW_YORK, 2)


def test_an_hourly_tick_falls_in_both_turns_of_a_repeated_hour() -> None:
    """Hours are absolute."""
    expected = ["2024-11-03T01:00-04:00", "2024-11-03T01:00-05:00", "2024-11-03T02:00-05:00"]

    assert expected == ticks("2024-11-03T05:00Z", "0 * * * *", NEW_YORK, 3)


def test_ticks_run_backward_too() -> None:
    """From an instant back, the instant itself included."""
    expected = ["2024-03-04T00:00+00:00", "2024-03-01T00:00+00:00", "2024-02-29T00:00+00:00"]

    assert expected == ticks("2024-03-04T00:00Z", "0 0 * * 1-5", "UTC", 3, ascending=False)


def test_29_february_is_only_in_leap_years() -> None:
    """Dagster finds it as the day after the 28th."""
    assert ["2028-02-29T00:00+00:00"] == ticks("2024-03-01T00:00Z", "0 0 29 2 *", "UTC", 1)


def test_several_strings_share_a_tick() -> None:
    """Midnight of a Monday is one tick of both."""
    found = schedule_ticks(parse_instant("2024-03-03T00:00Z"), ["0 0 * * *", "0 0 * * 1"])

    assert ["2024-03-03", "2024-03-04", "2024-03-05"] == [
        str(tick.date()) for tick in islice(found, 3)
    ]


@pytest.mark.parametrize("text", ["0 0 * * *", "15,45 */3 * * *", "0 0 1 * *", "0 9 * * 1"])
def test_forward_and_backward_are_the_same_ticks(text: str) -> None:
    """Thirty ticks, read from both ends."""
    start = parse_instant("2024-01-01T00:00Z")
    forward = list(islice(cron_ticks(start, text, NEW_YORK), 30))
    back = cron_ticks(to_micros(forward[-1]), text, NEW_YORK, ascending=False)

    assert forward == list(islice(back, 30))[::-1]
