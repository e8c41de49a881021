"""The host: the daemon's starts in the journal, overlap, mail, outages, the operator."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import parse_instant
from sim.model.facts import Entity, Fact
from sim.model.interventions import Backfill, Clear, Intervention, Pause, Rerun, SetPool, Trigger
from sim.model.work import SUCCESS
from sim.orchestrators.cron import build, sensors, shape
from sim.orchestrators.cron.config import CronConfig
from sim.platform.contract import SchedulerOutage
from tests.unit.cron.cron_host import FAILED, TASKS, clock, simulate

CHAIN = "0 3 * * * /opt/extract.sh\n0 4 * * * /opt/transform.py\n0 5 * * * /opt/load.sh\n"
RERUN = Rerun(at=parse_instant("2024-03-14T10:00Z"), data_date="2024-03-01")


def test_a_line_starts_exactly_on_its_minute_by_default() -> None:
    """03:00 is 03:00:00; a start delay moves every start by the same span."""
    at = [night.journal[0].time for night in (simulate(CHAIN), simulate(CHAIN, start_delay="1s"))]

    assert [parse_instant("2024-03-14T03:00:00Z"), parse_instant("2024-03-14T03:00:01Z")] == at


def test_exit_status_is_ignored_and_the_next_line_starts_anyway() -> None:
    """Three lines are three runs; a failed one stops nothing."""
    night = simulate(CHAIN, outcomes={"extract": [FAILED]})

    assert [
        ("03:00", "extract 2024-03-14T03:00", "running"),
        ("03:10", "extract 2024-03-14T03:00", "failed"),
        ("04:00", "transform 2024-03-14T04:00", "running"),
        ("04:10", "transform 2024-03-14T04:00", "success"),
        ("05:00", "load 2024-03-14T05:00", "running"),
        ("05:10", "load 2024-03-14T05:00", "success"),
    ] == night.runs()


def test_a_job_longer_than_its_period_overlaps_with_itself() -> None:
    """Nothing protects a job from itself: two runs at a time."""
    night = simulate("*/10 3 * * * extract\n", minutes={"extract": 15})
    running = peak = 0
    for _, _, state in night.runs():
        running += 1 if state == "running" else -1
        peak = max(peak, running)

    assert (2, 6) == (peak, len(night.workshop.begun))


def test_quiet_time_costs_nothing() -> None:
    """A year of one daily line takes a few events a day, not one a minute."""
    night = simulate("0 3 * * * extract\n", end="2025-03-14T00:00Z")

    assert len(night.workshop.begun) == 365
    assert night.workshop.kernel.events < 365 * 8


def test_a_skipped_hour_and_a_repeated_one() -> None:
    """Fixed jobs of the gap start at its end; in autumn wildcard jobs repeat, fixed do not."""
    spring = simulate(
        "30 2 * * * extract\n*/30 2 * * * load\n",
        timezone="America/New_York",
        start="2024-03-10T05:00Z",
        end="2024-03-10T12:00Z",
    )
    autumn = simulate(
        "30 1 * * * extract\n30 * * * * load\n",
        timezone="America/New_York",
        start="2024-11-03T05:10Z",
        end="2024-11-03T07:00Z",
    )

    assert [("07:00", "extract 2024-03-10T03:00", "running")] == spring.runs()[:1]
    assert spring.workshop.begun == [("extract", "2024-03-09")]
    assert ["extract", "load", "load"] == [task for task, _ in autumn.workshop.begun]
    assert ["load 2024-11-03T01:30", "load 2024-11-03T01:30.2"] == [
        name for _, name, state in autumn.runs() if "load" in name and state == "running"
    ]


def test_what_falls_into_an_outage_is_lost_and_reboot_lines_start() -> None:
    """Processes die with the host, nothing is caught up, @reboot runs once the host is back."""
    night = simulate(
        "0 3 * * * extract\n30 3 * * * transform\n@reboot load\n",
        minutes={"extract": 45},
        outages=[("2024-03-14T03:10Z", "2024-03-14T03:40Z")],
    )
    failed = next(row for row in night.journal.rows(Fact.TASK_STATE) if row.value % 256 == 5)

    assert [("03:10", 0), ("03:40", 1)] == [
        (clock(row.time), row.value) for row in night.journal.rows(Fact.HOST)
    ]
    assert ["extract", "load"] == [task for task, _ in night.workshop.begun]
    assert ("host_off", 137) == (failed.detail["reason"], failed.detail["exit_code"])
    assert night.workshop.killed == ["host_off"]
    assert ("03:10", "extract 2024-03-14T03:00", "failed") in night.runs()


def test_a_lock_does_not_survive_its_host() -> None:
    """After an outage the lock file is free, whoever held it."""
    night = simulate(
        "0 3,4 * * * flock -n /l extract\n",
        minutes={"extract": 600},
        outages=[("2024-03-14T03:10Z", "2024-03-14T03:40Z")],
    )

    assert len(night.workshop.begun) == 2


@pytest.mark.parametrize(
    ("crontab", "sent"),
    [
        ("0 3 * * * extract\n", 1),
        ('MAILTO=""\n0 3 * * * extract\n', 0),
        ("0 3 * * * extract 2>/dev/null\n", 0),
        ("0 3 * * * extract >> log 2>&1\n", 0),
        ("0 3 * * * extract 2>&1 >> log\n", 1),
        ("0 3 * * * extract &> log\n", 0),
        ("0 3 * * * extract > log\n", 1),
        ("0 3 * * * load\n", 0),
        ("0 3 * * * load && echo done\n", 1),
        ("0 3 * * * load && echo done > /dev/null\n", 0),
        ("0 3 * * * nothing\n", 1),
    ],
)
def test_mail_is_the_output_that_nobody_redirected(crontab: str, sent: int) -> None:
    """Failure says something, success does not; MAILTO="" and redirections silence both."""
    night = simulate(crontab, outcomes={"extract": [FAILED]}, mail_to_alert="mail")

    assert sent == len(night.announcer.sent)


def test_without_a_mail_alert_nobody_reads_mail() -> None:
    """The default: failure is silent."""
    night = simulate(CHAIN, outcomes={"extract": [FAILED]})

    assert night.announcer.sent == []


def test_a_message_before_any_task_is_about_the_run() -> None:
    """It works without a task to speak of."""
    night = simulate("0 3 * * * notify page; extract\n")

    assert [("03:00", "page", "extract")] == night.announcer.sent


def test_running_a_date_again_runs_every_line_by_hand_in_order() -> None:
    """Each starts when the one before ended, failed or not, and works on the operator's date."""
    night = simulate(CHAIN, interventions=[RERUN], outcomes={"extract": [SUCCESS, FAILED]})
    manual = [change for change in night.runs() if "manual__" in change[1]]
    action = next(night.journal.rows(Fact.INTERVENTION))

    assert [
        ("10:00", "extract manual__2024-03-14T10:00", "running"),
        ("10:10", "extract manual__2024-03-14T10:00", "failed"),
        ("10:10", "transform manual__2024-03-14T10:10", "running"),
        ("10:20", "transform manual__2024-03-14T10:10", "success"),
        ("10:20", "load manual__2024-03-14T10:20", "running"),
        ("10:30", "load manual__2024-03-14T10:20", "success"),
    ] == manual
    assert ["2024-03-01"] * 3 == [day for _, day in night.workshop.begun[3:]]
    assert {"action": "rerun", "by": "operator", "data_date": "2024-03-01"} == action.detail
    assert night.journal.who(action.entity).type is Entity.WORLD


def test_a_script_that_computes_its_own_date_ignores_the_operators() -> None:
    """`date -d yesterday` is yesterday, whatever was asked for; "$1" is the operator's."""
    scripts = {"own.sh": "extract $(date -d yesterday +%F)", "given.sh": 'load "$1"'}
    night = simulate("0 12 * * * own.sh; given.sh\n", scripts=scripts, interventions=[RERUN])

    assert [("extract", "2024-03-13"), ("load", "2024-03-01")] == night.workshop.begun[:2]


@pytest.mark.parametrize(
    "action",
    [
        Clear(at=RERUN.at, pipeline="extract", data_date="2024-03-01"),
        Trigger(at=RERUN.at, pipeline="sales"),
        SetPool(at=RERUN.at, pool="x", slots=1),
        Pause(at=RERUN.at, pipeline="extract"),
    ],
)
def test_what_cron_has_not_is_refused(action: Intervention) -> None:
    """Only a fact remains of it."""
    night = simulate(CHAIN, interventions=[action])
    rows = list(night.journal.rows(Fact.INTERVENTION))

    assert len(rows) == 1
    assert rows[0].detail["refused"]
    assert len(night.workshop.begun) == 3


def test_a_line_is_run_once_more_from_a_shell() -> None:
    """A trigger is the command of one line, with the date that it is given, beside what runs."""
    at = parse_instant("2024-03-14T03:05Z")
    actions = [
        Trigger(at=at, pipeline="extract", conf={"data_date": "2024-03-01"}),
        Trigger(at=at, pipeline="load"),
    ]
    night = simulate(CHAIN, interventions=actions)

    assert ["extract", "extract", "load"] == [task for task, _ in night.workshop.begun[:3]]
    assert ["2024-03-01", "2024-03-13"] == [day for _, day in night.workshop.begun[1:3]]


def test_a_daemon_that_is_gone_starts_nothing_and_makes_up_for_nothing() -> None:
    """What runs goes on, the line of 04:00 is lost, that of 05:00 starts."""
    crash = SchedulerOutage(
        at=parse_instant("2024-03-14T03:05Z"),
        number=0,
        restart=parse_instant("2024-03-14T04:30Z"),
        workers_survive=False,
    )
    night = simulate(CHAIN, daemon_outages=(crash,))
    daemon = [(clock(row.time), row.value) for row in night.journal.rows(Fact.SCHEDULER)]

    assert ["extract", "load"] == [task for task, _ in night.workshop.begun]
    assert ("03:10", "extract 2024-03-14T03:00", "success") in night.runs()
    assert [("03:05", 0), ("04:30", 1)] == daemon


@pytest.mark.parametrize("reverse", [False, True])
def test_a_backfill_is_a_loop_over_dates(reverse: bool) -> None:  # noqa: FBT001 - a parameter
    """Every line's command for one date after the other, both ends included, or from the last."""
    dates = ["2024-03-01", "2024-03-02", "2024-03-03"]
    action = Backfill(at=RERUN.at, pipeline="", first=dates[0], last=dates[-1], reverse=reverse)
    night = simulate("0 12 * * * extract\n0 13 * * * load\n", interventions=[action])
    row = next(iter(night.journal.rows(Fact.INTERVENTION)))
    asked = dates[::-1] if reverse else dates

    given = [one for one in night.workshop.begun if one[1] in dates]
    assert given == [(task, day) for day in asked for task in ("extract", "load")]
    assert (row.detail["action"], row.detail["reverse"]) == ("backfill", reverse)


def test_nobody_works_on_a_host_that_is_off() -> None:
    """A rerun during an outage is refused."""
    night = simulate(
        CHAIN, interventions=[RERUN], outages=[("2024-03-14T09:00Z", "2024-03-14T11:00Z")]
    )

    assert next(night.journal.rows(Fact.INTERVENTION)).detail["refused"] == "the host is off"
    assert len(night.workshop.begun) == 3


def test_the_shape_is_what_lines_can_run() -> None:
    """Pipelines by their first task or script, tasks through wrappers and scripts, in order."""
    config = CronConfig(
        crontab="0 1 * * * flock -n /l timeout 2h bash /opt/nightly.sh\n0 2 * * * load.sh\n"
        "0 3 * * * sh -c 'load && nothing'\n0 4 * * * /opt/backup.sh\n0 5 * * * true\n",
        scripts={"nightly.sh": "set -e\nextract.sh || extract.sh\ntransform.py\nload.sh\n"},
    )

    assert {
        "nightly": {
            "tasks": ["extract", "transform", "load"],
            "edges": [["extract", "transform"], ["transform", "load"]],
        },
        "load": {"tasks": ["load"], "edges": []},
        "load-2": {"tasks": ["load"], "edges": []},
        "backup": {"tasks": [], "edges": []},
        "line-5": {"tasks": [], "edges": []},
    } == shape(config, tasks=TASKS)
    assert sensors(config) == {}
    assert callable(build)


def test_the_same_inputs_give_the_same_bytes() -> None:
    """Locks, mail, outages and all: equal digests."""
    digests = {
        simulate(
            CHAIN + "*/20 * * * * flock -w 60 /l load\n@reboot extract\n",
            outages=[("2024-03-14T07:10Z", "2024-03-14T08:40Z")],
            interventions=[RERUN],
            mail_to_alert="mail",
            minutes={"load": 25},
        ).journal.digest
        for _ in range(2)
    }

    assert len(digests) == 1


def test_outages_that_overlap_are_one() -> None:
    """The host comes back once, after the last of them."""
    night = simulate(
        "0 4 * * * extract\n",
        outages=[
            ("2024-03-14T02:00Z", "2024-03-14T03:50Z"),
            ("2024-03-14T03:00Z", "2024-03-14T04:30Z"),
        ],
    )

    assert [("02:00", 0), ("04:30", 1)] == [
        (clock(row.time), row.value) for row in night.journal.rows(Fact.HOST)
    ]
    assert night.workshop.begun == []
