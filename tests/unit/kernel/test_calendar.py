"""Civil time: what people write becomes instants and back."""

from __future__ import annotations

from datetime import date

import pytest

from sim.kernel import calendar as cal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45m", 45 * cal.MINUTE),
        ("1h30m", 90 * cal.MINUTE),
        ("20s", 20 * cal.SECOND),
        ("1.5h", 90 * cal.MINUTE),
        (90, 90 * cal.SECOND),
    ],
)
def test_spans_are_read(text: str | float, expected: int) -> None:
    """Units add up; a bare number is seconds."""
    assert cal.parse_span(text) == expected


@pytest.mark.parametrize("text", ["", "5 parsecs", "m5", "3x", "1h30"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """A wrong span names itself and shows a right one."""
    with pytest.raises(ValueError, match="such as 45m"):
        cal.parse_span(text)


@pytest.mark.parametrize("text", ["24:00", "7", "07:60", "seven"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    """A wrong time of day is refused."""
    with pytest.raises(ValueError, match="no time of day"):
        cal.parse_time_of_day(text)


def test_a_day_has_23_hours_in_spring() -> None:
    """The day of the spring change is an hour shorter, in microseconds."""
    start = cal.start_of_day(date(2024, 3, 31), "Europe/Madrid")
    end = cal.start_of_day(date(2024, 4, 1), "Europe/Madrid")

    assert end - start == 23 * cal.HOUR


def test_an_instant_survives_its_text() -> None:
    """Formatting and parsing are inverse."""
    instant = cal.parse_instant("2024-03-14T03:45:20Z")

    assert cal.format_instant(instant) == "2024-03-14T03:45:20Z"
    assert cal.parse_instant(cal.format_instant(instant, "America/Santiago")) == instant


def test_an_unknown_zone_is_named() -> None:
    """A time zone that does not exist is a ValueError with its name."""
    with pytest.raises(ValueError, match="Mars/Olympus"):
        cal.zone("Mars/Olympus")
