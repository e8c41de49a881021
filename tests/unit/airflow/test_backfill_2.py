"""The backfill process of 2.x: batches, its own loop, what it takes over and what it leaves."""

from __future__ import annotations

from sim.kernel.calendar import parse_instant
from sim.model.facts import Fact
from sim.model.interventions import Backfill
from sim.model.states import RunState, TaskState
from sim.model.work import Outcome, Result
from tests.unit.airflow.builder import Flight, dag, fly

FAILED = Outcome(Result.FAILED, "boom")
AT = parse_instant("2024-03-10T10:00:00")


def backfill(
    first: str = "2024-03-01",
    last: str = "2024-03-03",
    *,
    reverse: bool = False,
    again: str = "none",
) -> Backfill:
    """Three days in March, but for what is given."""
    return Backfill(at=AT, pipeline="d", first=first, last=last, reverse=reverse, reprocess=again)


def story(flight: Flight) -> list[str]:
    """Runs of the backfill: `10:00:00 03-01 running`."""
    return [line[6:15] + line[-30:] for line in flight.runs() if "backfill" in line]


def test_it_queues_sleeps_and_starts() -> None:
    """Queued at once; started after the heartbeat; the next task is seen by a later loop."""
    flight = fly(actions=(backfill(last="2024-03-01"),))

    assert [line for line in flight.tasks() if line[6:] >= "10:00"] == [
        "03-10 10:00:00 a#1 scheduled",
        "03-10 10:00:00 a#1 queued",
        "03-10 10:00:05 a#1 running",
        "03-10 10:01:05 a#1 success",
        "03-10 10:01:05 b#1 scheduled",
        "03-10 10:01:05 b#1 queued",
        "03-10 10:01:10 b#1 running",
        "03-10 10:02:10 b#1 success",
    ]
    assert flight.illegal() == []


def test_runs_come_in_batches_of_max_active_runs() -> None:
    """The third date waits until both runs before it are over."""
    flight = fly(dags={"d": dag({"a": {}}, max_active_runs=2)}, actions=(backfill(),))
    journal = flight.kernel.journal
    born = [
        row.time - AT
        for row in journal.rows(Fact.RUN_STATE)
        if row.detail.get("run_type") == "backfill"
    ]

    assert [span // 1_000_000 for span in born] == [0, 0, 66]


def test_a_failure_ends_it_after_the_batch() -> None:
    """What has not been taken by then is never run."""
    flight = fly(
        dags={"d": dag({"a": {}}, max_active_runs=1)},
        actions=(backfill(),),
        outcomes={("a", 1): FAILED},
    )
    ended = [
        RunState(row.value).word
        for row in flight.kernel.journal.rows(Fact.RUN_STATE)
        if row.time > AT
    ]

    assert ended == ["failed"]


def test_backwards() -> None:
    """--run-backwards takes the newest date first."""
    flight = fly(actions=(backfill(reverse=True),), dags={"d": dag({"a": {}})})
    days = [fecha for _, _, fecha in flight.work.begun if fecha < "2024-03-09"]

    assert days == ["2024-03-03", "2024-03-02", "2024-03-01"]


def test_backwards_is_refused_with_depends_on_past() -> None:
    """The command ends with an error."""
    flight = fly(
        dags={"d": dag({"a": {"depends_on_past": True}})}, actions=(backfill(reverse=True),)
    )
    (row,) = flight.kernel.journal.rows(Fact.INTERVENTION)

    assert row.detail["refused"] == "depends_on_past_reverse"


def test_existing_runs_are_used_again() -> None:
    """A failed run stays failed without --rerun-failed-tasks and runs again with it."""
    plain, again = (
        fly(
            dags={"d": dag({"a": {}, "b": {"upstream": ["a"]}})},
            actions=(backfill("2024-03-09", "2024-03-09", again=how),),
            outcomes={("a", 1): FAILED},
        )
        for how in ("none", "failed")
    )

    assert [TaskState(ti.state).word for ti in plain.airflow.metadata.dags["d"].runs[0].tis] == [
        "failed",
        "upstream_failed",
    ]
    assert [TaskState(ti.state).word for ti in again.airflow.metadata.dags["d"].runs[0].tis] == [
        "success",
        "success",
    ]


def test_its_death_leaves_the_runs_running() -> None:
    """Nobody takes over what a dead process left behind."""
    flight = fly(
        actions=(backfill(),),
        host_outages=(("2024-03-10T10:00:30", "2024-03-10T11:00"),),
    )
    runs = [run for run in flight.airflow.metadata.dags["d"].runs if run.run_type == "backfill"]

    assert [RunState(run.state).word for run in runs] == ["running"] * 3
    assert [TaskState(run.tis[0].state).word for run in runs] == ["running"] * 3


def test_the_scheduler_leaves_its_tasks_alone() -> None:
    """A pool that is full holds the backfill's tasks scheduled until the pool has room."""
    flight = fly(
        dags={"d": dag({"a": {"pool": "one"}})},
        pools={"one": {"slots": 1}},
        actions=(backfill(),),
    )
    starts = [line[6:14] for line in flight.tasks("a") if "running" in line and line[6:] > "10"]

    assert starts == ["10:00:05", "10:01:10", "10:02:15"]
