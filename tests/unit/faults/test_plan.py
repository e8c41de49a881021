"""Faults are data: a plan goes through JSON, and each fault does what it says on a replay."""

from __future__ import annotations

import msgspec
import pytest

from sim.faults.plan import (
    AttemptCrash,
    BrokerOff,
    Crashes,
    DoubleCron,
    DoubleDelivery,
    Fault,
    HostOff,
    LateReport,
    SourceLate,
    SourceOutage,
    WorkerOff,
)
from sim.kernel.calendar import format_instant
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import RunState, TaskState
from tests.unit.session.shop import airflow, played

PLAN: tuple[Fault, ...] = (
    AttemptCrash(task="copy", data_date="2024-03-11", try_number=2, before_statement=1),
    HostOff(start="2024-03-12T02:00Z", end="2024-03-12T06:00Z"),
    SourceOutage(system="db", start="2024-03-12T02:00Z", end="2024-03-12T04:00Z", mode="refuse"),
    WorkerOff(worker="worker-1", start="2024-03-12T02:00Z", end="2024-03-12T04:00Z"),
    BrokerOff(start="2024-03-12T02:00Z", end="2024-03-12T04:00Z"),
    AttemptCrash(task="copy", data_date="2024-03-11", inside="completes"),
    SourceLate(source="db.x", data_date="2024-03-11", until="2024-03-12T06:00Z", rows=10),
    LateReport(task="copy", data_date="2024-03-11", late="20m"),
    DoubleDelivery(task="copy", data_date="2024-03-11", after="1m"),
    DoubleCron(start="2024-03-12T02:00Z", end="2024-03-12T04:00Z", same_host=False),
)


def clocks(journal: Journal, fact: Fact, value: int) -> list[str]:
    """Day and time of each fact of a kind with this value."""
    return [
        format_instant(row.time)[5:16].replace("T", " ")
        for row in journal.rows(fact)
        if row.value == value
    ]


def test_a_plan_survives_json() -> None:
    """Every fault is told apart by its tag, and comes back equal."""
    text = msgspec.json.encode(PLAN)

    assert msgspec.json.decode(text, type=tuple[Fault, ...]) == PLAN


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "earthquake"}',
        '{"type": "host_off", "start": "2024-03-12"}',
        '{"type": "attempt_crash", "task": "copy", "data_date": "2024-03-11", "when": "now"}',
        '{"type": "source_outage", "system": "db", "start": "a", "end": "b", "mode": "moody"}',
    ],
)
def test_a_fault_that_is_none_is_refused(text: str) -> None:
    """Unknown tags, keys and modes are errors, and so is what is missing."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=Fault)  # type: ignore[arg-type]

    assert msgspec.json.decode(msgspec.json.encode(PLAN[1]), type=HostOff) == PLAN[1]


def test_a_crash_is_found_by_all_four_of_its_names() -> None:
    """Task, date, try and boundary: change one, and nothing happens."""
    crashes = Crashes(PLAN)
    point = ("copy", "2024-03-11", 2, 1)
    others = [
        ("load", "2024-03-11", 2, 1), ("copy", "2024-03-12", 2, 1),
        ("copy", "2024-03-11", 1, 1), ("copy", "2024-03-11", 2, 2),
    ]  # fmt: skip

    def here(task: str, day: str, number: int, boundary: int) -> bool:
        return crashes.here(task, day, try_number=number, before_statement=boundary)

    assert here(*point) is True
    assert [here(*other) for other in others] == [False] * 4


def test_a_host_without_power_starts_nothing_until_it_is_back() -> None:
    """Cron forgets the missed line; Airflow's scheduler creates the run when it is up again."""
    off = HostOff(start="2024-03-12T02:00Z", end="2024-03-12T06:00Z")
    section = {"crontab": "0 3 * * * copy && publish"}
    cron = played(orchestrator="cron", section=section, faults=(off,)).journal
    scheduled = played(faults=(off,)).journal

    assert clocks(cron, Fact.HOST, 0) == ["03-12 02:00"]
    assert clocks(cron, Fact.HOST, 1) == ["03-12 06:00"]
    assert clocks(cron, Fact.RUN_STATE, RunState.RUNNING) == ["03-13 03:00"]
    assert clocks(scheduled, Fact.RUN_STATE, RunState.RUNNING) == ["03-12 06:00", "03-13 03:00"]


def test_a_celery_worker_that_is_off_starts_nothing() -> None:
    """The run is there in time; its first task waits in the broker until the worker is back."""
    section = {**airflow(), "cfg": {"core": {"executor": "CeleryExecutor"}}}
    off = WorkerOff(worker="worker-1", start="2024-03-12T02:00Z", end="2024-03-12T03:08Z")
    journal = played(section=section, faults=(off,)).journal
    started = [
        format_instant(row.time)[5:16].replace("T", " ")
        for row in journal.rows(Fact.TASK_STATE)
        if row.value % 256 == TaskState.RUNNING
    ]

    assert clocks(journal, Fact.WORKER, 0) == ["03-12 02:00"]
    assert clocks(journal, Fact.RUN_STATE, RunState.RUNNING)[0] == "03-12 03:00"
    assert started[0] == "03-12 03:08"


def test_a_broker_that_is_off_fails_what_is_sent() -> None:
    """Four loops try; then the try has failed without ever having started."""
    section = {**airflow(), "cfg": {"core": {"executor": "CeleryExecutor"}}}
    off = BrokerOff(start="2024-03-12T02:00Z", end="2024-03-12T06:00Z")
    journal = played(section=section, faults=(off,)).journal
    reasons = [row.detail.get("reason") for row in journal.rows(Fact.TASK_STATE)]

    assert "broker_timeout" in reasons


def test_an_outage_is_like_one_of_the_scenario() -> None:
    """It opens and closes in the journal, and whoever reads meets it."""
    down = SourceOutage(
        system="db", start="2024-03-12T02:00Z", end="2024-03-12T04:00Z", mode="partial", rows=5
    )
    journal = played(faults=(down,)).journal
    read = next(journal.rows(Fact.SOURCE_READ))

    assert clocks(journal, Fact.OUTAGE, 1) == ["03-12 02:00"]
    assert clocks(journal, Fact.OUTAGE, 0) == ["03-12 04:00"]
    assert (read.value, read.detail["mode"]) == (5, "partial")


def test_a_plan_that_hits_nothing_changes_nothing() -> None:
    """A crash of a task that there is not leaves the journal byte for byte as it was."""
    nothing = AttemptCrash(task="nobody", data_date="2024-03-11")

    assert played(faults=(nothing,)).journal.digest == played().journal.digest
