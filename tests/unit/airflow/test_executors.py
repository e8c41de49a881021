"""Executors: when a queued task instance starts, and what happens when it cannot.

From reading the real code only, so each night is computed by hand from its rules.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.model.facts import Fact
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.validate import validate
from tests.unit.airflow.builder import Flight, dag, fly

LONG = 480
"""Longer than all else here, shorter than `task_queued_timeout`."""


def at(flight: Flight, state: str) -> dict[str, str]:
    """When each task got into a state for the last time, `{"a": "03:00:20"}`."""
    found = {}
    for line in flight.tasks():
        _, clock, task, word = line.split()
        if word == state:
            found[task.split("#")[0]] = clock
    return found


def night(executor: str, tasks: dict[str, Any], **section: Any) -> Flight:
    """One night of 3.x; tasks weigh less in the order given, so that their order is certain."""
    weights = {name: {"priority_weight": 9 - number} for number, name in enumerate(tasks)}
    weighed = {name: {**weights[name], **task} for name, task in tasks.items()}
    cfg = {**section.pop("cfg", {})}
    cfg["core"] = {"executor": executor, **cfg.get("core", {})}
    return fly(dags={"d": dag(weighed)}, version=section.pop("version", 3), cfg=cfg, **section)


# -- Celery -------------------------------------------------------------------------------------


def test_a_celery_worker_takes_the_next_when_a_process_is_free() -> None:
    """Not in a loop of the scheduler: at the very instant at which the other one ends."""
    flight = night(
        "CeleryExecutor",
        {"a": {}, "b": {}},
        celery_workers={"w1": {"concurrency": 1}},
        spans={"a": 90},
        loop=7,
    )

    assert at(flight, "queued") == {"a": "03:00:01", "b": "03:00:01"}
    assert at(flight, "running") == {"a": "03:00:01", "b": "03:01:31"}


def test_a_queue_without_a_worker_waits_until_it_is_stuck() -> None:
    """Nobody listens to `big`: taken back twice by the check of every 2 min, then failed.

    Queued for more than 10 min at 03:12, then since 03:12:01 at 03:24, then at 03:36.
    """
    flight = night("CeleryExecutor", {"a": {"queue": "big"}, "b": {}})

    assert [line[6:] for line in flight.tasks("a")] == [
        "03:00:00 a#1 scheduled",
        "03:00:00 a#1 queued",
        "03:12:00 a#1 scheduled",
        "03:12:01 a#1 queued",
        "03:24:00 a#1 scheduled",
        "03:24:01 a#1 queued",
        "03:36:00 a#1 failed",
    ]
    assert flight.tasks("b")[-1].endswith("success")


FOUR: dict[str, Any] = {"a": {}, "b": {}, "c": {}, "d": {}}
TWO_WORKERS = {"w1": {"concurrency": 1}, "w2": {"concurrency": 1}}


@pytest.mark.parametrize(
    ("celery", "start_of_c"),
    [
        ({}, "03:01:00"),
        ({"worker_prefetch_multiplier": 2}, "03:08:00"),
        ({"task_acks_late": False}, "03:08:00"),
    ],
)
def test_a_reserved_message_waits_behind_a_long_one(
    celery: dict[str, Any], start_of_c: str
) -> None:
    """Task a takes 8 minutes on w1. With one message reserved beside it, c waits for its end there.

    Otherwise w2 takes c as soon as it is through with b.
    """
    flight = night(
        "CeleryExecutor",
        FOUR,
        celery_workers=TWO_WORKERS,
        spans={"a": LONG},
        cfg={"celery": celery},
    )

    assert at(flight, "running")["c"] == start_of_c


def test_visibility_timeout_delivers_again() -> None:
    """After 4 minutes w2 gets copies of a, which still runs, and of c, which waits behind it.

    The copy of a is refused, that of c starts, and c's first message is refused at 03:08.
    """
    flight = night(
        "CeleryExecutor",
        FOUR,
        celery_workers=TWO_WORKERS,
        spans={"a": LONG},
        cfg={
            "celery": {"worker_prefetch_multiplier": 2},
            "celery_broker_transport_options": {"visibility_timeout": "4m"},
        },
    )

    journal = flight.kernel.journal
    refused = [
        (flight.clock(row.time), journal.name(row.entity), row.detail["end"])
        for row in journal.rows(Fact.PROCESS)
    ]
    assert refused == [("03:04:00", "a", "refused"), ("03:08:00", "c", "refused")]
    assert at(flight, "running")["c"] == "03:04:00"
    assert at(flight, "success")["a"] == "03:08:00"


@pytest.mark.parametrize(
    ("mended", "states"),
    [
        ("03:00:02", ["03:00:02 a#1 running", "03:01:02 a#1 success"]),
        ("03:00:04", ["03:00:03 a#1 failed"]),
    ],
)
def test_a_broker_that_does_not_answer(mended: str, states: list[str]) -> None:
    """Sent in the loop that queued it and in three more; then the executor says that it failed."""
    flight = night(
        "CeleryExecutor",
        {"a": {}},
        broker_outages=(("2024-03-10T02:59:59", f"2024-03-10T{mended}"),),
    )

    assert [line[6:] for line in flight.tasks()[2:]] == states


def test_what_a_dead_worker_had_reserved_comes_again() -> None:
    """The message of b was not acknowledged: after the visibility timeout w2 gets it."""
    flight = night(
        "CeleryExecutor",
        {"a": {}, "b": {}},
        celery_workers={"w1": {"concurrency": 1}, "w2": {"queues": ["other"]}},
        cfg={
            "celery": {"worker_prefetch_multiplier": 2},
            "celery_broker_transport_options": {"visibility_timeout": "10m"},
        },
        worker_outages=(("w1", "2024-03-10T03:00:30", "2024-03-10T03:05:00"),),
    )

    assert at(flight, "running")["b"] == "03:10:00"
    assert flight.work.killed == ["a: worker_off"]
    # its last heartbeat was at 03:00:30; older than 5 min at the check of 03:05:40
    assert flight.tasks("a")[-1].endswith("03:05:41 a#1 failed")


# -- Kubernetes ---------------------------------------------------------------------------------


def test_one_pod_a_loop() -> None:
    """Three queued at once; their pods are created in three loops, 20 s before they start."""
    flight = night("KubernetesExecutor", {"a": {}, "b": {}, "c": {}})

    assert set(at(flight, "queued").values()) == {"03:00:00"}
    assert at(flight, "running") == {"a": "03:00:20", "b": "03:00:21", "c": "03:00:22"}


BATCH = {"kubernetes_executor": {"worker_pods_creation_batch_size": 16}}


@pytest.mark.parametrize(
    ("spans", "start_of_b"), [({"a": 60}, "03:01:40"), ({"a": LONG}, "03:02:20")]
)
def test_a_pod_without_a_node_waits_for_one(spans: dict[str, int], start_of_b: str) -> None:
    """The node has room for one pod: b waits for a's end, or 120 s for another node."""
    flight = night(
        "KubernetesExecutor",
        {"a": {}, "b": {}},
        spans=spans,
        cfg=BATCH,
        cluster={"pods_per_node": 1, "nodes_max": 2},
    )

    assert at(flight, "running")["b"] == start_of_b


@pytest.mark.parametrize(
    ("retries", "last"),
    [
        (0, "03:00:00 b#1 failed"),
        (2, "03:00:02 b#1 failed"),
        (-1, "03:02:40 b#1 success"),
    ],
)
def test_an_exceeded_quota(retries: int, last: str) -> None:
    """One pod in the namespace: b is refused in each loop; -1 asks until a's is gone, 03:01:20."""
    options = {**BATCH["kubernetes_executor"], "task_publish_max_retries": retries}
    flight = night(
        "KubernetesExecutor",
        {"a": {}, "b": {}},
        cfg={"kubernetes_executor": options},
        cluster={"quota": 1},
    )

    assert flight.tasks("b")[-1] == f"03-10 {last}"


def test_a_pod_that_fails_before_its_task_starts() -> None:
    """Replaced once without costing a try, 20 s each; then an ordinary failure with its retry."""
    flight = night("KubernetesExecutor", {"a": {"retries": 1}}, cluster={"launch_failures": 1.0})

    assert flight.tasks()[:4] == [
        "03-10 03:00:00 a#1 scheduled",
        "03-10 03:00:00 a#1 queued",
        "03-10 03:00:40 a#1 up_for_retry",
        "03-10 03:05:41 a#2 scheduled",
    ]
    assert flight.illegal() == []


# -- Sequential, and several ---------------------------------------------------------------------


def test_sequential_executor_stops_the_loop() -> None:
    """Tasks a and b run one after the other; a DAG due at 03:00:30 is seen when both are over."""
    late = dag({"x": {}}, schedule="@once", start_date="2024-03-10T03:00:30")
    weighed = {"a": {"priority_weight": 2}, "b": {}}
    flight = fly(
        dags={"d": dag(weighed), "late": late}, cfg={"core": {"executor": "SequentialExecutor"}}
    )

    assert at(flight, "queued") == {"a": "03:00:00", "b": "03:00:00", "x": "03:02:00"}
    assert at(flight, "running") == {"a": "03:00:00", "b": "03:01:00", "x": "03:02:00"}


@pytest.mark.parametrize(("parallelism", "queued"), [(2, "03:00:00"), (1, "03:01:01")])
def test_several_executors_share_parallelism(parallelism: int, queued: str) -> None:
    """Task b has its own executor, and its pod takes 20 s; the slot of a counts all the same."""
    flight = night(
        "LocalExecutor,KubernetesExecutor",
        {"a": {}, "b": {"executor": "KubernetesExecutor"}},
        cfg={"core": {"parallelism": parallelism}},
    )

    assert at(flight, "queued") == {"a": "03:00:00", "b": queued}
    minute, second = queued[:6], int(queued[6:]) + 20
    assert at(flight, "running") == {"a": "03:00:00", "b": f"{minute}{second}"}


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ({"cfg": {"core": {"executor": "DaskExecutor"}}}, ("cfg", "core", "executor")),
        ({"cfg": {"core": {"executor": "SequentialExecutor"}}}, ("cfg", "core", "executor")),
        ({"cfg": {"celery": {"worker_concurrency": 0}}}, ("cfg", "celery", "worker_concurrency")),
        ({"cluster": {"pod_start": "soon"}}, ("cluster", "pod_start")),
        ({"cluster": {"nodes_min": 3}}, ("cluster", "nodes_min")),
        ({"cluster": {"launch_failures": 2.0}}, ("cluster", "launch_failures")),
        (
            {"dags": {"d": dag({"a": {"executor": "CeleryExecutor"}})}},
            ("dags", "d", "tasks", "a", "executor"),
        ),
    ],
)
def test_what_cannot_be_is_said(section: dict[str, Any], path: tuple[str, ...]) -> None:
    """Each mistake is one problem at its place; SequentialExecutor went with 2.x."""
    config = msgspec.convert({"dags": {"d": dag({"a": {}})}, **section}, AirflowConfig)

    assert [problem.path for problem in validate(config, tasks=["a"])] == [path]


@pytest.mark.parametrize(
    ("executor", "ends"),
    [
        ("LocalExecutor", {"a": "03:06:00", "b": "03:07:00"}),
        ("CeleryExecutor", {"a": "03:01:00", "b": "03:06:00"}),
        ("KubernetesExecutor", {"a": "03:01:20", "b": "03:06:20"}),
    ],
)
def test_work_elsewhere_survives_the_host(executor: str, ends: dict[str, str]) -> None:
    """The scheduler's host is off from 03:00:30 to 03:05.

    Only LocalExecutor's process goes with it, and a starts anew; elsewhere a ends on its own, and
    the new scheduler goes on with b.
    """
    flight = night(
        executor,
        {"a": {}, "b": {"upstream": ["a"]}},
        host_outages=(("2024-03-10T03:00:30", "2024-03-10T03:05:00"),),
    )

    assert at(flight, "success") == ends
