"""Random small Prefect servers: calls of all modes, retries, caches, limits, deployments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim.faults.plan import DatabaseOff, Fault, SchedulerCrash, WorkerCrash, WorkerLost
from sim.model.interventions import Pause
from tests.properties.nights import TASKS, Night, actions, at, faults, seeds

POOL_LIMIT = 2
TAG_LIMIT = 1
PAUSE = {"approval": {"pause_flow_run": {"timeout": 5400}}}
SUSPENSION = {"approval": {"suspend_flow_run": {"timeout": 7200}}}
STEPS: dict[tuple[str, ...], list[tuple[str, ...]]] = {
    (): [(), (), ("outer",)],
    ("outer",): [("outer",), ("outer", "inner"), ("later",)],
    ("outer", "inner"): [("outer", "inner"), ("outer",), ("later",)],
    ("later",): [("later",)],
}
"""From the blocks of one call to those of the next, so that the calls of each stand together."""
DATES = ("2024-03-10", "2024-03-11")


@st.composite
def prefect_nights(draw: st.DrawFn) -> Night:
    """Two flows, each with a deployment, on a pool with a worker or served."""
    section = {
        "flows": {name: draw(flows()) for name in ("sales", "stock")},
        "tasks": {name: draw(options()) for name in TASKS},
        "deployments": {f"{name}_nightly": draw(deployments(name)) for name in ("sales", "stock")},
        "work_pools": {"pool": {"concurrency_limit": POOL_LIMIT}},
        "workers": {"w1": {"pool": "pool"}},
        "tag_concurrency_limits": {"db": TAG_LIMIT},
    }
    return Night(
        section,
        "prefect",
        faults=(*draw(faults()), *draw(server_faults())),
        actions=(*draw(actions()), *draw(pauses())),
        seed=draw(seeds),
    )


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Any]:
    """A function that calls up to three tasks."""
    calls: dict[str, Any] = {}
    blocks: tuple[str, ...] = ()
    for name in TASKS[: draw(st.integers(1, len(TASKS)))]:
        before = list(calls)
        some = st.lists(st.sampled_from(before), unique=True) if before else st.just([])
        above = draw(some)
        blocks = draw(st.sampled_from(STEPS[blocks]))
        calls[name] = {
            "mode": draw(st.sampled_from(["submit", "direct", "direct_state"])),
            draw(st.sampled_from(["params", "wait_for"])): above,
            "allow_failure": [one for one in above if draw(st.booleans())],
            "transaction": list(blocks),
        }
    pause = draw(st.sampled_from([{}, {}, PAUSE, SUSPENSION]))
    calls |= {name: call | {"transaction": list(blocks)} for name, call in pause.items()}
    if draw(st.booleans()):
        calls = dict(reversed(calls.items())) if not any(map(_takes, calls.values())) else calls
    return {
        "calls": calls,
        "transactions": {name: draw(transactions()) for name in blocks_of(calls)},
        "returns": draw(st.sampled_from(["none", "all"])),
        "waits": draw(st.booleans()),
        "catches": draw(st.booleans()),
        "retries": draw(st.integers(0, 1)),
        "retry_delay_seconds": draw(st.sampled_from([0, 60])),
        "task_runner": {"max_workers": draw(st.sampled_from([None, 1, 2]))},
        "on_failure": draw(st.sampled_from([[], ["ring"]])),
    }


def _takes(call: dict[str, Any]) -> bool:
    return bool(call.get("params") or call.get("wait_for"))


def pauses() -> st.SearchStrategy[tuple[Pause, ...]]:
    """Up to three runs are suspended or resumed by hand."""
    instant = st.integers(at("02:55"), at("09:00"))
    dates = st.sampled_from(["2024-03-10", "2024-03-11"])
    one = st.builds(
        Pause,
        at=instant,
        pipeline=st.sampled_from(["sales", "stock"]),
        data_date=dates,
        paused=st.booleans(),
    )
    return st.lists(one, max_size=3).map(tuple)


@st.composite
def transactions(draw: st.DrawFn) -> dict[str, Any]:
    """What `with transaction():` says."""
    return {
        "commit_mode": draw(st.sampled_from([None, "LAZY", "EAGER", "OFF"])),
        "isolation_level": draw(st.sampled_from([None, "SERIALIZABLE"])),
        "lock_manager": draw(st.sampled_from(["MemoryLockManager", "FileSystemLockManager"])),
        "key": draw(st.sampled_from([None, "{{ fecha }}"])),
        "on_rollback": draw(st.sampled_from([None, "idle"])),
        "catches": draw(st.booleans()),
        "skips_committed": draw(st.booleans()),
    }


def blocks_of(calls: dict[str, Any]) -> list[str]:
    """Every block that a call stands in, once."""
    return list(dict.fromkeys(block for call in calls.values() for block in call["transaction"]))


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    """What `@task` says."""
    return {
        "retries": draw(st.integers(0, 2)),
        "retry_delay_seconds": draw(st.sampled_from([0, 300, [10, 60]])),
        "retry_jitter_factor": draw(st.sampled_from([None, 0.5])),
        "timeout_seconds": draw(st.sampled_from([None, 240])),
        "cache_policy": draw(st.sampled_from([None, "INPUTS", "NO_CACHE"])),
        "persist_result": draw(st.sampled_from([None, True])),
        "cache_key_fn": draw(st.sampled_from([None, None, "{{ task_name }} {{ fecha }}"])),
        "tags": draw(st.sampled_from([[], ["db"]])),
        "on_rollback": draw(st.sampled_from([None, "idle"])),
        "on_commit": draw(st.sampled_from([None, "idle"])),
    }


@st.composite
def deployments(draw: st.DrawFn, flow: str) -> dict[str, Any]:
    """When a flow runs, and how many at a time."""
    cron = draw(st.sampled_from(["0 3 * * *", "0 */6 * * *", "*/30 3 * * *"]))
    made: dict[str, Any] = {
        "flow": flow,
        "schedules": [{"cron": cron}],
        "concurrency_limit": draw(st.sampled_from([None, 1])),
        "collision_strategy": draw(st.sampled_from(["ENQUEUE", "CANCEL_NEW"])),
    }
    if draw(st.booleans()):
        made["work_pool"] = "pool"
    return made


@st.composite
def server_faults(draw: st.DrawFn) -> tuple[Fault, ...]:
    """What befalls processes, the server and its database."""
    point = {"task": draw(st.sampled_from(TASKS)), "data_date": draw(st.sampled_from(DATES))}
    hour = draw(st.integers(1, 9))
    some: tuple[Fault, ...] = (
        WorkerLost(**point, after="2m"),
        WorkerCrash(**point, after="1m"),
        SchedulerCrash(at=f"2024-03-12T0{hour}:00Z", restart=f"2024-03-12T0{hour}:30Z"),
        DatabaseOff(start=f"2024-03-12T0{hour}:05Z", end=f"2024-03-12T0{hour}:50Z"),
    )
    return tuple(draw(st.lists(st.sampled_from(some), unique_by=id, max_size=2)))
