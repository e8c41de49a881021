"""Laws of Dagster, over random small deployments with troubles and operators."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings

from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import HOLDS_SLOT, RunState, TaskState
from tests.properties.dagster_nights import RUNS, SLOTS, dagster_nights
from tests.properties.nights import Night

ENDED = frozenset({RunState.SUCCESS, RunState.FAILED})


def most_at_once(journal: Journal, pool_of: dict[str, str | None]) -> int:
    """How many steps in the pool were under way at a time, in runs that were not over."""
    held: dict[int, int] = {}
    most = 0
    for row in journal.rows(Fact.TASK_STATE):
        name = journal.name(row.entity)
        if pool_of.get(name) is None:
            continue
        if TaskState(row.value % 256) in HOLDS_SLOT:
            held[row.entity] = 1
        else:
            held.pop(row.entity, None)
        most = max(most, len(held))
    return most


@settings(max_examples=40)
@given(night=dagster_nights())
def test_limits_hold(night: Night) -> None:
    """Runs in progress, steps of a run, and slots of a pool whose slots steps take."""
    journal = night.journal()
    running: set[int] = set()
    steps: Counter[int] = Counter()
    state: dict[int, TaskState] = {}
    for row in journal.rows(Fact.RUN_STATE, Fact.TASK_STATE):
        if row.fact is Fact.RUN_STATE:
            if row.value == RunState.RUNNING:
                running.add(row.entity)
            elif row.value in ENDED:
                running.discard(row.entity)
            assert len(running) <= RUNS
            continue
        run = journal.who(row.entity).parent
        was, now = state.get(row.entity), TaskState(row.value % 256)
        steps[run] += (now in HOLDS_SLOT) - (was in HOLDS_SLOT)
        state[row.entity] = now
        assert steps[run] <= (1 if "in_process" in night.section["executor"] else 2)
    if night.section["instance"]["concurrency"]["pools"]["granularity"] == "op":
        ops = {**night.section["assets"], **night.section["multi_assets"]}
        pools = {key: op["pool"] for key, op in ops.items() if "pool" in op}
        assert most_at_once(journal, pools) <= SLOTS
