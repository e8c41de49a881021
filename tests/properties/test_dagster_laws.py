"""Laws of Dagster, over random small deployments with troubles and operators."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.faults.plan import (
    DatabaseOff,
    DispatchLost,
    Fault,
    NetworkSplit,
    SchedulerCrash,
    WorkerCrash,
    WorkerLost,
)
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import HOLDS_SLOT, RUN_TRANSITIONS, TASK_TRANSITIONS, RunState, TaskState
from sim.views.ledger.dagster import DagsterLedger
from tests.properties.nights import TASKS, Night, actions, faults, seeds

SLOTS = 1
RUNS = 2
DATES = ("2024-03-10", "2024-03-11", "2024-03-12")
ENDED = frozenset({RunState.SUCCESS, RunState.FAILED})


@st.composite
def deployments(draw: st.DrawFn) -> dict[str, Any]:
    """Up to three assets, partitioned or not, in a job with a schedule and perhaps a sensor."""
    partitions = draw(st.booleans())
    assets: dict[str, Any] = {}
    for number, key in enumerate(TASKS[: draw(st.integers(1, len(TASKS)))]):
        before = list(assets)
        kind = draw(st.sampled_from(["deps", "ins"]))
        assets[key] = {
            kind: draw(st.lists(st.sampled_from(before), unique=True)) if before else [],
            "pool": draw(st.sampled_from([None, "small"])),
            "output_required": draw(st.booleans()),
            "op_tags": {"dagster/priority": str(draw(st.integers(-1, 1)))},
            "retry_policy": draw(retry_policies()),
            **({"partitions_def": "p"} if partitions else {}),
        }
        assert number < len(TASKS)
    crons = draw(st.sampled_from(["0 3 * * *", "30 1 * * *", "0 */6 * * *"]))
    running = {"job": "sales", "default_status": "RUNNING"}
    sensors = {"ready": {**running, "system": "db"}} if draw(st.booleans()) else {}
    definition = {"dimension": {"type": "daily", "start_date": "2024-03-01"}}
    return {
        "assets": assets,
        "partitions_defs": {"p": definition} if partitions else {},
        "jobs": {"sales": {"selection": "*", "hooks": {"failure": ["ring"]}}},
        "schedules": {"nightly": {**running, "cron_schedule": crons}},
        "sensors": sensors,
        "executor": draw(
            st.sampled_from([{"in_process": {}}, {"multiprocess": {"max_concurrent": 2}}])
        ),
        "instance": draw(instances()),
    }


@st.composite
def retry_policies(draw: st.DrawFn) -> dict[str, Any] | None:
    """None, or a policy with a jitter."""
    if draw(st.booleans()):
        return None
    return {
        "max_retries": draw(st.integers(0, 2)),
        "delay": draw(st.sampled_from([1, 300])),
        "backoff": draw(st.sampled_from([None, "LINEAR", "EXPONENTIAL"])),
        "jitter": draw(st.sampled_from([None, "FULL", "PLUS_MINUS"])),
    }


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    """A dagster.yaml with narrow limits."""
    return {
        "concurrency": {
            "runs": {"max_concurrent_runs": RUNS},
            "pools": {
                "limits": {"small": SLOTS},
                "granularity": draw(st.sampled_from(["op", "run"])),
            },
        },
        "run_launcher": {
            "kind": draw(st.sampled_from(["DefaultRunLauncher", "K8sRunLauncher"])),
            "launch_seconds": draw(st.sampled_from([0, 1])),
        },
        "run_retries": {"enabled": draw(st.booleans()), "max_retries": draw(st.integers(0, 2))},
        "run_monitoring": {
            "enabled": draw(st.booleans()),
            "max_runtime_seconds": draw(st.sampled_from([0, 900])),
            "free_slots_after_run_end_seconds": draw(st.sampled_from([0, 300])),
        },
    }


@st.composite
def worker_faults(draw: st.DrawFn) -> tuple[Fault, ...]:
    """What befalls the workers, the daemon and the storage."""
    point = {"task": draw(st.sampled_from(TASKS)), "data_date": draw(st.sampled_from(DATES))}
    hour = draw(st.integers(1, 9))
    one: tuple[Fault, ...] = (
        WorkerLost(**point, after="2m"),
        WorkerCrash(**point, after="1m"),
        NetworkSplit(**point, after="1m", lasts="5m"),
        DispatchLost(**point),
        SchedulerCrash(at=f"2024-03-12T0{hour}:00Z", restart=f"2024-03-12T0{hour}:30Z"),
        DatabaseOff(start=f"2024-03-12T0{hour}:05Z", end=f"2024-03-12T0{hour}:50Z"),
    )
    return tuple(draw(st.lists(st.sampled_from(one), unique_by=id, max_size=2)))


@st.composite
def dagster_nights(draw: st.DrawFn) -> Night:
    """A deployment, its troubles, and what its operator does."""
    return Night(
        draw(deployments()),
        "dagster",
        faults=(*draw(faults()), *draw(worker_faults())),
        actions=draw(actions()),
        seed=draw(seeds),
    )


def illegal(journal: Journal) -> list[str]:
    """Changes of state that the vocabulary does not allow."""
    tasks: dict[int, TaskState] = {}
    runs: dict[int, RunState | None] = {}
    found = []
    for row in journal.rows(Fact.TASK_STATE, Fact.RUN_STATE):
        if row.fact is Fact.TASK_STATE:
            state, before = TaskState(row.value % 256), tasks.get(row.entity, TaskState.NONE)
            if state not in TASK_TRANSITIONS[before]:
                found.append(f"{before.word} -> {state.word}")
            tasks[row.entity] = state
        else:
            new, old = RunState(row.value), runs.get(row.entity)
            if new not in RUN_TRANSITIONS[old]:
                found.append(f"{old} -> {new}")
            runs[row.entity] = new
    return found


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
def test_only_what_is_legal_happens(night: Night) -> None:
    """No state follows one that it cannot follow, and nothing happens to a run that is over."""
    journal = night.journal()

    assert [] == illegal(journal)


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
        pools = {key: asset["pool"] for key, asset in night.section["assets"].items()}
        assert most_at_once(journal, pools) <= SLOTS


@settings(max_examples=40)
@given(night=dagster_nights())
def test_the_same_night_writes_the_same_journal(night: Night) -> None:
    """Byte for byte, with everything built anew."""
    assert night.journal().digest == night.journal().digest


@settings(max_examples=40)
@given(night=dagster_nights())
def test_reasons_add_up(night: Night) -> None:
    """From the due of a run to the end of a step, exactly, without a gap or an overlap."""
    journal = night.journal()
    now = int(journal.column("time")[-1])
    ledger = DagsterLedger(journal, night.config.settings, now=now)
    for entity, story in ledger.story.tasks.items():
        waits = ledger.waits(entity)
        start, end = story.run.due, ledger.end(story)
        assert max(end - start, 0) == sum(wait.span for wait in waits)
        assert all(a.end == b.start for a, b in pairwise(waits))
        assert all(wait.span > 0 for wait in waits)
