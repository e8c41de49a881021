"""Laws that hold whatever becomes of workers and schedulers: states, slots, ends, equal bytes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.faults.plan import Fault, NetworkSplit, SchedulerCrash, WorkerCrash, WorkerLost
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import HOLDS_SLOT, TaskState
from sim.views.gantt import task_instance_names
from tests.properties.legal import illegal
from tests.properties.nights import SMALL_POOL, TASKS, Night, airflow_nights
from tests.properties.test_engine_laws import unfinished, unordered

ENDS = frozenset({"refused", "killed", "died"})
"""Ends of a process after which it is gone."""
NEVER_RAN = frozenset({"database_connections", "redelivered"})
"""Reasons of ends of processes that never came to run the task."""


def blows() -> st.SearchStrategy[tuple[Fault, ...]]:
    """One to four blows to workers and schedulers; whoever dies is followed by another one."""
    point = {
        "task": st.sampled_from(TASKS),
        "data_date": st.sampled_from(["2024-03-10", "2024-03-11", "2024-03-12"]),
        "try_number": st.integers(1, 2),
    }
    after = st.sampled_from([0, 1, "7s", "1m", "5m"])
    one = st.one_of(
        st.builds(WorkerLost, **point, after=after),
        st.builds(WorkerCrash, **point, after=after),
        st.builds(NetworkSplit, **point, after=after, lasts=st.sampled_from([None, "1m", "6m"])),
        st.builds(
            lambda minute, workers, hour: SchedulerCrash(
                at=f"2024-03-12T03:{minute:02d}:02Z",
                workers=workers,
                restart=f"2024-03-12T{hour}:{minute:02d}:20Z",
            ),
            st.integers(0, 20),
            st.sampled_from(["die", "survive"]),
            st.sampled_from(["03", "04"]),
        ),
    )
    return st.lists(one, min_size=1, max_size=4).map(tuple)


@st.composite
def hard_nights(draw: st.DrawFn) -> Night:
    """A night of Airflow with one or two schedulers, and blows instead of people."""
    night = draw(airflow_nights())
    section = {**night.section, "schedulers": draw(st.integers(1, 2))}
    return replace(night, section=section, faults=draw(blows()), actions=())


def pools(night: Night) -> tuple[list[str], dict[str, int]]:
    """Every row at which the small pool held too much, and what each pool holds at the end."""
    journal = night.journal()
    held: dict[int, tuple[str, int]] = {}
    used: dict[str, int] = defaultdict(int)
    passed = []
    for row in journal.rows(Fact.TASK_STATE):
        pipeline, _, task = task_instance_names(journal, row.entity)
        pool, count = held.pop(row.entity, ("", 0))
        used[pool] -= count
        if TaskState(row.value % 256) in HOLDS_SLOT:
            wanted = night.section["dags"][pipeline]["tasks"][task]
            held[row.entity] = (wanted["pool"], wanted["pool_slots"])
            used[wanted["pool"]] += wanted["pool_slots"]
        if used["small"] > SMALL_POOL:
            passed.append(f"row {row.index}: {used['small']} of {SMALL_POOL}")
    return passed, {name: count for name, count in used.items() if count}


def revenants(journal: Journal) -> list[str]:
    """Processes that ended more often than tries with their number were started."""
    starts: dict[tuple[int, int], int] = defaultdict(int)
    ends: dict[tuple[int, int], int] = defaultdict(int)
    for row in journal.rows(Fact.TASK_STATE, Fact.PROCESS):
        if row.fact is Fact.PROCESS:
            ran = row.detail.get("reason") not in NEVER_RAN
            ends[row.entity, row.value] += ran and row.detail["end"] in ENDS
        elif row.value % 256 == TaskState.RUNNING:
            starts[row.entity, row.value // 256] += 1
    return [
        journal.name(entity)
        for (entity, number), count in ends.items()
        if count > starts[entity, number]
    ]


@given(night=hard_nights())
def test_states_stay_legal_and_everything_ends(night: Night) -> None:
    """Whatever dies, no state is reached by a way that Airflow does not have, and none is left."""
    journal = night.journal()

    assert [] == illegal(journal)
    assert [] == unordered(journal)
    assert [] == unfinished(journal)
    assert [] == revenants(journal)


@given(night=hard_nights())
def test_pool_slots_never_leak(night: Night) -> None:
    """No pool is ever too full, and none holds anything when all is over."""
    assert ([], {}) == pools(night)


@settings(max_examples=15)
@given(night=hard_nights())
def test_the_same_blows_give_the_same_bytes(night: Night) -> None:
    """Twice in one process, everything built anew."""
    assert night.journal().to_bytes() == night.journal().to_bytes()


@pytest.mark.slow
@settings(max_examples=400)
@given(night=hard_nights())
def test_states_and_slots_hold_in_a_long_search(night: Night) -> None:
    """The same over many more nights."""
    journal = night.journal()

    assert [] == illegal(journal)
    assert [] == unfinished(journal)
    assert ([], {}) == pools(night)
