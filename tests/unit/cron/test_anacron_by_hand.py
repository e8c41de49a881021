"""The command `anacron` in a line of the crontab, and an operator who runs anacron's jobs."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import parse_instant
from sim.model.interventions import Backfill, Rerun, Trigger
from sim.platform.contract import SecondCron
from tests.unit.cron.anacron_host import DAILY, by_hand, starts


def test_without_s_jobs_run_beside_each_other() -> None:
    """Each when its own delay is over."""
    night = by_hand(
        "30 4 * * * anacron\n", "1 9 b extract\n1 5 a transform\n", end="2024-03-11T00:00Z"
    )

    assert [
        ("03-10 04:30", "anacron"),
        ("03-10 04:35", "a"),
        ("03-10 04:39", "b"),
    ] == night.starts()


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("anacron", ["03-10 06:05 a", "03-10 06:09 b"]),
        ("/usr/sbin/anacron -n", ["03-10 06:00 a", "03-10 06:10 b"]),
        ("anacron -n b a", ["03-10 06:00 b", "03-10 06:10 a"]),
        ("anacron b", ["03-10 06:09 b"]),
        ("anacron '[!b]'", ["03-10 06:05 a"]),
        ("anacron -u; anacron", []),
        ("anacron -u b && anacron -n", ["03-10 06:00 a"]),
        ("anacron -u; anacron -f", ["03-10 06:05 a", "03-10 06:09 b"]),
        ("anacron -dn && true", ["03-10 06:00 a", "03-10 06:10 b"]),
        ("anacron -T", []),
        ("anacron -x || anacron -n a", ["03-10 06:00 a"]),
        ("anacron -t mine || anacron -n a", ["03-10 06:00 a"]),
    ],
)
def test_the_command_and_its_options(command: str, found: list[str]) -> None:
    """As in a shell on the host, in the background but for `-d`."""
    night = by_hand(
        f"0 6 * * * {command}\n",
        "1 5 a extract\n1 9 b transform\n",
        end="2024-03-11T00:00Z",
    )

    assert found == [f"{at} {name}" for at, name in night.starts() if name != "anacron"]


def test_the_foreground_waits_and_says_so() -> None:
    """`-d` ends after the last job and speaks on its error stream, unless `-q`."""
    tab, end = "1 5 daily extract\n", "2024-03-11T00:00Z"
    told = by_hand("0 6 * * * anacron -d && load\n", tab, end=end, mail_to_alert="mail")
    quiet = by_hand("0 6 * * * anacron -dq && load\n", tab, end=end, mail_to_alert="mail")

    assert ["06:25"] == [at for at, _, _ in told.announcer.sent]
    assert [("extract", "2024-03-09"), ("load", "2024-03-09")] == quiet.workshop.begun
    assert [] == quiet.announcer.sent


def test_an_anacron_that_is_killed_leaves_its_job_running_and_undated() -> None:
    """The lock goes with it: the next start runs the job once more, beside the first."""
    night = by_hand(
        "0 6 * * * timeout 10m anacron -d\n0 7 * * * anacron -n\n",
        "1 5 daily extract\n",
        minutes={"extract": 90},
        end="2024-03-11T00:00Z",
    )

    assert ["03-10 06:05", "03-10 07:00"] == starts(night)
    assert [] == night.workshop.killed


@pytest.mark.parametrize(("same_host", "runs"), [(True, 1), (False, 2)])
def test_a_second_cron_meets_the_lock_only_on_its_own_host(same_host: bool, runs: int) -> None:  # noqa: FBT001 - a parameter
    """Another host has timestamps of its own."""
    span = parse_instant("2024-03-10T05:00Z"), parse_instant("2024-03-10T08:00Z")
    night = by_hand(
        "0 6 * * * anacron -s\n",
        DAILY,
        second_crons=(SecondCron(*span, same_host=same_host),),
        end="2024-03-11T00:00Z",
    )

    assert ["03-10 06:05"] * runs == starts(night)


def test_an_operator_runs_its_jobs_like_lines() -> None:
    """A rerun after the crontab's, a trigger by the identifier, a backfill; none is dated."""
    at = parse_instant("2024-03-10T20:00Z")
    night = by_hand(
        "0 3 * * * transform\n",
        DAILY,
        interventions=[
            Rerun(at=at, data_date="2024-03-01"),
            Trigger(at=at + 3_600_000_000, pipeline="daily", conf={"data_date": "2024-03-02"}),
            Backfill(at=at + 7_200_000_000, pipeline="", first="2024-03-03", last="2024-03-04"),
        ],
        end="2024-03-11T00:00Z",
    )

    assert [
        ("transform", "2024-03-09"),
        ("transform", "2024-03-01"),
        ("extract", "2024-03-01"),
        ("extract", "2024-03-02"),
        ("transform", "2024-03-03"),
        ("extract", "2024-03-03"),
        ("transform", "2024-03-04"),
        ("extract", "2024-03-04"),
    ] == night.workshop.begun
