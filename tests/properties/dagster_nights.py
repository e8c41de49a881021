"""Random small Dagster deployments: assets, policies, narrow limits, troubles of the daemon."""

from __future__ import annotations

from typing import Any

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
from tests.properties.nights import TASKS, Night, actions, faults, seeds

SLOTS = 1
RUNS = 2
DATES = ("2024-03-10", "2024-03-11", "2024-03-12")


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
    last = list(assets)[-1]
    several = draw(st.booleans())
    if several:
        # the last asset has a sibling that reads it, made by the same op
        one = assets[last]
        op = {name: one.pop(name) for name in ("pool", "op_tags", "retry_policy")}
        one.pop("output_required")
        one["op"] = "both"
        again = {"partitions_def": "p"} if partitions else {}
        assets["sibling"] = {"op": "both", "deps": [last], "code_version": "1", **again}
    stale = draw(st.booleans()) and not partitions
    crons = draw(st.sampled_from(["0 3 * * *", "30 1 * * *", "0 */6 * * *"]))
    running = {"job": "sales", "default_status": "RUNNING", "stale_assets_only": stale}
    sensors = {"ready": {**running, "system": "db"}} if draw(st.booleans()) else {}
    definition = {"dimension": {"type": "daily", "start_date": "2024-03-01"}}
    return {
        "assets": assets,
        "multi_assets": {"both": {"compute": last, **op}} if several else {},
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
