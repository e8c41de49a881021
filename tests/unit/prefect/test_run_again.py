"""A date that is run again: as the same flow run or as a new one, and what its cache says."""

from __future__ import annotations

from sim.model.interventions import Rerun
from tests.unit.prefect.builder import FAILS, at, flow, fly

DATE = "2024-03-09"


def test_a_date_that_failed_is_run_again_as_the_same_flow_run() -> None:
    """Terminal -> SCHEDULED: the run goes on with its own id."""
    flight = fly(
        flows={"f": flow({name: {"mode": "direct"} for name in "ab"})},
        outcomes={("b", 1): FAILS},
        actions=(Rerun(at=at("05:00:00"), data_date=DATE),),
    )

    assert [("a", DATE), ("b", DATE)] * 2 == [(task, day) for task, _, day in flight.work.begun]
    assert "05:00:00 f0 AwaitingRetry" in flight.runs()
    assert ["Completed"] == flight.states()
    assert [] == flight.illegal()


def test_a_date_that_is_done_is_run_again_as_a_new_flow_run() -> None:
    """With the date as its parameter, so that only keys without the run's id are hits."""
    keep = {"mode": "direct", "parameters": ["fecha"]}
    flight = fly(
        flows={"f": flow({"a": keep, "b": keep})},
        tasks={"a": {"cache_key_fn": "task_input_hash"}, "b": {"persist_result": True}},
        actions=(Rerun(at=at("05:00:00"), data_date=DATE),),
    )

    assert ["a", "b", "b"] == [task for task, _, _ in flight.work.begun]
    assert ["Completed", "Completed"] == flight.states()
    assert any("Cached" in line for line in flight.tasks("a"))


def test_a_cache_is_a_hit_until_it_expires_and_for_its_own_date_only() -> None:
    """Within the hour the same date is not run; another date, and the same one later, are."""
    flight = fly(
        flows={"f": flow({"a": {"mode": "direct", "parameters": ["fecha"]}})},
        tasks={"a": {"cache_key_fn": "task_input_hash", "cache_expiration": 3600}},
        actions=(
            Rerun(at=at("03:30:00"), data_date=DATE),
            Rerun(at=at("03:40:00"), data_date="2024-03-01"),
            Rerun(at=at("04:30:00"), data_date=DATE),
        ),
    )

    assert [DATE, "2024-03-01", DATE] == [day for _, _, day in flight.work.begun]
