"""Why each instant of a call passed, what could be lifted, and the tables of the server."""

from __future__ import annotations

from typing import Any

import msgspec

from sim.orchestrators.prefect.config import PrefectConfig
from sim.session.without.prefect import CHANGES
from sim.views.ledger.prefect import PrefectLedger, ledger
from sim.views.ledger.reasons import Reason
from sim.views.metadata.prefect import books
from tests.unit.prefect.builder import FAILS, Flight, at, chain, cron, flow, fly

POOL: dict[str, Any] = {"work_pools": {"p": {}}, "workers": {"w": {"pool": "p"}}}


def of(flight: Flight) -> PrefectLedger:
    """The ledger of a finished simulation."""
    return ledger(flight.kernel.journal, flight.prefect.server.config, now=flight.kernel.now)


def reasons(flight: Flight, task: str, *, number: int = 0) -> list[tuple[str, str, int]]:
    """Each wait of a task in one of its runs, from its time on: reason, blocker, seconds."""
    book = of(flight)
    entity = [one.entity for one in book.story.tasks.values() if one.task_id == task][number]
    return [
        (one.reason.value, one.blocker, one.span // 1_000_000)
        for one in book.waits(entity)
        if one.reason is not Reason.SCHEDULE
    ]


def gaps(flight: Flight) -> list[str]:
    """Tasks whose waits do not follow each other from their due to their end."""
    book, found = of(flight), []
    for entity, story in book.story.tasks.items():
        at_now = story.run.due
        for wait in book.waits(entity):
            if wait.start != at_now:
                found.append(f"{story.name} at {wait.start}")
            at_now = wait.end
        if at_now != max(book.end(story), story.run.due):
            found.append(f"{story.name} ends at {at_now}")
    return found


def deployed(text: str = "0 3 * * *", **options: Any) -> dict[str, Any]:
    """A deployment of `f` in the pool."""
    return {"nightly": {"flow": "f", "work_pool": "p", "schedules": [cron(text)], **options}}


def test_a_call_waits_for_what_is_above_it() -> None:
    """And runs."""
    flight = fly()

    assert [("running", "", 60)] == reasons(flight, "a")
    assert [("upstream", "a", 60), ("running", "", 60)] == reasons(flight, "b")
    assert [] == gaps(flight)


def test_a_call_waits_for_a_thread() -> None:
    """Two threads, of which one waits."""
    calls = {"a": {}, "b": {"wait_for": ["a"]}, "c": {}}
    flight = fly(flows={"f": flow(calls, task_runner={"max_workers": 2})})

    assert [("thread", "2", 60), ("running", "", 60)] == reasons(flight, "c")
    assert [] == gaps(flight)


def test_a_run_waits_for_a_worker_that_is_down() -> None:
    """Late, then picked up and started."""
    flight = fly(
        **POOL, deployments=deployed(), worker_outages=(("w", at("02:00:00"), at("04:00:00")),)
    )

    assert [("worker", "w", 3600), ("start_up", "run", 3), ("running", "", 60)] == reasons(
        flight, "a"
    )
    assert [] == gaps(flight)


def test_a_run_waits_for_its_deployment_and_its_pool() -> None:
    """Whichever is full."""
    spans = {"a": 90, "b": 1}
    limited = fly(**POOL, spans=spans, deployments=deployed("0,1 3 * * *", concurrency_limit=1))
    pool = {"work_pools": {"p": {"concurrency_limit": 1}}, "workers": {"w": {"pool": "p"}}}
    full = fly(**pool, spans=spans, deployments=deployed("0,1 3 * * *"))

    assert "deployment_limit" in [one[0] for one in reasons(limited, "a", number=1)]
    assert "work_pool_limit" in [one[0] for one in reasons(full, "a", number=1)]
    assert [] == gaps(limited) + gaps(full)


def test_retries_and_tags_are_told() -> None:
    """The delay of a task, and the slot that it holds meanwhile."""
    flight = fly(
        flows={"f": flow({"a": {}, "b": {}})},
        tasks={
            "a": {"tags": ["db"], "retries": 1, "retry_delay_seconds": 30},
            "b": {"tags": ["db"]},
        },
        tag_concurrency_limits={"db": 1},
        outcomes={("a", 1): FAILS},
    )

    assert [("running", "", 60), ("retry_delay", "", 30), ("running", "", 60)] == reasons(
        flight, "a"
    )
    assert ("tag_limit", "db") == reasons(flight, "b")[0][:2]
    assert [] == gaps(flight)


def test_what_a_flow_retry_waits_for_adds_up() -> None:
    """The delay of the flow is a delay of each of its calls."""
    calls = {name: {"mode": "direct"} for name in ("a", "b")}
    flight = fly(
        outcomes={("b", 1): FAILS}, flows={"f": flow(calls, retries=1, retry_delay_seconds=5)}
    )

    assert ("retry_delay", "", 5) in reasons(flight, "b")
    assert [] == gaps(flight)


def test_each_limit_can_be_lifted() -> None:
    """Every change makes a config that still is one, and that differs."""
    section = {
        **POOL,
        "work_pools": {"p": {"concurrency_limit": 1}},
        "flows": {"f": flow(chain("a", "b"), task_runner={"max_workers": 1})},
        "tasks": {"a": {"tags": ["db"], "retries": 1, "retry_delay_seconds": 5}},
        "tag_concurrency_limits": {"db": 1},
        "deployments": deployed(concurrency_limit=1),
    }
    config = msgspec.convert(section, PrefectConfig)
    flight = fly(**section)
    book = of(flight)
    story = next(one for one in book.story.tasks.values() if one.task_id == "a")
    wait = book.waits(story.entity)[-1]
    blockers = {
        Reason.DEPLOYMENT_LIMIT: "nightly",
        Reason.WORK_POOL_LIMIT: "p",
        Reason.TAG_LIMIT: "db",
    }

    for reason, change in CHANGES.items():
        blocked = type(wait)(wait.task_instance, 0, 1, reason, blockers.get(reason, ""))
        assert config != change(config, blocked, story)


def test_the_tables_hold_what_the_server_knows() -> None:
    """By Prefect's names: runs with the names of their states, and what the config sets."""
    flight = fly(
        **POOL,
        deployments=deployed(),
        outcomes={("a", 1): FAILS},
        tasks={"a": {"retries": 1}},
        tag_concurrency_limits={"db": 3},
    )
    config = flight.prefect.server.config
    tables = {
        one.name: list(one.rows())
        for one in books(flight.kernel.journal, config, start=at("00:00:00"), now=flight.kernel.now)
    }

    assert ["Completed"] == [row["state_name"] for row in tables["flow_run"]]
    assert [("a", 2), ("b", 1)] == [(row["name"], row["run_count"]) for row in tables["task_run"]]
    assert ["Scheduled", "Pending", "Running", "Completed"] == [
        row["name"] for row in tables["flow_run_state"]
    ]
    assert ["Pending", "Running", "Retrying", "Completed"] == [
        row["name"] for row in tables["task_run_state"] if row["task_run"] == "a"
    ]
    assert ["nightly"] == [row["id"] for row in tables["deployment"]]
    assert [3] == [row["limit"] for row in tables["concurrency_limit_v2"]]
