"""Faults of workers and schedulers on a real night: what the work does and what Airflow does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.faults.plan import (
    DispatchLost,
    Fault,
    NetworkSplit,
    SchedulerCrash,
    WorkerCrash,
    WorkerLost,
)
from sim.kernel.calendar import format_instant
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import TaskState
from tests.unit.session.shop import airflow, played, scenario, tasks

DAY = "2024-03-11"


def night(*faults: Fault, version: int = 3, retries: int = 1, **settings: Any) -> Journal:
    """One night of the shop, `copy -> publish`, with a retry after ten seconds."""
    chain = {
        "copy": {"retries": retries, "retry_delay": 10},
        "publish": {"upstream": ["copy"], "retries": retries, "retry_delay": 10},
    }
    section = {**airflow(tasks=chain, schedule=SCHEDULES[version]), "version": version, **settings}
    wiring = tasks(mode="append")
    return played(faults=faults, shop=scenario(nights=1), section=section, wiring=wiring).journal


SCHEDULES: dict[int, Any] = {
    2: "0 3 * * *",
    3: {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"},
}


def story(journal: Journal, task: str) -> list[str]:
    """What became of a task, state by state and process by process: `03:05:10 failed`."""
    told = []
    for row in journal.rows(Fact.TASK_STATE, Fact.PROCESS):
        if journal.name(row.entity) != task:
            continue
        clock = format_instant(row.time)[11:19]
        if row.fact is Fact.PROCESS:
            http = f" {row.detail['http']}" if "http" in row.detail else ""
            told.append(f"{clock} #{row.value} {row.detail['end']}{http}")
        elif row.value % 256 not in {TaskState.SCHEDULED, TaskState.QUEUED}:
            told.append(f"{clock} {TaskState(row.value % 256).word}")
    return told


def appended(journal: Journal) -> list[str]:
    """When rows were written to the table."""
    return [
        format_instant(row.time)[11:19]
        for row in journal.rows(Fact.STATEMENT)
        if row.detail["op"] == "insert"
    ]


def test_a_lost_worker_is_missed_after_its_threshold() -> None:
    """Last heartbeat 03:01:30; over 300 s old at the check of 03:06:40; failed a loop later."""
    journal = night(WorkerLost(task="copy", data_date=DAY, after=94))

    assert story(journal, "copy") == [
        "03:00:00 running",
        "03:01:34 #1 lost",
        "03:06:40 #1 silent",
        "03:06:41 up_for_retry",
        "03:06:52 running",
        "03:16:52 success",
    ]


def test_a_worker_that_is_gone_times_out_no_more() -> None:
    """An execution_timeout of 4 min belongs to the process: with it gone the check alone fails."""
    chain = {"copy": {"execution_timeout": "4m"}}
    lost = WorkerLost(task="copy", data_date=DAY, after=94)
    journal = night(lost, dags=airflow(tasks=chain, schedule=SCHEDULES[3])["dags"])

    assert story(journal, "copy")[1:] == [
        "03:01:34 #1 lost",
        "03:06:40 #1 silent",
        "03:06:41 failed",
    ]


def test_a_crash_that_the_executor_sees_is_handled_in_the_next_loop() -> None:
    """3.x fails it at once; 2.x ignores the event and waits for the heartbeat check."""
    fault = WorkerCrash(task="copy", data_date=DAY, after="90s")

    assert story(night(fault), "copy")[1:4] == [
        "03:01:30 #1 died",
        "03:01:30 up_for_retry",
        "03:01:41 running",
    ]
    assert story(night(fault, version=2), "copy")[1:5] == [
        "03:01:30 #1 died",
        "03:06:40 #1 silent",
        "03:06:40 up_for_retry",
        "03:06:51 running",
    ]


def test_a_cut_off_worker_goes_on_and_writes() -> None:
    """3.x: the twin of a try that was given up writes the same rows once more."""
    fault = NetworkSplit(task="publish", data_date=DAY, after=0)
    journal = night(fault, cfg={"scheduler": {"task_instance_heartbeat_timeout": 60}})

    assert story(journal, "publish") == [
        "03:10:00 running",
        "03:11:10 #1 silent",
        "03:11:11 up_for_retry",
        "03:11:22 running",
        "03:12:00 #1 refused 404",
        "03:13:22 success",
    ]
    assert appended(journal) == ["03:12:00", "03:13:22"]


def test_a_worker_of_airflow_2_that_is_cut_off_ends_itself() -> None:
    """Its own heartbeats failed for longer than the threshold, so nothing is written twice."""
    fault = NetworkSplit(task="publish", data_date=DAY, after=0)
    journal = night(fault, version=2, cfg={"scheduler": {"scheduler_zombie_task_threshold": 60}})

    assert story(journal, "publish") == [
        "03:10:00 running",
        "03:11:05 #1 killed",
        "03:11:10 #1 silent",
        "03:11:10 up_for_retry",
        "03:11:21 running",
        "03:13:21 success",
    ]
    assert appended(journal) == ["03:13:21"]


def test_a_split_that_ends_in_time_is_no_loss() -> None:
    """Heartbeats are back before the threshold: nobody ever knows."""
    fault = NetworkSplit(task="copy", data_date=DAY, after=60, lasts="4m")

    assert story(night(fault), "copy") == ["03:00:00 running", "03:10:00 success"]


@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        ("die", ["03:02:02 #1 died", "03:03:02 none", "03:03:02 running"]),
        ("survive", ["03:03:02 none", "03:03:02 running", "03:03:05 #1 killed 410"]),
    ],
)
def test_a_scheduler_that_is_restarted_resets_what_the_old_one_ran(
    workers: Any, expected: list[str]
) -> None:
    """After 30 s without heartbeat it counts as dead: reset at once, and survivors are killed."""
    crash = SchedulerCrash(
        at="2024-03-12T03:02:02Z", workers=workers, restart="2024-03-12T03:03:02Z"
    )

    assert story(night(crash), "copy")[1:-1] == expected


def test_a_second_scheduler_takes_over() -> None:
    """It resets the dead one's work at its own next check, and goes on meanwhile."""
    crash = SchedulerCrash(at="2024-03-12T03:02:02Z")

    assert story(night(crash, schedulers=2), "copy")[1:-1] == [
        "03:02:02 #1 died",
        "03:05:00 none",
        "03:05:01 running",
    ]


def test_a_check_that_comes_too_soon_after_a_death_is_made_again() -> None:
    """The dead one's heartbeat is too young at 03:05; five minutes later it is not."""
    crash = SchedulerCrash(at="2024-03-12T03:05:00Z")

    assert story(night(crash, schedulers=2), "copy")[1:-1] == [
        "03:05:00 #1 died",
        "03:10:00 none",
        "03:10:01 running",
    ]


def test_a_hand_over_that_is_lost_stays_queued_with_the_local_executor() -> None:
    """It takes nothing back: the task instance is queued for ever."""
    journal = night(DispatchLost(task="copy", data_date=DAY))

    assert story(journal, "copy") == ["03:00:00 #1 stuck"]


def test_a_scenario_may_hold_faults_of_its_own() -> None:
    """They happen in every replay, as those given to it do."""
    fault = WorkerCrash(task="copy", data_date=DAY, after="90s")
    plain = scenario(nights=1)
    shop = msgspec.structs.replace(plain, faults=[fault])

    assert played(shop=shop).journal.digest == played(shop=plain, faults=(fault,)).journal.digest
    assert played(shop=shop).journal.digest != played(shop=plain).journal.digest


def test_in_airflow_2_a_survivor_that_is_killed_fails_its_successor() -> None:
    """Its SIGTERM handler fails whatever try runs by then, whose own process is killed for it."""
    crash = SchedulerCrash(
        at="2024-03-12T03:02:02Z", workers="survive", restart="2024-03-12T03:03:02Z"
    )

    assert story(night(crash, version=2, retries=2), "copy")[1:-1] == [
        "03:03:02 none",
        "03:03:02 running",
        "03:03:05 #1 killed",
        "03:03:05 up_for_retry",
        "03:03:12 #2 killed",
        "03:03:16 running",
    ]
