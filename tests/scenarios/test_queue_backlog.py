"""The night of queue-backlog: the chapter's table to the second, from causes, and what cures it."""

from __future__ import annotations

import re

import pytest

from sim.engine.simulate import simulate
from sim.kernel.calendar import format_instant
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.scenario.edits import apply_sets
from sim.scenario.load import load_scenario
from sim.session.verdict import judge

NIGHT = "2024-03-14"
STEPS = ("extraer_ventas", "extraer_clientes", "validar", "transformar", "publicar")
POOL_OF_16 = "airflow.pools.default_pool.slots=16"


def played(config: str, *sets: str) -> Journal:
    """The night under one of the scenario's configs, with settings changed."""
    scenario = load_scenario("queue-backlog")
    path = scenario.folder / config
    text = path.read_text(encoding="utf-8")
    changed = apply_sets(text, list(sets), file=str(path), scenario=scenario)
    return simulate(scenario, changed, window=NIGHT)


def instants(journal: Journal, *states: TaskState) -> dict[str, list[str]]:
    """Task -> the time of day, to the second, at which it came into each of these states."""
    found: dict[str, list[str]] = {}
    for row in journal.rows(Fact.TASK_STATE):
        name = journal.name(row.entity)
        if name in STEPS and row.value % 256 in states:
            found.setdefault(name, []).append(format_instant(row.time)[11:19])
    return found


def test_the_table_of_the_chapter_to_the_second() -> None:
    """Queued, started, ended; no instant of it stands in the config."""
    table = instants(played("config.yaml"), TaskState.QUEUED, TaskState.RUNNING, TaskState.SUCCESS)

    assert table == {
        "extraer_ventas": ["03:00:15", "03:00:15", "03:03:15"],
        "extraer_clientes": ["03:03:30", "03:03:30", "03:05:30"],
        "validar": ["03:05:45", "03:47:00", "03:48:00"],
        "transformar": ["03:48:15", "04:32:00", "04:37:00"],
        "publicar": ["04:37:15", "04:37:15", "04:39:15"],
    }


def test_it_waits_queued_since_the_workers_are_full() -> None:
    """At each instant of both waits, all 32 slots of the workers run something."""
    journal = played("config.yaml")
    running: set[int] = set()
    least = 32
    for row in journal.rows(Fact.TASK_STATE):
        time = format_instant(row.time)[11:19]
        (running.add if row.value % 256 == TaskState.RUNNING else running.discard)(row.entity)
        if "03:05:46" < time < "03:46:59" or "03:48:16" < time < "04:31:59":
            least = min(least, len(running))

    assert least == 32


def test_behind_a_full_pool_it_waits_scheduled() -> None:
    """`publicar` can run at 03:12 and is queued at 03:56:30; it starts in that second."""
    journal = played("config.yaml", POOL_OF_16)
    found = instants(journal, TaskState.SCHEDULED, TaskState.QUEUED, TaskState.RUNNING)

    assert found["publicar"] == ["03:12:00", "03:56:30", "03:56:30"]


@pytest.mark.parametrize(
    ("config", "ended"),
    [
        ("solutions/own-queue.yaml", "03:14:15"),
        ("solutions/pool-for-reports.yaml", "03:14:15"),
        ("solutions/reports-later.yaml", "03:14:15"),
        ("solutions/queue-in-the-scheduler.yaml", "03:15:00"),
        ("traps/one-more-worker.yaml", "04:39:15"),
        ("traps/bigger-pool.yaml", "04:39:15"),
        ("traps/priority.yaml", "04:39:15"),
    ],
)
def test_when_the_metrics_are_done(config: str, ended: str) -> None:
    """A quarter past three when slots are kept for them, and not a second sooner otherwise."""
    found = instants(played(config), TaskState.SUCCESS)["publicar"]

    assert found == [ended]


def test_the_default_timeout_takes_it_back_twice_and_fails_it() -> None:
    """Queued three times for more than 600 s, looked for every 120 s; nobody ever ran it."""
    journal = played("traps/default-timeout.yaml")
    queued = instants(journal, TaskState.QUEUED)["validar"]
    failed = instants(journal, TaskState.FAILED)["validar"]

    assert (queued, failed) == (["03:05:45", "03:16:15", "03:28:15"], ["03:40:00"])


@pytest.mark.parametrize(
    "sets",
    [
        ["executor=LocalExecutor", "parallelism=128"],
        ["executor=KubernetesExecutor"],
    ],
)
def test_room_for_everybody_is_no_free_answer(sets: list[str]) -> None:
    """Processes on the scheduler's machine, and nodes that come when needed, are paid for."""
    scenario = load_scenario("queue-backlog")
    text = re.sub(r"  celery_workers:\n(    worker-.*\n)+", "", scenario.config_text)
    room = [f"airflow.cfg.core.{one}" for one in sets]
    room += ["airflow.cluster.nodes_min=2", "airflow.cluster.nodes_max=6"]
    room.append("airflow.cfg.kubernetes_executor.worker_pods_creation_batch_size=32")
    found = apply_sets(text, room, file="config.yaml", scenario=scenario)
    met = {one.id: one.met for one in judge(scenario, found).objectives}

    assert [name for name in met if not met[name]] == ["O3"]
