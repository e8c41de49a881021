"""Judging a recording: what is a decision, and what a difference looks like."""

from __future__ import annotations

from typing import Any

import pytest

from sim.conform.decision import ABSENT, Absent, Decision, Tally, each_of, tally
from sim.conform.kinds import judge
from sim.conform.recording import read_recording
from tests.unit.conform.recordings import bytes_of, case, trace, workload


def judged(*cases: Any, **envelope: Any) -> Tally:
    """The tally of a recording made of these cases."""
    return judge(read_recording(bytes_of(*cases, **envelope), "mine.json"))


def test_a_trace_that_agrees() -> None:
    """4 facts of the run, 1 and 5 of the task instance and its try, 1 of the DAG; meta is none."""
    assert Tally(11, 11, 1, 1, ()) == judged(case())


def test_one_wrong_instant_is_one_difference() -> None:
    """The difference names case, row and field, and holds both sides."""
    wrong = trace()
    wrong["task_instances"][0]["tries"][0]["end"] = 65
    found = judged(case(trace=wrong))

    assert (10, 11, 0, 1) == (found.agreed, found.total, found.cases_whole, found.cases)
    assert (
        Decision("one-task", "task_instances sales#0 load start 1 end", 65, 60),
    ) == found.differences


def test_a_missing_row_disagrees_in_each_of_its_facts() -> None:
    """A run that we do not have: every recorded fact of it is one difference."""
    wrong = trace()
    wrong["dag_runs"].append({"dag_id": "sales", "run_no": 1, "start": 5, "end": 65})
    found = judged(case(trace=wrong))

    assert (11, 13) == (found.agreed, found.total)
    assert [one.simulated for one in found.differences] == [ABSENT, ABSENT]


def test_a_row_too_many_is_a_decision_that_disagrees() -> None:
    """A try and a run that the real scheduler did not have count against us."""
    wrong = trace(dag_runs=[])
    wrong["task_instances"][0]["tries"] = []
    found = judged(case(trace=wrong))

    assert (2, 4) == (found.agreed, found.total)
    assert [one.recorded for one in found.differences] == [ABSENT, ABSENT]


def test_events_have_no_order_within_an_instant() -> None:
    """Events agree as rows, in whatever order; an event that is not simulated disagrees."""
    event = {"t": 60, "event": "failed", "run_no": 0}
    found = judged(case(trace=trace(log=[event, event])))

    assert (11, 13) == (found.agreed, found.total)
    assert {"log"} == {one.what for one in found.differences}


def test_a_workload_that_cannot_be_played_agrees_in_nothing() -> None:
    """Every fact disagrees, and the reason is told once for the case."""
    strange = workload()
    strange["dags"][0]["schedule"] = {"kind": "by the moon", "expr": "full"}
    found = judged(case(workload=strange))

    assert (0, 11, 1) == (found.agreed, found.total, len(found.differences))
    assert "by the moon" in found.differences[0].simulated.reason


def test_one_missing_instant_does_not_shift_the_rest() -> None:
    """Instants are met wherever they stand; repeated ones as often as they are repeated."""
    found = list(each_of("a", "b", [1, 2, 2, 3], [2, 3, 4]))

    assert [False, True, False, True, False] == [one.agrees for one in found]
    assert [Decision("a", "b", None, None)] == list(each_of("a", "b", [], []))
    assert not any(one.agrees for one in each_of("a", "b", [], Absent("why")))


def test_only_the_first_differences_are_kept() -> None:
    """As many as asked for; the count goes on."""
    many = (Decision("a", str(number), 0, 1) for number in range(100))

    found = tally(many, differences_max=3)
    assert (0, 100, ["0", "1", "2"]) == (
        found.agreed,
        found.total,
        [one.what for one in found.differences],
    )


WRONG: list[tuple[str, Any, dict[str, Any]]] = [
    ("retries", ["etl", "load", None, 1, 60, False, None, 61.0], {}),
    ("trigger_rules", ["all_success", 1, {"failed": 1}, "run"], {}),
    (
        "weights",
        {"n": 1, "edges": [], "priority_weight": [1], "effective": {"absolute": {"t0": 2}}},
        {},
    ),
    (
        "timetables",
        {
            "case": {
                "kind": "once",
                "now": "2024-01-01T00:00:00",
                "start": None,
                "tz": "UTC",
                "n": 1,
                "catchup": True,
            },
            "manual_interval_at_now": {"start": "2023-01-01T00:00:00Z"},
            "runs": [],
        },
        {},
    ),
    (
        "debian_cron_real",
        {
            "cron": "0 3 * * *",
            "tz": "UTC",
            "from": "2024-01-01T00:00+0000",
            "to": "2024-01-02T00:00+0000",
            "starts": ["2024-01-01T03:01+0000"],
        },
        {"system": "cron"},
    ),
    (
        "cron_compare",
        {
            "cron": "0 3 * * *",
            "tz": "UTC",
            "start": "2024-01-01T00:00Z",
            "end": "2024-01-02T00:00Z",
            "sequences": ["error"],
            "by": {"debian": 0, "airflow": 0},
        },
        {"system": "cron"},
    ),
    (
        "step_outcomes",
        {
            "kind": "assets",
            "nodes": [{"name": "a", "deps": [], "output": "yes", "tries": ["ok"]}],
            "expect": {
                "run": "FAILURE",
                "steps": {"a": "failure"},
                "starts": ["a"],
                "tries": {"a": 1},
                "materialized": [],
                "checks": {},
            },
        },
        {"system": "dagster"},
    ),
    (
        "run_queue",
        {
            "config": {"max_concurrent_runs": 1},
            "runs": [{"name": "r", "arrival": 0, "duration": 1, "priority": None, "tags": {}}],
            "tick": 5,
            "until": 10,
            "expect": [[5, ["r"]]],
        },
        {"system": "dagster"},
    ),
]


@pytest.mark.parametrize(("kind", "wrong", "envelope"), WRONG, ids=[kind for kind, *_ in WRONG])
def test_each_kind_can_disagree(kind: str, wrong: Any, envelope: dict[str, Any]) -> None:
    """A wrong figure is seen: no kind agrees with whatever it is given."""
    found = judged(wrong, kind=kind, **envelope)

    assert found.total > 0
    assert found.agreed < found.total


@pytest.mark.parametrize("version", ["2.11.2", "3.3.2"])
def test_what_the_engine_refuses_disagrees(version: str) -> None:
    """A trigger rule that we do not know: the decision stands, and says why we had none."""
    found = judged(["all_or_nothing", 1, {}, "run"], kind="trigger_rules", version=version)

    assert (0, 1) == (found.agreed, found.total)
    assert found.differences[0].simulated.reason
