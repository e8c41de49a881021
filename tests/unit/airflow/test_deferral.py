"""Deferred tasks: slots given back, triggers, triggerers, timeouts; hand-computed nights."""

from __future__ import annotations

import msgspec
import pytest

from sim.kernel.calendar import SECOND, parse_instant
from sim.model.interventions import Clear
from sim.model.work import SUCCESS, Outcome, Result
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.plan import plan_dags
from sim.orchestrators.airflow.poking import next_interval
from sim.orchestrators.airflow.task_plan import TaskPlan
from sim.orchestrators.airflow.versions import VERSIONS
from tests.unit.airflow.builder import Ending, dag, fly

NOT_READY = Outcome(Result.NOT_READY, "not_ready")
REFUSED = Outcome(Result.FAILED, "source_refused")


def ready_at(clock: str) -> Ending:
    """A poke that is true from a time of the night on."""
    instant = parse_instant(f"2024-03-10T{clock}")
    return lambda kernel: SUCCESS if kernel.now >= instant else NOT_READY


def sensor(**settings: object) -> dict[str, object]:
    """A deferrable sensor that pokes every minute."""
    return {
        "type": "sensor",
        "sensor": {"system": "erp", "mode": "deferrable", "poke_interval": "1m", **settings},
    }


def test_a_deferrable_operator_gives_its_worker_back() -> None:
    """The try goes on with its own number, through the queue, when the job has ended."""
    flight = fly(dags={"d": dag({"a": {"deferrable": True}})}, version=3)

    assert flight.tasks() == [
        "03-10 03:00:00 a#1 scheduled",
        "03-10 03:00:00 a#1 queued",
        "03-10 03:00:00 a#1 running",
        "03-10 03:00:00 a#1 deferred",
        "03-10 03:01:00 a#1 scheduled",
        "03-10 03:01:00 a#1 queued",
        "03-10 03:01:00 a#1 running",
        "03-10 03:01:00 a#1 success",
    ]
    assert flight.illegal() == []


@pytest.mark.parametrize(
    ("include_deferred", "start_of_b"), [(False, "03:00:01"), (True, "03:01:01")]
)
def test_pool_include_deferred(include_deferred: bool, start_of_b: str) -> None:  # noqa: FBT001
    """Only a pool that includes deferred task instances keeps its slot for one.

    Without: free after the loop of 03:00:00, so b in the next one. With: free when the trigger
    fires at 03:01:00; a weighs more and takes it again at once, and b has it a loop later.
    """
    tasks = {
        "a": {"deferrable": True, "pool": "p", "priority_weight": 2},
        "b": {"pool": "p"},
    }
    pools = {"p": {"slots": 1, "include_deferred": include_deferred}}
    flight = fly(dags={"d": dag(tasks)}, pools=pools, version=3)

    assert f"03-10 {start_of_b} b#1 running" in flight.tasks("b")


@pytest.mark.parametrize(
    ("version", "end"), [(2, "03-10 03:01:46 s#1 up_for_retry"), (3, "03-10 03:01:46 s#1 failed")]
)
def test_trigger_timeout_is_seen_every_15_seconds(version: int, end: str) -> None:
    """Deferred at 03:00:01 for 100 s: seen at 03:01:45, queued in the next loop, then it fails.

    In 3.x the sensor has timed out and is not tried again; in 2.x it is an ordinary failure.
    """
    tasks = {"s": {**sensor(timeout=100), "retries": 1}}
    flight = fly(
        dags={"d": dag(tasks)},
        version=version,
        span_us=SECOND,
        outcomes={("s", 1): NOT_READY},
    )

    assert flight.tasks()[3:8] == [
        "03-10 03:00:01 s#1 deferred",
        "03-10 03:01:45 s#1 scheduled",
        "03-10 03:01:46 s#1 queued",
        "03-10 03:01:46 s#1 running",
        end,
    ]


@pytest.mark.parametrize(("version", "state"), [(2, "up_for_retry"), (3, "skipped")])
def test_never_fail_covers_a_trigger_timeout_in_3(version: int, state: str) -> None:
    """2.x knows only soft_fail there."""
    tasks = {"s": {**sensor(timeout=100, never_fail=True), "retries": 1}}
    flight = fly(
        dags={"d": dag(tasks)}, version=version, span_us=SECOND, outcomes={("s", 1): NOT_READY}
    )

    assert flight.tasks()[7] == f"03-10 03:01:46 s#1 {state}"


def test_a_full_triggerer_lets_triggers_wait() -> None:
    """Task b is ready at 03:02, but its trigger starts to look only when a's has fired at 03:05."""
    tasks = {"a": {**sensor(), "priority_weight": 2}, "b": sensor()}
    flight = fly(
        dags={"d": dag(tasks)},
        version=3,
        span_us=SECOND,
        outcomes={("a", 1): ready_at("03:05:00"), ("b", 1): ready_at("03:02:00")},
        cfg={"triggerer": {"capacity": 1}},
    )

    # a pokes at 03:00:01 and every 61 s from then on: true at the end of the poke at 03:05:06
    assert flight.tasks("a")[4] == "03-10 03:05:07 a#1 scheduled"
    assert flight.tasks("b")[4] == "03-10 03:05:08 b#1 scheduled"


def test_without_a_triggerer_only_the_timeout_ends_the_wait() -> None:
    """The sensor would be ready at 03:01, and nobody looks."""
    flight = fly(
        dags={"d": dag({"s": sensor(timeout="10m")})},
        version=3,
        span_us=SECOND,
        outcomes={("s", 1): ready_at("03:01:00")},
        triggerers=0,
    )

    assert flight.tasks()[4] == "03-10 03:10:15 s#1 scheduled"
    assert flight.tasks()[-1] == "03-10 03:10:16 s#1 failed"


def test_the_job_of_a_dead_triggerer_goes_on() -> None:
    """It ended at 03:01 while the host was off; the new triggerer sees it when it starts."""
    flight = fly(
        dags={"d": dag({"a": {"deferrable": True}})},
        version=3,
        host_outages=(("2024-03-10T03:00:30", "2024-03-10T03:05:00"),),
    )

    assert flight.tasks()[3:5] == [
        "03-10 03:00:00 a#1 deferred",
        "03-10 03:05:00 a#1 scheduled",
    ]


@pytest.mark.parametrize(("version", "second"), [(2, "00:01:00"), (3, "00:01:31")])
def test_bounds_count_deferred_in_3(version: int, second: str) -> None:
    """max_active_tis_per_dag 1, a job of 90 s, a run every minute: 3.x waits for its end.

    The job of the first run ends at 00:01:30 and the try a moment later, in the same loop.
    """
    tasks = {"a": {"deferrable": True, "max_active_tis_per_dag": 1}}
    schedule = {"timetable": "CronTriggerTimetable", "cron": "* * * * *"}
    one = dag(tasks, schedule=schedule, end_date="2024-03-10T00:01", catchup=True)
    flight = fly(dags={"d": one}, version=version, span_us=90 * SECOND)
    starts = [line[6:14] for line in flight.tasks() if line.endswith("queued")]

    assert second in starts
    assert starts[:2] == ["00:00:00", "00:01:00" if version == 2 else "00:01:30"]


def test_a_cleared_deferred_task_cancels_its_job() -> None:
    """The trigger is gone, so the job is cancelled and a new try submits another one."""
    at = parse_instant("2024-03-10T03:00:30")
    flight = fly(
        dags={"d": dag({"a": {"deferrable": True}})},
        version=3,
        actions=(Clear(at=at, pipeline="d", data_date="2024-03-10"),),
    )

    assert flight.work.killed == ["a: trigger_cancelled"]
    assert flight.tasks()[4:6] == ["03-10 03:00:30 a#1 none", "03-10 03:00:30 a#2 scheduled"]
    assert flight.tasks()[-1] == "03-10 03:01:30 a#2 success"


@pytest.mark.parametrize(
    ("version", "state", "at"),
    [(2, "failed", "03:00:46"), (3, "success", "03:01:00")],
)
def test_execution_timeout_bounds_the_trigger_in_2(version: int, state: str, at: str) -> None:
    """30 s from the start of the try, seen by the timer at 03:00:45; 3.x times parts alone."""
    tasks = {"a": {"deferrable": True, "execution_timeout": 30}}
    flight = fly(dags={"d": dag(tasks)}, version=version)

    assert flight.tasks()[-1] == f"03-10 {at} a#1 {state}"


@pytest.mark.parametrize(
    ("settings", "state"),
    [({}, "failed"), ({"soft_fail": True}, "failed"), ({"never_fail": True}, "skipped")],
)
def test_a_poke_that_raises(settings: dict[str, object], state: str) -> None:
    """It fails the try, also with soft_fail, and skips with never_fail."""
    tasks = {"s": {"type": "sensor", "sensor": {"system": "erp", **settings}}}
    flight = fly(dags={"d": dag(tasks)}, outcomes={("s", 1): REFUSED})

    assert flight.tasks()[-1] == f"03-10 03:01:00 s#1 {state}"


def test_silent_fail_pokes_again() -> None:
    """A poke that raised counts as a false one: tried again after a minute."""
    refused_until = parse_instant("2024-03-10T03:02:00")
    tasks = {"s": {"type": "sensor", "sensor": {"system": "erp", "silent_fail": True}}}
    flight = fly(
        dags={"d": dag(tasks)},
        outcomes={("s", 1): lambda kernel: REFUSED if kernel.now < refused_until else SUCCESS},
    )

    assert flight.tasks()[-1] == "03-10 03:03:00 s#1 success"


@pytest.mark.parametrize("mode", ["poke", "reschedule"])
@pytest.mark.parametrize(
    ("count", "elapsed_s", "recorded_s"),
    [(1, 0, 30), (2, 61, 94), (3, 200, 193), (6, 1800, 1896), (9, 20_000, 14_332)],
)
def test_exponential_backoff(mode: str, count: int, elapsed_s: int, recorded_s: int) -> None:
    """The intervals that Airflow's own `_get_next_poke_interval` gave for the same arguments."""
    task = plan_of({"mode": mode, "poke_interval": 60, "timeout": "1d"})
    started = parse_instant("2024-03-10T03:00:00")
    interval = next_interval(task, started_at=started, elapsed=elapsed_s * SECOND, poke_count=count)

    assert interval == recorded_s * SECOND


@pytest.mark.parametrize(
    ("settings", "recorded_s"), [({"max_wait": 100}, 100), ({"timeout": 20_010}, 10)]
)
def test_backoff_is_capped(settings: dict[str, object], recorded_s: int) -> None:
    """By max_wait, and by what is left until the timeout."""
    task = plan_of({"poke_interval": 60, "timeout": "1d", **settings})
    started = parse_instant("2024-03-10T03:00:00")

    assert (
        next_interval(task, started_at=started, elapsed=20_000 * SECOND, poke_count=9)
        == recorded_s * SECOND
    )


def plan_of(settings: dict[str, object]) -> TaskPlan:
    """The plan of sensor s in DAG d, with exponential backoff."""
    sensor_of = {"system": "erp", "exponential_backoff": True, **settings}
    tasks = {"s": {"type": "sensor", "sensor": sensor_of}}
    config = msgspec.convert({"dags": {"d": dag(tasks)}}, AirflowConfig)
    return plan_dags(config, VERSIONS[3])[0].tasks[0]


@pytest.mark.parametrize(
    ("triggerers", "seen"),
    [
        # its last heartbeat was at 03:00:30: the other one takes the trigger over at 03:01:00
        (2, "03:01:01"),
        # it is back at 03:00:50, a stranger to its own triggers until then
        (1, "03:01:01"),
    ],
)
def test_triggers_of_a_dead_triggerer_are_given_to_another(triggerers: int, seen: str) -> None:
    """Off at 03:00:33: reassigned 30 s after its last heartbeat, and poked anew at once."""
    flight = fly(
        dags={"d": dag({"s": sensor()})},
        version=3,
        span_us=SECOND,
        outcomes={("s", 1): ready_at("03:00:40")},
        triggerers=triggerers,
        worker_outages=(("triggerer-1", "2024-03-10T03:00:33", "2024-03-10T03:00:50"),),
    )

    assert flight.tasks()[4] == f"03-10 {seen} s#1 scheduled"
