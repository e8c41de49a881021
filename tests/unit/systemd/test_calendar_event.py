"""Calendar events: what they mean, and what systemd refuses."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.calendar import format_instant, parse_instant
from sim.orchestrators.systemd.calendar_event import CalendarEventError, parse_calendar_event

START = parse_instant("2024-02-27T12:00Z")


def dates(text: str, count: int = 3, *, timezone: str = "UTC", after: int = START) -> list[str]:
    """The first elapses, without their seconds."""
    event = parse_calendar_event(text, timezone=timezone)
    return [format_instant(at)[:16] for at in islice(event.elapses(after), count)]


def test_days_are_counted_from_the_end_of_their_month() -> None:
    """`~1` is the last day, also of February; a range and a repetition go on towards the end."""
    assert ["2024-02-29T00:00", "2024-03-31T00:00", "2024-04-30T00:00"] == dates("*-*~1")
    assert ["2024-02-28T00:00", "2024-02-29T00:00", "2024-03-30T00:00"] == dates("*-*~1..2")
    assert ["2024-03-31T05:00", "2024-04-28T05:00", "2024-05-26T05:00"] == dates(
        "Sun *-*~7/1 05:00", after=parse_instant("2024-03-01T00:00Z")
    )


def test_a_range_ends_with_its_last_repetition() -> None:
    """Every five minutes from 14 to 20 are two; a repetition that does not fit is none."""
    assert ["2024-02-27T12:14", "2024-02-27T12:19", "2024-02-27T13:14"] == dates("*:14..20/5")
    assert ["2024-02-27T12:14", "2024-02-27T13:14"] == dates("*:14..15/5", 2)


def test_an_expression_may_have_a_zone_of_its_own() -> None:
    """09:00 in Madrid is 08:00 UTC in winter, whatever the host's zone."""
    assert ["2024-02-28T08:00"] == dates("09:00 Europe/Madrid", 1, timezone="America/New_York")


def test_the_night_on_which_the_clock_changes() -> None:
    """02:30 does not elapse in spring; `hourly` leaves out an hour in autumn."""
    spring = dates("02:30", 1, timezone="Europe/Madrid", after=parse_instant("2024-03-30T12:00Z"))
    autumn = dates("hourly", 3, timezone="Europe/Madrid", after=parse_instant("2024-10-26T23:30Z"))

    assert ["2024-04-01T00:30"] == spring
    assert ["2024-10-27T00:00", "2024-10-27T02:00", "2024-10-27T03:00"] == autumn


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("UTC", 0),
        ("someday", 0),
        ("*-*-1..7 Mon 03:00", 9),
        ("Fri..Mon 03:00", 0),
        ("*-*~29", 0),
        ("*-*~6/13", 0),
        ("*-*~3,10..28", 0),
        ("24:00", 0),
        ("10:00:61", 0),
        ("*/5", 0),
        ("*:0/0", 0),
        ("*:*:37..37", 0),
        ("2024-13", 0),
    ],
)
def test_what_systemd_refuses_is_refused_with_its_place(text: str, position: int) -> None:
    """As systemd-analyze 252 does, each with a hint."""
    with pytest.raises(CalendarEventError) as refused:
        parse_calendar_event(text, timezone="UTC")

    assert position == refused.value.position
    assert refused.value.hint


@given(
    st.sampled_from(
        ["minutely", "*:0/7", "Mon..Fri 02:30", "*-*~1..3 02,03:15/20", "*:*:0/13", "quarterly"]
    ),
    st.sampled_from(["UTC", "Europe/Madrid", "Australia/Lord_Howe"]),
    st.integers(parse_instant("2024-01-01T00:00Z"), parse_instant("2024-12-31T00:00Z")),
)
def test_elapses_strictly_increase_and_the_first_is_the_first_of_all(
    text: str, timezone: str, after: int
) -> None:
    """Asked again just before the first, the same one comes; asked at it, the second."""
    event = parse_calendar_event(text, timezone=timezone)
    found = list(islice(event.elapses(after), 5))

    assert after < found[0]
    assert all(before < later for before, later in pairwise(found))
    assert found[0] == next(event.elapses(found[0] - 1))
    assert found[1] == next(event.elapses(found[0]))
