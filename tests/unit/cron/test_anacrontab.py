"""Anacrontabs: lines, variables, continuations, and what anacron says to a wrong line."""

from __future__ import annotations

from datetime import date

import pytest

from sim.orchestrators.cron.anacron_dates import Period, due, next_due
from sim.orchestrators.cron.anacrontab import Dialect, parse_anacrontab

SHIPPED = """\
# /etc/anacrontab
SHELL=/bin/sh
MAILTO=root
RANDOM_DELAY=45
START_HOURS_RANGE=3-22

#period in days   delay in minutes   job-identifier   command
1\t5\tcron.daily\t\tnice run-parts /etc/cron.daily
7\t25\tcron.weekly\t\tnice run-parts /etc/cron.weekly
@monthly 45\tcron.monthly\t\tnice run-parts /etc/cron.monthly
"""


def problems(text: str, dialect: Dialect = "cronie") -> list[tuple[int, int, str]]:
    """Line, column and code of everything that is wrong."""
    found = parse_anacrontab(text, dialect=dialect).problems
    return [(one.line, one.column, one.code) for one in found]


def test_the_file_that_cronie_ships() -> None:
    """Three jobs, a range of hours, and one draw for all."""
    tab = parse_anacrontab(SHIPPED, dialect="cronie")

    assert [
        (Period(1), 5, "cron.daily", "nice run-parts /etc/cron.daily"),
        (Period(7), 25, "cron.weekly", "nice run-parts /etc/cron.weekly"),
        (Period(0, "monthly"), 45, "cron.monthly", "nice run-parts /etc/cron.monthly"),
    ] == [(job.period, job.delay, job.identifier, job.command) for job in tab.jobs]
    assert [(45, 4)] * 3 == [(job.random_delay, job.drawn_at) for job in tab.jobs]
    assert ((3, 22), None, ()) == (tab.hours, tab.preferred_hour, tab.problems)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1 5 a\n", (1, 1, "W-ANACRONTAB-LINE")),
        ("\n  x 5 a load\n", (2, 3, "W-ANACRONTAB-LINE")),
        ("1 soon a load\n", (1, 3, "W-ANACRONTAB-LINE")),
        ("1 5 a/b load\n", (1, 5, "W-ANACRONTAB-LINE")),
        ("1 \\\n 5 a/b load\n", (2, 4, "W-ANACRONTAB-LINE")),
        ("2147483648 5 a load\n", (1, 1, "W-ANACRONTAB-LINE")),
        (f"1 {'9' * 5_000} a load\n", (1, 3, "W-ANACRONTAB-LINE")),
        ("0 3 * * * load\n", (1, 1, "W-ANACRON-CRONTAB")),
        ("START_HOURS_RANGE = 3-22\n", (1, 20, "W-ANACRONTAB-LINE")),
        ('START_HOURS_RANGE="3-22"\n', (1, 19, "W-ANACRONTAB-LINE")),
        ("START_HOURS_RANGE=22-3\n", (1, 19, "W-ANACRONTAB-LINE")),
        ("START_HOURS_RANGE=3-3\n", (1, 19, "W-ANACRON-HOURS")),
        ("START_HOURS_RANGE=24-30\n", (1, 19, "W-ANACRON-HOURS")),
        ("PREFERRED_HOUR=24\n", (1, 16, "W-ANACRON-HOURS")),
        ("PREFERRED_HOUR=25\n", (1, 16, "W-ANACRONTAB-LINE")),
        ("RANDOM_DELAY=45m\n", (1, 14, "W-ANACRONTAB-LINE")),
        ('MAILTO=""\n', (1, 8, "W-ANACRON-QUOTES")),
        ("@hourly 5 a load\n", (1, 1, "E-ANACRONTAB-PERIOD")),
        ("1 1441 a load\n", (1, 3, "W-ANACRON-DELAY")),
        ("1 5 a load\n7 5 a load\n", (2, 5, "W-ANACRON-TWICE")),
    ],
)
def test_a_mistake(text: str, problem: tuple[int, int, str]) -> None:
    """One mistake is one problem at its place; the place survives a continued line."""
    assert [problem] == problems(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("START_HOURS_RANGE=3-22\n", (1, 1, "W-ANACRON-VARIABLE")),
        ("RANDOM_DELAY=45\n", (1, 1, "W-ANACRON-VARIABLE")),
        ("@weekly 5 a load\n", (1, 1, "E-ANACRONTAB-PERIOD")),
    ],
)
def test_what_debians_anacron_does_not_know(text: str, problem: tuple[int, int, str]) -> None:
    """Its 2.3 has no hours, no random delay, and @monthly alone."""
    tab = parse_anacrontab(f"{text}1 5 b load\n", dialect="debian")

    assert [problem] == problems(text, "debian")
    assert (None, [0]) == (tab.hours, [job.random_delay for job in tab.jobs])


def test_a_wrong_line_is_skipped_and_the_others_count() -> None:
    """Unlike a crontab, which is refused as a whole; the last line needs no end."""
    tab = parse_anacrontab("nonsense\n1 5 a load", dialect="cronie")

    assert ["a"] == [job.identifier for job in tab.jobs]


def test_a_reversed_range_is_skipped_and_lets_nothing_start() -> None:
    """What anacron complains about leaves an empty range behind; a right one after it holds."""
    texts = ["START_HOURS_RANGE=22-3\n", "START_HOURS_RANGE=22-3\nSTART_HOURS_RANGE=3-22\n"]

    assert [(0, 0), (3, 22)] == [parse_anacrontab(text, dialect="cronie").hours for text in texts]


def test_hours_hold_for_the_jobs_above_and_random_delays_do_not() -> None:
    """The one is looked up when anacron starts, the other where a line is read."""
    text = (
        "1 5 a load\nRANDOM_DELAY=45\nSTART_HOURS_RANGE=3-22\n1 5 b load\nRANDOM_DELAY=9\n7 5 c x"
    )
    tab = parse_anacrontab(text, dialect="cronie")

    assert ((3, 22), [0, 45, 9]) == (tab.hours, [job.random_delay for job in tab.jobs])


def test_variables_are_taken_as_they_stand() -> None:
    """Quotes and spaces are a part of the value, a range is cut at its hyphen, `=` may follow."""
    text = "A= x \nB='y'\nSTART_HOURS_RANGE=3-22\nC=1=2\n1 5 a load\nA=later\n"
    job = parse_anacrontab(text, dialect="cronie").jobs[0]

    assert {"A": " x ", "B": "'y'", "START_HOURS_RANGE": "3", "C": "1=2"} == job.environment


def test_a_line_goes_on_after_a_backslash() -> None:
    """It stands for a space, in comments too; places are those of the text."""
    text = "# all \\\n1 5 no load\n1 5 a load \\\n  --full\n"
    jobs = parse_anacrontab(text, dialect="cronie").jobs

    assert ["load    --full"] == [job.command for job in jobs]
    assert [(3, 7), (4, 3), (4, 9)] == [jobs[0].place(at) for at in (0, 8, 14)]


@pytest.mark.parametrize(
    ("period", "last", "days"),
    [
        (Period(1), "2024-03-13", ["03-14", "03-15", "03-16"]),
        (Period(7), "2024-03-13", ["03-20", "03-27", "04-03"]),
        (Period(0, "weekly"), "2024-03-13", ["03-20", "03-27", "04-03"]),
        (Period(0, "monthly"), "2024-01-31", ["02-29", "03-29", "04-28"]),
        (Period(0, "monthly"), "2023-01-31", ["02-28", "03-28", "04-27"]),
        (Period(0, "monthly"), "2024-03-13", ["04-12", "05-12", "06-11"]),
        (Period(0, "yearly"), "2024-03-01", ["03-01", "03-01", "03-01"]),
    ],
)
def test_when_a_job_is_due(period: Period, last: str, days: list[str]) -> None:
    """A month is the last one's length or this one's, and so its day wanders."""
    found, at = [], date.fromisoformat(last)
    for _ in days:
        at = next_due(period, at, at)
        found.append(f"{at:%m-%d}")

    assert days == found


def test_a_timestamp_that_lies_ahead() -> None:
    """A number of days takes it for a clock that was set back; a name does not."""
    ahead, today = date(2024, 3, 15), date(2024, 3, 14)

    assert due(Period(7), ahead, today)
    assert not due(Period(0, "weekly"), ahead, today)
    assert date.max == next_due(Period(2_147_483_647), today, today)
