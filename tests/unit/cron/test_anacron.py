"""anacron's nights, computed by hand: what starts it, what a start takes on, what survives."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import format_instant, parse_instant
from sim.model.facts import Fact
from sim.model.states import RunState
from sim.orchestrators.cron import shape
from sim.orchestrators.cron.config import CronConfig
from sim.platform.contract import SchedulerOutage
from tests.unit.cron.anacron_host import DAILY, nights, starts
from tests.unit.cron.cron_host import FAILED, TASKS


def test_every_hour_at_minute_one_until_nothing_is_due() -> None:
    """By cronie's package: the first start of a day takes the job on."""
    assert ["03-10 00:06", "03-11 00:06", "03-12 00:06", "03-13 00:06"] == starts(nights(DAILY))


def test_debian_starts_it_in_the_morning_and_at_boot() -> None:
    """At 07:30, since nothing of the day before is due any more then; or once the host is back."""
    night = nights(
        DAILY,
        anacron_start="debian",
        outages=[
            ("2024-03-11T05:00Z", "2024-03-11T12:17Z"),
            ("2024-03-13T06:00Z", "2024-03-13T07:00Z"),
        ],
    )

    assert ["03-10 07:35", "03-11 12:22", "03-12 07:35", "03-13 07:05"] == starts(night)


def test_days_without_the_host_are_made_up_for_once() -> None:
    """Off for three days: one run, about the day before it, and the next day goes on as ever."""
    night = nights(
        DAILY, end="2024-03-16T00:00Z", outages=[("2024-03-11T12:00Z", "2024-03-14T12:30Z")]
    )
    rows = [row for row in night.journal.rows(Fact.RUN_STATE) if row.value == RunState.RUNNING]

    assert ["03-10 00:06", "03-11 00:06", "03-14 13:06", "03-15 00:06"] == starts(night)
    assert ["2024-03-09", "2024-03-10", "2024-03-13", "2024-03-14"] == [
        day for _, day in night.workshop.begun
    ]
    assert ["2024-03-09", "2024-03-10", "2024-03-11", "2024-03-14"] == [
        row.detail["last_run"] for row in rows
    ]
    assert {"scheduled"} == {row.detail["run_type"] for row in rows}


@pytest.mark.parametrize(
    ("delay", "outage", "found"),
    [
        (5, None, ["03-10 03:06", "03-11 03:06"]),
        (59, None, ["03-10 03:00", "03-11 03:00"]),
        (58, None, ["03-10 03:59", "03-11 03:59"]),
        (5, ("2024-03-11T02:00Z", "2024-03-11T20:30Z"), ["03-10 03:06", "03-11 21:06"]),
        (5, ("2024-03-11T02:00Z", "2024-03-11T21:30Z"), ["03-10 03:06"]),
        (59, ("2024-03-11T02:00Z", "2024-03-11T20:30Z"), ["03-10 03:00"]),
    ],
)
def test_hours_are_those_of_the_start_after_the_delay(
    delay: int, outage: tuple[str, str] | None, found: list[str]
) -> None:
    """From the first hour until before the last: 22:00 is too late, and the day goes without."""
    night = nights(
        f"START_HOURS_RANGE=3-22\n1 {delay} daily extract\n",
        end="2024-03-12T00:00Z",
        outages=[outage] if outage else [],
    )

    assert found == starts(night)


def test_a_preferred_hour_is_the_only_one() -> None:
    """The start at 03:01 is the first that leads into it."""
    night = nights("PREFERRED_HOUR=4\n1 59 daily extract\n", end="2024-03-11T00:00Z")

    assert ["03-10 04:00"] == starts(night)


def test_hours_are_local_and_may_be_missing_in_spring() -> None:
    """March 31 in Madrid has no hour from 2 until before 3: no job is started on that day."""
    night = nights(
        "START_HOURS_RANGE=2-3\n1 5 daily extract\n",
        timezone="Europe/Madrid",
        start="2024-03-30T00:00Z",
        end="2024-04-02T00:00Z",
    )

    assert ["03-30 01:06", "04-01 00:06"] == starts(night)


def test_a_week_and_a_month_by_the_calendar() -> None:
    """Each last ran the day before; a month is 30 days from March 9 on, as April has."""
    night = nights("7 5 weekly extract\n@monthly 10 monthly load\n", end="2024-05-10T00:00Z")

    assert ["03-16", "03-23", "03-30", "04-06", "04-13", "04-20", "04-27", "05-04"] == [
        at[:5] for at in starts(night, "weekly")
    ]
    assert ["04-08 00:11", "05-08 00:11"] == starts(night, "monthly")


def test_a_period_of_no_days_runs_at_every_start() -> None:
    """Each hour, once the one before has ended."""
    night = nights("0 5 daily extract\n", end="2024-03-10T05:00Z", minutes={"extract": 80})

    assert ["03-10 00:06", "03-10 02:06", "03-10 04:06"] == starts(night)


def test_a_job_that_runs_is_not_started_beside_itself() -> None:
    """Over 26 hours: locked at midnight, and due at 03:01 by the day on which it was started."""
    night = nights("1 0 daily extract\n", minutes={"extract": 26 * 60 + 30})

    assert ["03-10 00:01", "03-11 03:01", "03-12 06:01", "03-13 09:01"] == starts(night)


def test_one_after_the_other_even_past_the_hours() -> None:
    """`-s`: the second job waits for the first; its hour was looked at when anacron started."""
    night = nights(
        "START_HOURS_RANGE=3-4\n1 5 first extract\n1 6 second transform\n1 6 third load\n",
        minutes={"extract": 120},
        end="2024-03-11T00:00Z",
    )

    assert [
        ("03-10 03:06", "first"),
        ("03-10 05:06", "second"),
        ("03-10 05:16", "third"),
    ] == night.starts()


def test_jobs_are_begun_in_the_order_of_their_delays() -> None:
    """Not in that of the file, which counts among equals."""
    night = nights("1 9 c load\n1 5 a extract\n1 5 b transform\n", end="2024-03-11T00:00Z")

    assert ["a", "b", "c"] == [name for _, name in night.starts()]


def test_the_random_delay_is_drawn_once_for_each_start() -> None:
    """0 to 45 minutes, the same for the jobs below it, and none for those above."""
    night = nights(
        "1 1 above load\nRANDOM_DELAY=45\n1 5 daily extract\n1 5 again transform\n",
        minutes={"extract": 0, "transform": 0, "load": 0},
        end="2024-05-09T00:00Z",
    )
    drawn = [int(at[9:11]) - 6 + 60 * int(at[6:8]) for at in starts(night)]

    assert {"00:02"} == {at[6:] for at in starts(night, "above")}
    assert starts(night) == starts(night, "again")
    assert len(drawn) == 60
    assert 0 <= min(drawn) < 10
    assert 35 < max(drawn) <= 45
    assert len(set(drawn)) > 20


def test_a_host_that_goes_off_kills_what_waits_and_what_runs() -> None:
    """Neither is dated: both are taken on again, and what had ended is not."""
    night = nights(
        "1 0 done transform\n1 5 daily extract\n1 30 late load\n",
        outages=[("2024-03-10T00:12Z", "2024-03-10T02:30Z")],
        end="2024-03-11T00:00Z",
        minutes={"transform": 4},
    )

    assert [
        ("03-10 00:01", "done"),
        ("03-10 00:06", "daily"),
        ("03-10 03:06", "daily"),
        ("03-10 03:31", "late"),
    ] == night.starts()
    assert night.workshop.killed == ["host_off"]


def test_what_fails_has_run() -> None:
    """Nobody looks at the exit status: the date is written, and nothing is tried again."""
    night = nights(DAILY, outcomes={"extract": [FAILED]}, end="2024-03-12T00:00Z")

    assert ["03-10 00:06", "03-11 00:06"] == starts(night)


def test_cronies_script_asks_for_cron_daily_alone() -> None:
    """Once that one has run, nothing starts anacron on that day, whatever else was killed."""
    tab = "1 5 {} extract\n1 6 reports load\n"
    off = {"outages": [("2024-03-10T00:20Z", "2024-03-10T00:40Z")], "end": "2024-03-11T00:00Z"}

    assert ["03-10 00:16", "03-10 01:07"] == starts(nights(tab.format("other"), **off), "reports")
    assert ["03-10 00:16"] == starts(nights(tab.format("cron.daily"), **off), "reports")


def test_without_cron_nothing_starts_anacron_but_what_it_runs_goes_on() -> None:
    """The daemon is gone from 00:03 on, while anacron waits; the next day nobody starts it."""
    crash = SchedulerOutage(
        at=parse_instant("2024-03-10T00:03Z"),
        number=0,
        restart=parse_instant("2024-03-11T06:00Z"),
        workers_survive=False,
    )

    assert ["03-10 00:06", "03-11 06:06", "03-12 00:06"] == starts(
        nights(DAILY, daemon_outages=(crash,), end="2024-03-13T00:00Z")
    )


def test_boot_needs_no_cron() -> None:
    """Debian's init script starts anacron while cron is gone."""
    crash = SchedulerOutage(
        at=parse_instant("2024-03-10T00:03Z"), number=0, restart=None, workers_survive=False
    )
    night = nights(
        DAILY,
        anacron_start="debian",
        daemon_outages=(crash,),
        outages=[("2024-03-11T05:00Z", "2024-03-11T12:00Z")],
    )

    assert ["03-11 12:05"] == starts(night)


def test_a_delay_of_more_than_a_day_is_none_for_cronie() -> None:
    """It suspects the clock; Debian's anacron waits."""
    tab = "1 1500 daily extract\n"

    assert "03-10 00:01" == starts(nights(tab))[0]
    assert "03-11 08:30" == starts(nights(tab, anacron_start="debian"))[0]


@pytest.mark.parametrize(
    ("anacrontab", "sent"),
    [
        ("1 5 daily extract\n", 1),
        ("1 5 daily load\n", 0),
        ("MAILTO=\n1 5 daily extract\n", 0),
        ("NO_MAIL_OUTPUT=1\n1 5 daily extract\n", 0),
        ("1 5 daily extract\nMAILTO=\n", 1),
        ("1 5 daily extract\nMAILTO=\n1 4 before load\n", 0),
        ("1 5 daily extract\nMAILTO=\n1 6 after load\n", 1),
    ],
)
def test_mail_and_variables(anacrontab: str, sent: int) -> None:
    """Output is mailed; a variable reaches jobs above it that are begun after one below it."""
    night = nights(
        anacrontab, outcomes={"extract": [FAILED]}, mail_to_alert="mail", end="2024-03-11T00:00Z"
    )

    assert sent == len(night.announcer.sent)


def test_two_jobs_of_one_name_share_their_date() -> None:
    """Both run at the same start, under names of their own."""
    night = nights("1 5 daily extract\n1 5 daily load\n", end="2024-03-12T00:00Z")

    assert ["03-10 00:06", "03-11 00:06"] == starts(night)
    assert ["03-10 00:16", "03-11 00:16"] == starts(night, "daily-2")


def test_quiet_time_costs_nothing() -> None:
    """A year of one weekly job takes a few events a week, not one an hour."""
    night = nights("7 5 weekly extract\n", end="2025-03-10T00:00Z")

    assert len(night.workshop.begun) == 52
    assert night.workshop.kernel.events < 52 * 16


def test_a_start_that_finds_nothing_leaves_no_trace() -> None:
    """A range in which no job can start: a month, and not one fact."""
    night = nights("START_HOURS_RANGE=3-3\n1 5 daily extract\n", end="2024-04-10T00:00Z")

    assert [] == list(night.journal.rows())


def test_its_jobs_have_a_shape() -> None:
    """Named by their identifiers, which lines of the crontab give way to."""
    config = CronConfig(crontab="0 3 * * * extract\n", anacrontab="1 5 extract load && transform\n")

    assert {
        "extract-2": {"tasks": ["extract"], "edges": []},
        "extract": {"tasks": ["load", "transform"], "edges": [["load", "transform"]]},
    } == shape(config, tasks=TASKS)


def test_the_same_seed_draws_the_same_minutes() -> None:
    """And another seed others."""
    tab = "RANDOM_DELAY=600\n1 5 daily extract\n"
    one, same, other = (
        [format_instant(row.time) for row in nights(tab, seed=seed).journal.rows()]
        for seed in (1, 1, 2)
    )

    assert one == same
    assert one != other
