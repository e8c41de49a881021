"""A deployment on a platform: what reaches the journal, the workshop and the people."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import SECOND, parse_instant
from sim.model.facts import Fact
from sim.model.interventions import Backfill, Clear, Pause, Rerun, SetPool, Trigger
from sim.model.states import TaskState
from sim.model.work import Outcome, Result
from tests.unit.airflow.builder import dag, fly

FAILED = Outcome(Result.FAILED, "boom")


def test_one_night_of_airflow_2() -> None:
    """The mini scheduler schedules b the instant a ends; one row a change of state."""
    flight = fly()

    assert flight.tasks() == [
        "03-10 03:00:00 a#1 scheduled",
        "03-10 03:00:00 a#1 queued",
        "03-10 03:00:00 a#1 running",
        "03-10 03:01:00 a#1 success",
        "03-10 03:01:00 b#1 scheduled",
        "03-10 03:01:00 b#1 queued",
        "03-10 03:01:00 b#1 running",
        "03-10 03:02:00 b#1 success",
    ]
    assert flight.runs() == [
        "03-10 03:00:00 scheduled__2024-03-09T03:00:00Z queued",
        "03-10 03:00:00 scheduled__2024-03-09T03:00:00Z running",
        "03-10 03:02:00 scheduled__2024-03-09T03:00:00Z success",
    ]


def test_warm_start_takes_earlier_runs_as_done() -> None:
    """With catchup and a start_date months ago, the first run is the first one due."""
    flight = fly(dags={"d": dag(catchup=True)}, days=2)

    assert [fecha for _, _, fecha in flight.work.begun] == [
        "2024-03-09",
        "2024-03-09",
        "2024-03-10",
        "2024-03-10",
    ]


def test_airflow_3_runs_at_the_tick_that_it_is_about() -> None:
    """A plain cron string of 3.x is a trigger timetable: ds is the day of the run itself."""
    flight = fly(version=3)

    assert {fecha for _, _, fecha in flight.work.begun} == {"2024-03-10"}


def test_retry_waits_for_the_loop_after_its_delay() -> None:
    """Due exactly at a loop waits for the next one, since the comparison is strict."""
    tasks = {"a": {"retries": 1, "retry_delay": "5m"}}
    flight = fly(dags={"d": dag(tasks)}, outcomes={("a", 1): FAILED})

    assert flight.tasks()[3:6] == [
        "03-10 03:01:00 a#1 up_for_retry",
        "03-10 03:06:01 a#2 scheduled",
        "03-10 03:06:01 a#2 queued",
    ]


def test_callbacks_say_what_happened() -> None:
    """A retry, then a final failure, each with its own alerts; the DAG's own comes with its end."""
    tasks = {
        "a": {
            "retries": 1,
            "on_retry_callback": "again",
            "on_failure_callback": ["page", "chat"],
        }
    }
    flight = fly(
        dags={"d": dag(tasks, on_failure_callback="dag_failed")},
        outcomes={("a", 1): FAILED, ("a", 2): FAILED},
    )

    assert flight.work.sent == [
        ("again", "a", TaskState.UP_FOR_RETRY),
        ("page", "a", TaskState.FAILED),
        ("chat", "a", TaskState.FAILED),
        ("dag_failed", "a", 4),
    ]


def test_default_args_yield_to_a_tasks_own() -> None:
    """default_args hold for every task that says nothing itself."""
    tasks = {"a": {"retries": 0}, "b": {}}
    flight = fly(
        dags={"d": dag(tasks, default_args={"retries": 2, "retry_delay": 1})},
        outcomes={("a", 1): FAILED, ("b", 1): FAILED},
    )

    assert flight.work.begun == [
        ("a", 1, "2024-03-09"),
        ("b", 1, "2024-03-09"),
        ("b", 2, "2024-03-09"),
    ]


def test_execution_timeout_ends_the_try() -> None:
    """The process is killed at the bound and the try counts as failed."""
    tasks = {"a": {"execution_timeout": 30}}
    flight = fly(dags={"d": dag(tasks)})

    assert flight.work.killed == ["a: execution_timeout"]
    assert flight.tasks("a")[-1] == "03-10 03:00:30 a#1 failed"


def test_sensor_in_reschedule_mode_gives_its_slot_back() -> None:
    """Between two pokes it holds no pool slot; its timeout is looked at after a false poke."""
    tasks = {
        "a": {
            "type": "sensor",
            "sensor": {
                "system": "pg",
                "mode": "reschedule",
                "poke_interval": 60,
                "timeout": 150,
                "soft_fail": True,
            },
        }
    }
    not_ready = Outcome(Result.NOT_READY)
    flight = fly(dags={"d": dag(tasks)}, outcomes={("a", 1): not_ready}, span_us=SECOND)

    states = [line.rsplit(" ", 1)[1] for line in flight.tasks()]
    assert states == ["scheduled", "queued", "running", "up_for_reschedule"] * 3 + [
        "scheduled",
        "queued",
        "running",
        "skipped",
    ]
    assert flight.airflow.metadata.pools["default_pool"].used == 0


def test_poke_mode_holds_its_slot() -> None:
    """A poking sensor is running all the time; the timeout ends it without a retry."""
    tasks = {
        "a": {
            "type": "sensor",
            "retries": 3,
            "sensor": {"system": "pg", "poke_interval": 60, "timeout": 100},
        }
    }
    not_ready = Outcome(Result.NOT_READY)
    flight = fly(dags={"d": dag(tasks)}, outcomes={("a", 1): not_ready}, span_us=SECOND)

    assert len(flight.work.begun) == 3
    assert flight.tasks()[-2:] == [
        "03-10 03:00:00 a#1 running",
        "03-10 03:02:03 a#1 failed",
    ]


def test_empty_operator_costs_nothing() -> None:
    """The scheduler itself sets it to success; what follows waits for the next loop."""
    tasks = {"a": {"type": "empty"}, "b": {"upstream": ["a"]}}
    flight = fly(dags={"d": dag(tasks)})

    assert flight.tasks()[:2] == [
        "03-10 03:00:00 a#1 success",
        "03-10 03:00:01 b#1 scheduled",
    ]


def test_rerun_of_a_date_before_the_clock_clears_what_had_succeeded() -> None:
    """Its run existed: it is queued again and its tasks get a second try."""
    at = parse_instant("2024-03-10T10:00")
    flight = fly(actions=(Rerun(at=at, data_date="2024-03-05"),))

    assert flight.work.begun[2:] == [("a", 2, "2024-03-05"), ("b", 2, "2024-03-05")]
    assert flight.illegal() == []


def test_clear_of_a_task_takes_what_is_below_it() -> None:
    """Downstream is cleared as well unless told otherwise, upstream is not."""
    at = parse_instant("2024-03-10T10:00")
    action = Clear(at=at, pipeline="d", data_date="2024-03-09", tasks=("b",))
    flight = fly(actions=(action,))

    assert flight.work.begun[2:] == [("b", 2, "2024-03-09")]


@pytest.mark.parametrize(("version", "until"), [(2, "03:00:10"), (3, "03:00:05")])
def test_clear_of_a_running_task_ends_its_process(version: int, until: str) -> None:
    """The first (3.x) or second (2.x) heartbeat after the clear kills the process."""
    at = parse_instant("2024-03-10T03:00:02")
    schedule = {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"}
    action = Clear(at=at, pipeline="d", data_date="2024-03-09")
    flight = fly(version=version, dags={"d": dag(schedule=schedule)}, actions=(action,))
    after = [line for line in flight.tasks("a") if until in line]

    assert flight.work.killed == ["a: state_changed"]
    assert after[0].endswith("up_for_retry" if version == 2 else "none")
    assert flight.work.begun[-1] == ("b", 1, "2024-03-09")


def test_trigger_gives_a_manual_run() -> None:
    """3.x without a logical date has none; the schedule goes on as if nothing had happened."""
    at = parse_instant("2024-03-10T01:00")
    flight = fly(version=3, actions=(Trigger(at=at, pipeline="d"),))
    first = next(iter(flight.kernel.journal.rows(Fact.RUN_STATE)))

    assert ("manual", None) == (first.detail["run_type"], first.detail["logical_date"])
    assert len(flight.runs()) == 6


def test_backfill_of_airflow_3_has_its_own_bound() -> None:
    """Two of three runs at a time, in order of date; none for what is not over."""
    at = parse_instant("2024-03-10T01:00")
    action = Backfill(at=at, pipeline="d", first="2024-03-05", last="2024-03-07", max_active_runs=2)
    flight = fly(version=3, actions=(action,))

    assert [line for line in flight.runs() if "running" in line][:3] == [
        "03-10 01:00:00 backfill__2024-03-05T03:00:00Z running",
        "03-10 01:00:00 backfill__2024-03-06T03:00:00Z running",
        "03-10 01:02:01 backfill__2024-03-07T03:00:00Z running",
    ]


def test_what_cannot_be_done_is_refused() -> None:
    """An unknown DAG, an unknown pool, a backfill of nobody, an unknown task."""
    at = parse_instant("2024-03-10T01:00")
    flight = fly(
        actions=(
            Trigger(at=at, pipeline="nobody"),
            SetPool(at=at, pool="nobody", slots=1),
            Backfill(at=at, pipeline="nobody", first="2024-03-01", last="2024-03-02"),
            Clear(at=at, pipeline="d", data_date="2024-03-05", tasks=("z",)),
        )
    )
    rows = flight.kernel.journal.rows(Fact.INTERVENTION)

    assert [row.detail["refused"] for row in rows] == [
        "no_such_dag",
        "no_such_pool",
        "no_such_dag",
        "no_such_task",
    ]


def test_a_pause_lets_running_tasks_finish_and_starts_nothing() -> None:
    """The task after the one that ran waits until the DAG is unpaused."""
    flight = fly(
        version=3,
        actions=(
            Pause(at=parse_instant("2024-03-10T03:00:30"), pipeline="d"),
            Pause(at=parse_instant("2024-03-10T05:00:00"), pipeline="d", paused=False),
        ),
    )

    assert flight.tasks()[3:5] == [
        "03-10 03:01:00 a#1 success",
        "03-10 05:00:00 b#1 scheduled",
    ]


def test_the_host_takes_scheduler_and_workers_down() -> None:
    """A try that ran is lost; the new scheduler resets it at once after 30 s without heartbeat."""
    flight = fly(host_outages=(("2024-03-10T03:00:30", "2024-03-10T03:10"),))

    assert flight.work.killed == ["a: host_off"]
    assert flight.tasks("a")[3:6] == [
        "03-10 03:10:00 a#1 none",
        "03-10 03:10:00 a#2 scheduled",
        "03-10 03:10:00 a#2 queued",
    ]


def test_a_short_loss_of_power_is_noticed_late() -> None:
    """The dead scheduler still counts as alive, so orphans wait for the check 300 s later."""
    flight = fly(host_outages=(("2024-03-10T03:00:30", "2024-03-10T03:00:40"),))

    assert flight.tasks("a")[3] == "03-10 03:05:40 a#1 none"


def test_a_night_that_the_host_slept_through_is_made_up_for() -> None:
    """The run due while the host was off is created when it comes back."""
    flight = fly(host_outages=(("2024-03-10T02:00", "2024-03-10T04:00"),))

    assert flight.runs()[0] == "03-10 04:00:00 scheduled__2024-03-09T03:00:00Z queued"


def test_dag_pauses_after_failures_in_a_row() -> None:
    """max_consecutive_failed_dag_runs: two failed nights, and there is no third."""
    flight = fly(
        dags={"d": dag({"a": {}}, max_consecutive_failed_dag_runs=2)},
        outcomes={("a", 1): FAILED},
        days=4,
    )

    assert len(flight.work.begun) == 2
    assert [row.value for row in flight.kernel.journal.rows(Fact.PAUSED)] == [1]


def test_a_quiet_month_costs_a_few_events_a_night() -> None:
    """Loops that would decide nothing are not stepped: events follow what happens."""
    flight = fly(days=30)

    assert flight.airflow.scheduler.loops <= 4 * 30
    assert flight.kernel.events <= 10 * 30


@pytest.mark.parametrize("version", [2, 3])
def test_every_change_of_state_is_legal(version: int) -> None:
    """Failures, skips, branches and clears stay within the table of transitions."""
    tasks = {
        "a": {"type": "branch"},
        "b": {"upstream": ["a"]},
        "c": {"upstream": ["a"], "retries": 1},
        "e": {"upstream": ["b", "c"], "trigger_rule": "all_done"},
        "f": {"upstream": ["c"]},
    }
    schedule = {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"}
    flight = fly(
        version=version,
        dags={"d": dag(tasks, schedule=schedule)},
        outcomes={
            ("a", 1): Outcome(Result.SUCCESS, follow=("c",)),
            ("a", 2): Outcome(Result.SUCCESS, follow=("b",)),
            ("c", 1): FAILED,
            ("c", 2): FAILED,
        },
        actions=(
            Clear(at=parse_instant("2024-03-10T04:00"), pipeline="d", data_date="2024-03-09"),
        ),
    )

    assert flight.illegal() == []
    assert flight.tasks("f")[-1].endswith("f#0 skipped")
