"""Candidates in lanes come in the order of one sorted list, however they were put in and taken."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.conform.workload import replay
from sim.orchestrators.airflow.candidates import Candidates

RUNS = [SimpleNamespace(entity=number) for number in range(3)]
POOLS = ("wide", "narrow", "wide")
TASKS = [SimpleNamespace(lane=number, pool=pool) for number, pool in enumerate(POOLS)]


def walked(candidates: Candidates, full: list[str], count: int) -> list[Any]:
    """The first `count` entries of a walk as the critical section makes it; all stay waiting."""
    heaps, seen, lanes = candidates.heaps(full), [], {}
    while len(seen) < count and (taken := candidates.take(heaps)) is not None:
        key, lane = taken
        lanes[key] = lane
        others = min(heaps)[0][0] if heaps else None
        at = lane.at
        while at < len(lane.entries) and len(seen) < count:
            if others is not None and others < lane.entries[at]:
                candidates.resume(key, lane, at, heaps)
                break
            seen.append(lane.entries[at])
            at = lane.after(at)
    for key, lane in lanes.items():
        candidates.give_back(key, lane)
    return seen


STEP = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-3, 0), st.integers(0, 9))


@given(
    batches=st.lists(st.lists(STEP, max_size=12), min_size=1, max_size=6),
    count=st.integers(1, 40),
    full=st.sampled_from([[], ["narrow"], ["wide"]]),
    left=st.integers(1, 4),
)
@example(
    batches=[[(0, 1, 0, 0)], [(0, 0, 0, 0), (0, 1, 0, 0)], [(0, 1, -1, 0)]],
    count=1,
    full=[],
    left=1,
)
def test_a_walk_is_in_order_and_loses_none(
    batches: list[list[tuple[int, int, int, int]]], count: int, full: list[str], left: int
) -> None:
    """Batch by batch with walks and departures between: always the head of the sorted list."""
    candidates, waiting = Candidates(), []
    number = 0
    for batch in batches:
        for run, task, weight, date in batch:
            number += 1
            ti = SimpleNamespace(run=RUNS[run], task=TASKS[task], entry=None)
            ti.entry = (weight, date, -1, number, ti)
            candidates.fresh.append(ti.entry)  # type: ignore[arg-type]
            waiting.append(ti.entry)
        candidates.file()
        expected = sorted(entry for entry in waiting if entry[4].task.pool not in full)[:count]

        assert expected == walked(candidates, full, count)
        for entry in waiting[::left]:
            entry[4].entry = None
        waiting = [entry for entry in waiting if entry[4].entry is entry]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("trouble", ["success", "fail"])
def test_loops_of_a_full_executor_decide_nothing(version: int, trouble: str) -> None:
    """Twenty tasks before two slots: stepping the vain loops too changes nothing."""
    tasks = [
        {
            "task_id": f"t{number:02}",
            "upstream": [],
            "priority_weight": number + 1,
            "retries": 1,
            "retry_delay_s": 40,
            "tries": [{"outcome": trouble if number % 3 == 0 else "success", "duration_s": 33}],
        }
        for number in range(20)
    ]
    dag = {"dag_id": "a", "schedule": {"kind": "once"}, "start_s": 0, "catchup": True}
    workload = {
        "id": "full",
        "epoch": "2024-01-01T00:00:00",
        "tick_s": 5,
        "horizon_s": 1_500,
        "config": {"parallelism": 2},
        "dags": [{**dag, "tasks": tasks}],
        "actions": [
            {"at_s": 103, "action": "pause", "dag_id": "a", "value": True},
            {"at_s": 208, "action": "pause", "dag_id": "a", "value": False},
        ],
    }

    assert replay(workload, version) == replay(workload, version, every_loop=True)
