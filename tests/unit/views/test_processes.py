"""Ends of processes in a task's log, and schedulers among the markers."""

from __future__ import annotations

from sim.faults.plan import SchedulerCrash, WorkerLost
from sim.views.logs import task_log
from sim.views.markers import markers
from tests.unit.session.shop import airflow, at, played, scenario, tasks


def test_a_log_says_what_became_of_the_process_of_each_try() -> None:
    """Lost and given up are lines of the first try, the success is one of the second."""
    section = airflow(tasks={"copy": {"retries": 1}})
    lost = WorkerLost(task="copy", data_date="2024-03-11", after=94)
    journal = played(
        faults=(lost,), shop=scenario(nights=1), section=section, wiring=tasks()
    ).journal
    lines = task_log(journal, "sales", "copy", start=at("03:00"), end=at("04:00"))
    said = [(line.try_number, line.note.code) for line in lines]

    assert (1, "log.process_lost") in said
    assert (1, "log.process_silent") in said
    assert said[-1] == (2, "log.state")


def test_schedulers_that_come_and_go_are_markers() -> None:
    """One that dies and the one that is started in its place, each by its name."""
    crash = SchedulerCrash(at="2024-03-12T03:02:02Z", restart="2024-03-12T03:03:02Z")
    replay = played(faults=(crash,), shop=scenario(nights=1))
    found = markers(replay, start=at("03:00"), end=at("04:00"))
    said = [
        (note.code, note.params["scheduler"])
        for note in found
        if note.code.startswith("scheduler.")
    ]

    assert said == [("scheduler.gone", "scheduler-0"), ("scheduler.started", "scheduler-1")]
