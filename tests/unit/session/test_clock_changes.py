"""Nights with a clock change, and what a replay of one meets."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from sim.engine.replay import replay
from sim.engine.window import ClockChange, clock_changes, span_of
from sim.kernel.calendar import HOUR, format_instant
from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.scenario.schema import Window
from tests.unit.session.shop import config, scenario

YEAR = [date(2024, 1, 1) + timedelta(days=on) for on in range(366)]


@pytest.mark.parametrize(
    ("timezone", "found"),
    [
        ("UTC", []),
        ("America/Bogota", []),
        (
            "Europe/Madrid",
            [
                ClockChange(date(2024, 3, 31), timedelta(hours=1)),
                ClockChange(date(2024, 10, 27), timedelta(hours=-1)),
            ],
        ),
        (
            "Australia/Lord_Howe",
            [
                ClockChange(date(2024, 4, 7), timedelta(minutes=-30)),
                ClockChange(date(2024, 10, 6), timedelta(minutes=30)),
            ],
        ),
    ],
)
def test_the_nights_of_a_year(timezone: str, found: list[ClockChange]) -> None:
    """Two in most of Europe, none without summer time, and half an hour where that is the rule."""
    assert list(clock_changes(YEAR, timezone)) == found


def test_a_night_without_its_second_hour() -> None:
    """The spring night alone, an hour short: what is due at 02:30 local time is due at 03:30."""
    shop = scenario(nights=1)
    clock = msgspec.structs.replace(
        shop.clock,
        timezone="Europe/Madrid",
        windows={"spring": Window(start="2024-03-29", to="2024-04-01")},
    )
    moved = msgspec.structs.replace(shop, clock=clock, digest="spring")
    span = span_of(moved, "2024-03-31")
    crontab = {"crontab": "30 2 * * * copy\n"}
    done = replay(moved, config(orchestrator="cron", section=crontab), window="2024-03-31")
    begun = [
        format_instant(row.time, "Europe/Madrid")[11:16]
        for row in done.journal.rows(Fact.TASK_STATE)
        if row.value % 256 == TaskState.RUNNING
    ]

    assert (span.end - span.start) // HOUR == 23
    assert [one.night for one in clock_changes(span.nights, "Europe/Madrid")] == [date(2024, 3, 31)]
    assert begun == ["03:00"]
