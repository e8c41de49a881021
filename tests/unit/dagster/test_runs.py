"""Runs of a small deployment, from the tick of a schedule to the end of the last step."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import SECOND
from sim.model.facts import Fact
from tests.unit.dagster.builder import (
    CHECK_FAILS,
    FAILS,
    SKIPS,
    Flight,
    at,
    chain,
    fly,
    nightly,
)

NO_QUEUE = {"run_coordinator": {"kind": "DefaultRunCoordinator"}}
ONE_BY_ONE = {"in_process": {}}


def test_a_run_from_its_tick_to_its_end() -> None:
    """The tick at the minute, the queue's next iteration, two starts of processes, two minutes."""
    flight = fly()

    assert ["03:00:00 nightly 1"] == flight.ticks()
    assert [
        "03:00:00 j0 QUEUED",
        "03:00:05 j0 STARTING",
        "03:00:08 j0 STARTED",
        "03:02:12 j0 SUCCESS",
    ] == flight.runs()
    assert ["03:00:10 a#1 running", "03:01:10 a#1 success"] == flight.steps("a")[2:]
    assert ["03:01:12 b#1 running", "03:02:12 b#1 success"] == flight.steps("b")[2:]
    assert [] == flight.illegal()


def test_without_a_queue_a_run_is_launched_at_once() -> None:
    """DefaultRunCoordinator: nothing bounds how many there are."""
    assert ["03:00:00 j0 NOT_STARTED", "03:00:00 j0 STARTING"] == fly(instance=NO_QUEUE).runs()[:2]


def test_in_process_steps_go_one_by_one_and_need_no_process() -> None:
    """By level and key, in the run's own process."""
    flight = fly(assets={"b": {}, "a": {}, "c": {"deps": ["b"]}}, executor=ONE_BY_ONE)

    assert ["a", "b", "c"] == [task for task, _, _ in flight.work.begun]
    assert "03:01:08 b#1 running" in flight.steps()


def test_a_step_is_tried_again_by_its_policy() -> None:
    """Exponential is once, three times, seven times the base delay; then it has failed."""
    policy = {"max_retries": 2, "delay": 10, "backoff": "EXPONENTIAL"}
    failing = {("a", number): FAILS for number in (1, 2, 3)}
    flight = fly(
        assets={"a": {"retry_policy": policy}, "b": {"deps": ["a"]}, "c": {}}, outcomes=failing
    )

    assert [
        "03:01:10 a#1 up_for_retry",
        "03:02:22 a#2 up_for_retry",
        "03:03:54 a#3 failed",
    ] == [line for line in flight.steps("a") if line.endswith(("retry", "failed"))]
    assert ["03:03:54 b#1 upstream_failed"] == flight.steps("b")
    assert "03:01:10 c#1 success" in flight.steps("c")
    assert ["FAILURE"] == flight.statuses()


def test_retries_can_be_switched_off() -> None:
    """With `retries: disabled` the policy of a step is not asked."""
    flight = fly(
        assets={"a": {"retry_policy": {"max_retries": 3}}},
        executor={"multiprocess": {"retries": "disabled"}},
        outcomes={("a", 1): FAILS},
    )

    assert ["FAILURE"] == flight.statuses()


def test_what_hands_on_nothing_skips_its_readers_if_it_may() -> None:
    """An output that is required makes it a failure instead."""
    outcomes = {("a", 1): SKIPS}
    optional = fly(
        assets={"a": {"output_required": False}, "b": {"deps": ["a"]}}, outcomes=outcomes
    )
    required = fly(outcomes=outcomes)

    assert ["03:01:10 b#1 skipped"] == optional.steps("b")
    assert (["SUCCESS"], ["FAILURE"]) == (optional.statuses(), required.statuses())
    assert [] == materialized(optional)


def materialized(flight: Flight) -> list[str]:
    """The assets that were, in order."""
    journal = flight.kernel.journal
    return [journal.name(row.entity) for row in journal.rows(Fact.ASSET_EVENT)]


@pytest.mark.parametrize(
    ("check", "run", "reader"),
    [
        ({}, "SUCCESS", "success"),
        ({"blocking": True}, "FAILURE", "upstream_failed"),
        ({"blocking": True, "severity": "WARN"}, "SUCCESS", "success"),
    ],
)
def test_only_a_blocking_error_holds_readers_back(
    check: dict[str, object], run: str, reader: str
) -> None:
    """The asset itself stays materialized whatever its check says."""
    flight = fly(
        assets={"a": {"checks": {"rows": check}}, "b": {"deps": ["a"]}},
        outcomes={("a_rows", 1): CHECK_FAILS},
    )

    assert [run] == flight.statuses()
    assert flight.steps("b")[-1].endswith(reader)
    assert "a" in materialized(flight)


def test_a_check_that_breaks_fails_its_step_and_gates_nothing() -> None:
    """Not blocking, but the run is a failure all the same."""
    flight = fly(
        assets={"a": {"checks": {"rows": {}}}, "b": {"deps": ["a"]}},
        outcomes={("a_rows", 1): FAILS},
    )

    assert (["FAILURE"], True) == (flight.statuses(), "b" in materialized(flight))


def test_an_input_that_was_never_materialized_fails_its_reader() -> None:
    """Loaded through the IO manager; `deps` alone would only have ordered them."""
    assets = {"a": {}, "b": {"ins": ["a"]}}
    jobs = {"j": {"selection": "b"}}
    flight = fly(assets=assets, jobs=jobs)

    assert ["03:00:10 b#1 failed"] == flight.steps("b")[-1:]
    assert ["SUCCESS"] == fly(assets={"a": {}, "b": {"deps": ["a"]}}, jobs=jobs).statuses()


def test_max_concurrent_bounds_the_steps_of_a_run() -> None:
    """Two at a time; the third starts when a place is free."""
    flight = fly(
        assets={"a": {}, "b": {}, "c": {}}, executor={"multiprocess": {"max_concurrent": 2}}
    )

    assert "03:01:12 c#1 running" in flight.steps("c")


def test_a_tag_limit_of_the_executor_passes_steps_over() -> None:
    """One with the tag at a time; the step without it goes before."""
    limits = [{"key": "db", "limit": 1}]
    flight = fly(
        assets={"a": {"op_tags": {"db": "x"}}, "b": {"op_tags": {"db": "y"}}, "c": {}},
        executor={"multiprocess": {"tag_concurrency_limits": limits}},
    )

    assert "03:00:10 c#1 running" in flight.steps("c")
    assert "03:01:12 b#1 running" in flight.steps("b")


def test_a_pool_is_shared_by_all_runs_and_looked_at_again_and_again() -> None:
    """A slot that comes free is found at the next look: 1, 1.1, 1.21, … s after each other."""
    flight = fly(
        assets={"a": {"pool": "db"}, "b": {"pool": "db"}},
        instance={"concurrency": {"pools": {"limits": {"db": 1}}}},
    )
    looks, due = 0, at("03:00:08")
    while due < at("03:01:10"):
        due += round(min(15, 1.1**looks) * SECOND)
        looks += 1
    (second,) = [
        row.time
        for row in flight.kernel.journal.rows(Fact.TASK_STATE)
        if flight.kernel.journal.name(row.entity) == "b" and row.value == 256 + 2
    ]

    assert due == second


def test_runs_wait_in_the_queue_for_a_place() -> None:
    """max_concurrent_runs: the second starts at the iteration after the first one's end."""
    flight = fly(
        schedules={"one": nightly("j"), "two": nightly("j")},
        instance={"concurrency": {"runs": {"max_concurrent_runs": 1}}},
    )

    assert "03:02:12 j0 SUCCESS" in flight.runs()
    assert "03:02:15 j1 STARTING" in flight.runs()


def test_a_launch_keeps_the_daemon_busy() -> None:
    """The next run of the same iteration is launched after it."""
    flight = fly(
        schedules={"one": nightly("j"), "two": nightly("j")},
        instance={"run_launcher": {"launch_seconds": 2}},
    )

    assert ["03:00:05 j0 STARTING", "03:00:07 j1 STARTING"] == [
        line for line in flight.runs() if line.endswith("STARTING")
    ]


def test_an_op_job_with_a_fan_in() -> None:
    """It goes without the source that handed on nothing."""
    ops = {"a": {"out_required": False}, "b": {}, "c": {"ins": ["a", "b"], "fan_in": True}}
    flight = fly(assets={}, jobs={"j": {"ops": ops}}, outcomes={("a", 1): SKIPS})

    assert (["SUCCESS"], []) == (flight.statuses(), materialized(flight))
    assert flight.steps("c")[-1].endswith("success")


def test_hooks_tell_of_a_step_that_failed() -> None:
    """From the run, when the step has failed for good."""
    jobs = {"j": {"selection": "*", "hooks": {"failure": ["page"], "success": ["chat"]}}}

    assert [("chat", "a"), ("page", "b")] == fly(jobs=jobs, outcomes={("b", 1): FAILS}).work.sent


def test_a_skip_behind_an_abandoned_step_hangs_the_in_process_executor() -> None:
    """It sweeps only after a step; the multiprocess executor sweeps on every pass."""
    assets = {
        "a": {"output_required": False},
        "b": {},
        "c": {"deps": ["b"]},
        "d": {"deps": ["a", "c"]},
    }
    outcomes = {("a", 1): SKIPS, ("b", 1): FAILS}

    assert ["STARTED"] == fly(assets=assets, outcomes=outcomes, executor=ONE_BY_ONE).statuses()
    assert ["FAILURE"] == fly(assets=assets, outcomes=outcomes).statuses()


def test_templates_know_the_names_of_dagster() -> None:
    """`fecha` is yesterday of the tick."""
    names = fly(assets=chain("a")).work.macros[0]

    assert ("2024-03-09", "2024-03-10T03:00:00+00:00") == (names["fecha"], names["ts"])
    assert ("j", "a", 1) == (names["job_name"], names["step_key"], names["try_number"])


def test_the_same_deployment_writes_the_same_journal() -> None:
    """Byte for byte."""
    first, second = (fly(outcomes={("a", 1): FAILS}).kernel.journal for _ in range(2))

    assert first.digest == second.digest


def test_a_reexecution_counts_its_tries_anew_and_the_world_does_not() -> None:
    """What befell the first try of a step befalls it once; the step's own number is 1 again."""
    flight = fly(
        assets=chain("a"),
        outcomes={("a", 1): FAILS},
        instance={"run_retries": {"enabled": True, "max_retries": 1}},
    )

    assert [("a", 1), ("a", 2)] == [(task, number) for task, number, _ in flight.work.begun]
    assert [1, 1] == [names["try_number"] for names in flight.work.macros]
    assert {1} == {row.value // 256 for row in flight.kernel.journal.rows(Fact.TASK_STATE)}
