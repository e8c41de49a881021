"""What an operator can do, and what is refused."""

from __future__ import annotations

from sim.model.facts import Fact
from sim.model.interventions import Backfill, Clear, Mark, Pause, Rerun, SetPool, Trigger
from tests.unit.dagster.builder import FAILS, Flight, at, chain, fly, nightly

DATE = "2024-03-09"


def refusals(flight: Flight) -> list[str]:
    """What the instance did not do, and why."""
    return [
        row.detail["refused"]
        for row in flight.kernel.journal.rows(Fact.INTERVENTION)
        if "refused" in row.detail
    ]


def test_a_date_is_run_again_as_a_reexecution_of_its_run() -> None:
    """All its steps, with the same date."""
    flight = fly(actions=(Rerun(at=at("05:00:00"), data_date=DATE),))

    assert [("a", DATE), ("b", DATE)] * 2 == [(task, day) for task, _, day in flight.work.begun]
    assert "05:00:00 j1 STARTING" in flight.runs()


def test_a_date_that_never_ran_is_launched_by_hand() -> None:
    """Its date is in the run config."""
    flight = fly(actions=(Rerun(at=at("01:00:00"), data_date="2024-03-01"),), until=at("02:00:00"))

    assert {"2024-03-01"} == {day for _, _, day in flight.work.begun}


def test_jobs_that_others_start_are_not_run_again_by_themselves() -> None:
    """An asset sensor will start them."""
    flight = fly(
        jobs={"j": {"selection": "a"}, "k": {"selection": "b"}},
        sensors={"on_a": {"job": "k", "asset_key": "a", "default_status": "RUNNING"}},
        actions=(Rerun(at=at("05:00:00"), data_date=DATE),),
    )

    assert ["05:01:30 k1 QUEUED"] == [line for line in flight.runs("k") if "k1 QUEUED" in line]


def test_reexecution_from_failure_leaves_out_what_succeeded() -> None:
    """Clearing only what failed."""
    clear = Clear(at=at("05:00:00"), pipeline="j", data_date=DATE, only_failed=True)
    flight = fly(assets=chain("a", "b", "c"), outcomes={("b", 1): FAILS}, actions=(clear,))

    assert ["a", "b", "b", "c"] == [task for task, _, _ in flight.work.begun]


def test_chosen_steps_are_executed_again_with_those_below() -> None:
    """Or alone, when downstream is not wanted."""
    tasks = {"pipeline": "j", "data_date": DATE, "tasks": ("b",)}
    both = fly(assets=chain("a", "b", "c"), actions=(Clear(at=at("05:00:00"), **tasks),))
    alone = fly(
        assets=chain("a", "b", "c"),
        actions=(Clear(at=at("05:00:00"), downstream=False, **tasks),),
    )

    assert ["b", "c"] == [task for task, _, _ in both.work.begun][3:]
    assert ["b"] == [task for task, _, _ in alone.work.begun][3:]


def test_a_run_is_terminated() -> None:
    """CANCELED, its step interrupted; nothing waits any more."""
    mark = Mark(at=at("03:00:30"), pipeline="j", data_date=DATE, state="failed")
    flight = fly(actions=(mark,))

    assert ["03:00:30 j0 CANCELING", "03:00:30 j0 CANCELED"] == flight.runs()[-2:]
    assert ["a: killed"] == flight.work.killed
    assert [] == flight.illegal()


def test_a_queued_run_can_be_terminated_too() -> None:
    """It never starts."""
    mark = Mark(at=at("03:00:02"), pipeline="j", data_date=DATE, state="failed")

    assert ["03:00:00 j0 QUEUED", "03:00:02 j0 CANCELED"] == fly(actions=(mark,)).runs()


def test_a_stopped_schedule_does_not_make_up_for_what_it_missed() -> None:
    """Ticks before it was started again never count."""
    actions = (
        Pause(at=at("02:00:00"), pipeline="hourly"),
        Pause(at=at("04:30:00"), pipeline="hourly", paused=False),
    )
    flight = fly(
        schedules={"hourly": nightly("j", "0 * * * *")}, actions=actions, until=at("05:30:00")
    )

    assert ["00:00:00", "01:00:00", "05:00:00"] == [line[:8] for line in flight.ticks()]


def test_a_pool_gets_another_limit() -> None:
    """A step that waits is given the new slot, and finds it at its next look."""
    flight = fly(
        assets={"a": {"pool": "db"}, "b": {"pool": "db"}},
        instance={"concurrency": {"pools": {"limits": {"db": 1}}}},
        actions=(SetPool(at=at("03:00:20"), pool="db", slots=2),),
    )
    started = [line for line in flight.steps("b") if line.endswith("running")]

    assert [True] == ["03:00:22" < line < "03:00:30" for line in started]


def test_a_job_is_started_by_hand() -> None:
    """For the date that is asked for."""
    trigger = Trigger(at=at("06:00:00"), pipeline="j", conf={"data_date": "2024-01-01"})

    assert ("a", 1, "2024-01-01") in fly(actions=(trigger,), schedules={}).work.begun


def test_what_the_tool_does_not_have_is_refused() -> None:
    """No state can be set by hand, no job without partitions backfilled, no unknown one started."""
    flight = fly(
        schedules={},
        actions=(
            Mark(at=at("01:00:00"), pipeline="j", data_date=DATE, state="success"),
            Backfill(at=at("01:00:01"), pipeline="j", first=DATE, last=DATE),
            Trigger(at=at("01:00:02"), pipeline="nope"),
            Clear(at=at("01:00:03"), pipeline="j", data_date=DATE),
            Pause(at=at("01:00:04"), pipeline="j"),
        ),
    )

    assert [
        "a run can be terminated, and no step can be marked",
        "the job has no partitions to backfill",
        "there is no such job",
        "no run of that date",
        "no schedule and no sensor starts it",
    ] == refusals(flight)
