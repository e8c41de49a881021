"""The wait ledger: small nights of Airflow and cron whose waits were worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sim.faults.plan import SchedulerCrash
from sim.kernel.calendar import SECOND, parse_instant
from sim.model.interventions import Clear
from sim.model.work import Outcome, Result
from sim.views.ledger.airflow import AirflowLedger
from sim.views.ledger.circles import circles
from sim.views.ledger.cron import CronLedger
from sim.views.ledger.reasons import Reason
from tests.unit.airflow.builder import Flight, dag, fly
from tests.unit.session.shop import played

FAILED = Outcome(Result.FAILED, "boom")
TWO: dict[str, Any] = {"a": {"priority_weight": 2}, "b": {}}
"""Task a goes first wherever there is room for one."""
HOURLY = {"timetable": "CronTriggerTimetable", "cron": "0 * * * *"}


def ledger_of(flight: Flight, until: str | None = None) -> AirflowLedger:
    """The ledger of a flight, to its end or as of an instant."""
    now = flight.kernel.now if until is None else parse_instant(f"2024-03-10T{until}")
    return AirflowLedger(flight.kernel.journal, flight.airflow._config, now=now)


def why(flight: Flight, task: str, *, run: int = -1) -> list[str]:
    """The waits of a task in one run: `03:00:00 03:01:00 pool default_pool`."""
    ledger = ledger_of(flight)
    stories = [one for one in ledger.story.tasks.values() if one.name == task]
    return [
        " ".join([flight.clock(wait.start), flight.clock(wait.end), wait.reason, wait.blocker])
        for wait in ledger.waits(stories[run].entity)
    ]


LIMITS: list[Any] = [
    pytest.param(
        {"pools": {"default_pool": {"slots": 1}}},
        {},
        {},
        "pool default_pool",
        "03:01:00",
        id="pool",
    ),
    pytest.param({}, {"max_active_tasks": 1}, {}, "max_active_tasks d", "03:01:00", id="dag"),
    pytest.param(
        {"cfg": {"core": {"parallelism": 1}}}, {}, {}, "parallelism 1", "03:01:01", id="parallelism"
    ),
]


@pytest.mark.parametrize(("section", "settings", "task", "reason", "free"), LIMITS)
def test_a_limit_holds_b_until_a_is_over(
    section: dict[str, Any], settings: dict[str, Any], task: dict[str, Any], reason: str, free: str
) -> None:
    """Task b waits for a's slot; the executor's is free a loop after the one that sees the end."""
    flight = fly(dags={"d": dag({"a": TWO["a"], "b": task}, **settings)}, **section)

    waits = why(flight, "b")
    assert waits[0] == f"03:00:00 03:01:00 {reason}"
    assert waits[-1] == f"{free} {minute_later(free)} running "


def minute_later(clock: str) -> str:
    """A minute after a time of the night."""
    return f"03:02:{clock[6:]}"


def test_a_bound_of_a_task_across_runs() -> None:
    """Every minute a run, whose task takes 90 s and may run once: the second waits 30 s for it."""
    every = {"timetable": "CronTriggerTimetable", "cron": "* * * * *"}
    one = dag(
        {"a": {"max_active_tis_per_dag": 1}},
        schedule=every,
        end_date="2024-03-10T00:01",
        catchup=True,
    )
    flight = fly(dags={"d": one}, version=3, span_us=90 * SECOND)

    assert why(flight, "a") == [
        "00:01:00 00:01:30 max_active_tis_per_dag a",
        "00:01:30 00:03:00 running ",
    ]


def test_as_many_runs_as_a_dag_may_have() -> None:
    """A run an hour that takes 90 min, one at a time: the second starts half an hour late."""
    one = dag({"a": {}}, schedule=HOURLY, max_active_runs=1, end_date="2024-03-10T01:00")
    flight = fly(dags={"d": one}, version=3, span_us=5_400 * SECOND)

    first = "scheduled__2024-03-10T00:00:00Z"
    assert why(flight, "a") == [
        f"01:00:00 01:30:00 run_limit {first}",
        "01:30:00 01:30:01 scheduler_loop ",
        "01:30:01 03:00:01 running ",
    ]


def test_its_own_past() -> None:
    """The run before failed: depends_on_past holds this one for ever."""
    one = dag({"a": {"depends_on_past": True}}, schedule=HOURLY, end_date="2024-03-10T01:00")
    flight = fly(dags={"d": one}, version=3, outcomes={("a", 1): FAILED}, until="2024-03-10T02:00")

    assert why(flight, "a") == ["01:00:00 02:00:00 depends_on_past scheduled__2024-03-10T00:00:00Z"]


def test_those_above_and_a_retry() -> None:
    """Task b waits for a, which fails once; a itself waits for its retry and the loop after it."""
    chain = {"a": {"retries": 1, "retry_delay": 60}, "b": {"upstream": ["a"]}}
    flight = fly(dags={"d": dag(chain)}, version=3, outcomes={("a", 1): FAILED})

    assert why(flight, "a") == [
        "03:00:00 03:01:00 running ",
        "03:01:00 03:02:00 retry_delay ",
        "03:02:00 03:02:01 scheduler_loop ",
        "03:02:01 03:03:01 running ",
    ]
    assert why(flight, "b") == ["03:00:00 03:03:01 upstream a", "03:03:01 03:04:01 running "]


def test_many_at_once_go_by_their_priority() -> None:
    """One a loop: the fifth waits for four others, which is more than a loop's own time."""
    five = {name: {"priority_weight": 9 - number} for number, name in enumerate("abcde")}
    flight = fly(dags={"d": dag(five)}, cfg={"scheduler": {"max_tis_per_query": 1}})

    assert why(flight, "e")[0] == "03:00:00 03:00:04 priority b"


def test_a_worker_that_is_busy() -> None:
    """Celery with one process: b is queued, and waits for it, not for a slot."""
    flight = fly(
        dags={"d": dag(TWO)},
        version=3,
        cfg={"core": {"executor": "CeleryExecutor"}},
        celery_workers={"w1": {"concurrency": 1}},
    )

    assert why(flight, "b") == [
        "03:00:00 03:01:00 worker CeleryExecutor default",
        "03:01:00 03:02:00 running ",
    ]


def test_nobody_there_to_schedule() -> None:
    """The host is off from 02:59 to 03:05; afterwards the run is created at once."""
    flight = fly(host_outages=(("2024-03-10T02:59", "2024-03-10T03:05"),), version=3)

    assert why(flight, "a")[0] == "03:00:00 03:05:00 scheduler_down airflow-01"


def test_a_worker_that_went_with_its_host() -> None:
    """What ran is gone at 03:00:30, and stays so until a new scheduler takes it back."""
    flight = fly(host_outages=(("2024-03-10T03:00:30", "2024-03-10T03:05"),), version=3)

    assert why(flight, "a")[:2] == [
        "03:00:00 03:00:30 running ",
        "03:00:30 03:05:00 worker died",
    ]


@pytest.mark.parametrize(
    ("mode", "waits"),
    [
        ("poke", ["03:00:00 03:03:00 sensor_poke db"]),
        (
            "reschedule",
            ["03:00:00 03:02:00 sensor_poke db", "03:02:00 03:03:00 sensor_poke db"],
        ),
    ],
)
def test_a_sensor_waits_for_its_system(mode: str, waits: list[str]) -> None:
    """Ready at its second look: what it does in between is waiting, whoever has its slot."""
    sensor = {"system": "db", "mode": mode, "poke_interval": 60}
    looks = {("s", 1): lambda kernel: ready(kernel.now)}
    flight = fly(
        dags={"d": dag({"s": {"type": "sensor", "sensor": sensor}})}, version=3, outcomes=looks
    )

    told = why(flight, "s")
    assert all(" sensor_poke db" in line or "scheduler_loop" in line for line in told)
    assert (told[0][:8], told[-1][9:17]) == (waits[0][:8], waits[-1][9:17])


def ready(now: int) -> Outcome:
    """Not before 03:03."""
    late = now >= parse_instant("2024-03-10T03:03:00")
    return Outcome(Result.SUCCESS if late else Result.NOT_READY)


def test_a_deferred_task() -> None:
    """A deferrable operator: its work is elsewhere, and it waits for its trigger."""
    flight = fly(dags={"d": dag({"a": {"deferrable": True}})}, version=3)

    assert why(flight, "a")[0] == "03:00:00 03:01:00 deferral "


def test_a_person_who_clears() -> None:
    """Done at 03:01; somebody clears it at 09:00, and it runs again at once."""
    at = parse_instant("2024-03-10T09:00")
    clear = Clear(at=at, pipeline="d", data_date="2024-03-10", tasks=("a",), by="ana")
    flight = fly(dags={"d": dag({"a": {}})}, version=3, actions=(clear,))

    assert why(flight, "a") == [
        "03:00:00 03:01:00 running ",
        "03:01:00 09:00:00 human ana",
        "09:00:00 09:01:00 running ",
    ]


def test_the_metadata_database_is_away() -> None:
    """From 02:59 to 03:05 nobody can schedule, and it is the database that one waits for."""
    flight = fly(database_outages=(("2024-03-10T02:59", "2024-03-10T03:05"),), version=3)

    assert why(flight, "a")[0] == "03:00:00 03:05:00 database metadata"


def test_a_broken_file() -> None:
    """Broken from 02:00 to 04:00, parsed every 30 s for 2 s: no run until a parse finds it well."""
    flight = fly(
        version=3,
        dag_files={"d.py": {"dags": ["d"], "parse": "2s"}},
        deploys=[
            {"at": "2024-03-10T02:00:07", "path": "d.py", "change": "broken"},
            {"at": "2024-03-10T04:00:07", "path": "d.py", "change": "fixed"},
        ],
    )

    assert why(flight, "a")[0] == "03:00:00 04:00:32 parse d"


def test_nobody_waits_before_a_dag_is_there() -> None:
    """A file that comes at 02:00 with two days of past: its runs waited for it, not for a loop."""
    flight = fly(
        version=3,
        dags={"d": dag({"a": {}}, start_date="2024-03-08", catchup=True)},
        dag_files={"d.py": {"dags": ["d"], "parse": "2s"}},
        deploys=[{"at": "2024-03-10T02:00:07", "path": "d.py", "change": "added"}],
    )
    reasons = [line.split()[2] for line in why(flight, "a", run=0)]

    assert reasons[0] == "schedule"
    assert reasons[-1] == "running"
    assert set(reasons[1:-1]) <= {"scheduler_loop"}


def test_cron_waits_for_nobody_but_its_own_line() -> None:
    """`copy && publish`: publish waits for copy, copy for nothing."""
    done = played(orchestrator="cron", section={"crontab": "0 3 * * * copy && publish"})
    ledger = CronLedger(done.journal, now=done.end)
    stories = {story.name: story for story in ledger.story.tasks.values()}

    copy = [(wait.reason, wait.blocker) for wait in ledger.waits(stories["copy"].entity)]
    publish = [(wait.reason, wait.blocker) for wait in ledger.waits(stories["publish"].entity)]
    assert copy == [("running", "")]
    assert publish == [("upstream", "copy"), ("running", "")]


def test_what_cron_started_goes_on_without_it() -> None:
    """While the daemon is gone a script that sleeps waits for its own shell, not for the daemon."""
    gone = SchedulerCrash(at="2024-03-12T03:10:30Z", restart="2024-03-12T03:20:00Z")
    section = {"crontab": "0 3 * * * copy && sleep 5m && publish"}
    done = played(orchestrator="cron", section=section, faults=(gone,))
    ledger = CronLedger(done.journal, now=done.end)
    story = next(one for one in ledger.story.tasks.values() if one.name == "publish")

    assert [
        (Reason.UPSTREAM, "copy"),
        (Reason.SCHEDULE, "shell"),
        (Reason.RUNNING, ""),
    ] == [(wait.reason, wait.blocker) for wait in ledger.waits(story.entity)]


def test_a_deadlock_is_a_circle() -> None:
    """Two sensors fill a pool of two and wait for DAGs whose tasks wait for that pool."""
    wait = {"mode": "poke", "poke_interval": 60}
    section: dict[str, Any] = {}
    for name, other in (("x", "y"), ("y", "x")):
        sensor = {**wait, "external_dag_id": other, "external_task_id": "work"}
        section[name] = dag(
            {
                "look": {"type": "sensor", "sensor": sensor, "pool": "two", "priority_weight": 9},
                "work": {"pool": "two"},
            }
        )
    flight = fly(dags=section, version=3, pools={"two": {"slots": 2}}, until="2024-03-10T05:00")
    (circle,) = circles(ledger_of(flight))

    name = flight.kernel.journal.name
    around = {(name(edge.waiting), str(edge.reason), name(edge.holder)) for edge in circle.edges}
    assert circle.closed
    assert around <= {("look", "sensor_poke", "work"), ("work", "pool", "look")}
    assert len(circle.edges) in {2, 4}


def test_no_circle_while_somebody_goes_on() -> None:
    """A full pool whose holder runs is a wait, not a circle."""
    flight = fly(
        dags={"d": dag(TWO)}, pools={"default_pool": {"slots": 1}}, until="2024-03-10T03:00:30"
    )

    assert circles(ledger_of(flight)) == ()
