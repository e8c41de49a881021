"""Starts of lines against a daemon that is stepped minute by minute, as cron.c's main() is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.calendar import DAY, HOUR, MINUTE, format_instant, parse_instant, to_civil
from sim.kernel.cron_expression import CronExpression, parse_cron
from sim.orchestrators.cron.firing import Firing, firings

CRONTABS = [
    "* * * * *",
    "*/30 2 * * *",
    "30 2 * * *",
    "30 1 * * *",
    "0 0-23 * * *",
    "15 1-3 * * *",
    "@hourly",
    "5 0 * * *",
    "59 23 * * sat",
]
CHANGES = [
    ("America/New_York", "2024-03-10T07:00Z"),
    ("America/New_York", "2024-11-03T06:00Z"),
    ("Europe/Madrid", "2024-03-31T01:00Z"),
    ("Australia/Lord_Howe", "2024-04-06T15:00Z"),
    ("Australia/Lord_Howe", "2024-10-05T15:30Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
    ("Asia/Kolkata", "2024-01-01T00:00Z"),
    ("UTC", "2024-01-01T00:00Z"),
]


def wall(minute: int) -> datetime:
    """The wall clock at a local minute."""
    return datetime(1970, 1, 1) + timedelta(minutes=minute)  # noqa: DTZ001 - a wall clock


def local_minute(instant: int, timezone: str) -> int:
    """Minutes on the wall clock."""
    offset = to_civil(instant, timezone).utcoffset()
    assert offset is not None
    return (instant + offset // timedelta(microseconds=1)) // MINUTE


def stepped(  # noqa: C901 - one case a branch, as in cron.c
    schedules: Sequence[CronExpression],
    timezone: str,
    start: int,
    end: int,
    outage: tuple[int, int],
) -> list[Firing]:
    """The daemon, minute by minute: nothing clever about it."""
    found: list[Firing] = []
    virtual: int | None = None
    at = -(-start // MINUTE) * MINUTE
    was_off = False

    def run(minute: int, clock: int, *, wildcard: bool, fixed: bool) -> None:
        for line, schedule in enumerate(schedules):
            wanted = wildcard if schedule.wildcard else fixed
            if wanted and schedule.matches(wall(minute)):
                found.append(Firing(at, line, clock))

    while at < end:
        clock = local_minute(at, timezone)
        if outage[0] <= at < outage[1]:
            was_off = True
            at += MINUTE
            continue
        if was_off:
            virtual, was_off = local_minute(outage[1], timezone), False
            if at == outage[1]:
                at += MINUTE
                continue
        virtual = clock - 1 if virtual is None else virtual
        ahead = clock - virtual
        if ahead == 1:
            virtual = clock
            run(clock, clock, wildcard=True, fixed=True)
        elif 1 < ahead <= 5:
            while virtual < clock:
                virtual += 1
                run(virtual, clock, wildcard=True, fixed=True)
        elif 5 < ahead <= 180:
            run(clock, clock, wildcard=True, fixed=False)
            while virtual < clock:
                virtual += 1
                run(virtual, clock, wildcard=False, fixed=True)
        elif -180 < ahead <= 0:
            run(clock, clock, wildcard=True, fixed=False)
        else:
            virtual = clock
            run(clock, clock, wildcard=True, fixed=True)
        at += MINUTE
    return found


@given(
    lines=st.lists(st.sampled_from(CRONTABS), min_size=1, max_size=3),
    change=st.sampled_from(CHANGES),
    before=st.integers(0, 10 * 60),
    outage=st.tuples(st.integers(-300, 300), st.integers(1, 400)),
    seconds=st.sampled_from([0, 20]),
)
def test_visiting_matches_only_is_the_daemon_stepped_by_minutes(
    lines: list[str], change: tuple[str, str], before: int, outage: tuple[int, int], seconds: int
) -> None:
    """Same starts, same order, whatever the clock and the host do."""
    timezone, text = change
    moment = parse_instant(text)
    start, end = moment - before * MINUTE, moment + 14 * HOUR
    off = moment + outage[0] * MINUTE + seconds * 1_000_000
    spans = (off, off + outage[1] * MINUTE)
    schedules = [parse_cron(line, dialect="vixie") for line in lines]
    ours = list(firings(schedules, timezone=timezone, start=start, end=end, host_outages=[spans]))

    assert stepped(schedules, timezone, start, end, spans) == ours


def test_reboot_lines_start_with_the_host() -> None:
    """Once for each time that the host comes back, before anything else, never at the beginning."""
    start = parse_instant("2024-03-14T00:00Z")
    outages = [(start + HOUR, start + 2 * HOUR), (start + 90 * MINUTE, start + 3 * HOUR)]
    found = firings(
        [parse_cron("0 * * * *", dialect="vixie"), None],
        timezone="UTC",
        start=start,
        end=start + 6 * HOUR,
        host_outages=outages,
    )

    assert [(0, 0), (3, 1), (4, 0), (5, 0)] == [
        ((one.at - start) // HOUR, one.line) for one in found
    ]


def test_a_host_that_is_off_at_the_beginning() -> None:
    """It boots into the window."""
    start = parse_instant("2024-03-14T00:00Z")
    found = firings(
        [parse_cron("0 0 * * *", dialect="vixie"), None],
        timezone="UTC",
        start=start,
        end=start + 2 * DAY,
        host_outages=[(start - HOUR, start + HOUR)],
    )

    assert [(1, 1), (24, 0)] == [((one.at - start) // HOUR, one.line) for one in found]


def starts(day: str, *, follows_clock: bool) -> list[str]:
    """When `30 2 * * *` and `30 * * * *` start in Madrid in six hours of a night, UTC."""
    start = parse_instant(day)
    schedules = [parse_cron(text, dialect="vixie") for text in ("30 2 * * *", "30 * * * *")]
    found = firings(
        schedules,
        timezone="Europe/Madrid",
        start=start,
        end=start + 4 * HOUR,
        follows_clock=follows_clock,
    )
    return [f"{one.line} {format_instant(one.at)[11:16]}" for one in found]


def test_a_daemon_that_follows_the_clock_leaves_out_and_repeats() -> None:
    """BusyBox: 02:30 never comes in spring and comes twice in autumn; Debian runs it once."""
    spring, autumn = "2024-03-30T23:00Z", "2024-10-26T23:00Z"
    hourly = ["1 23:30", "1 00:30", "1 01:30", "1 02:30"]

    assert hourly == starts(spring, follows_clock=True)
    assert ["1 23:30", "0 00:30", "1 00:30", "0 01:30", "1 01:30", "1 02:30"] == starts(
        autumn, follows_clock=True
    )
    assert ["1 23:30", "1 00:30", "0 01:00", "1 01:30", "1 02:30"] == starts(
        spring, follows_clock=False
    )
    assert ["1 23:30", "0 00:30", "1 00:30", "1 01:30", "1 02:30"] == starts(
        autumn, follows_clock=False
    )
