"""A small Airflow deployment with sane defaults, and its journal in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import SECOND, format_instant, parse_instant
from sim.kernel.loop import Kernel
from sim.model.facts import Fact
from sim.model.states import TASK_TRANSITIONS, RunState, TaskState
from sim.model.work import SUCCESS, Attempt, Outcome
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.platform.contract import Platform

if TYPE_CHECKING:
    from sim.model.interventions import Intervention

START = "2024-03-10"
Ending = Callable[[Kernel], Outcome]
"""An outcome that depends on when the try ends."""


@dataclass
class Work:
    """Every try takes a minute and succeeds, unless `outcomes` says otherwise for (task, try)."""

    kernel: Kernel
    outcomes: dict[tuple[str, int], Outcome | Ending] = field(default_factory=dict)
    span_us: int = 60 * SECOND
    spans: dict[str, int] = field(default_factory=dict)
    """Of tasks that take another time, in seconds."""
    begun: list[tuple[str, int, str]] = field(default_factory=list)
    sent: list[tuple[str, str, int]] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Process:
        """Start a try."""
        self.begun.append((attempt.task, attempt.try_number, attempt.macros()["fecha"]))
        outcome = self.outcomes.get((attempt.task, attempt.try_number), SUCCESS)
        span_us = self.spans.get(attempt.task, 0) * SECOND or self.span_us
        call = self.kernel.after(span_us, self._end, outcome, on_end)
        return Process(self, attempt.task, call)

    def _end(self, outcome: Outcome | Ending, on_end: Callable[[Outcome], None]) -> None:
        on_end(outcome(self.kernel) if callable(outcome) else outcome)

    def send(self, alert: str, attempt: Attempt, *, cause: int) -> None:
        """Note an alert and the state that it is about."""
        self.sent.append((alert, attempt.task, self.kernel.journal[cause].value % 256))


@dataclass
class Process:
    """A try under way."""

    work: Work
    task: str
    call: Any

    def kill(self, reason: str) -> None:
        """End it."""
        self.work.killed.append(f"{self.task}: {reason}")
        self.call.cancel()


@dataclass
class Flight:
    """A finished simulation."""

    airflow: Airflow
    kernel: Kernel
    work: Work

    def tasks(self, task: str | None = None) -> list[str]:
        """Every change of state of task instances: `03-10 03:00:00 load#1 queued`."""
        journal = self.kernel.journal
        return [
            f"{format_instant(row.time)[5:-1].replace('T', ' ')} {journal.name(row.entity)}"
            f"#{row.value // 256} {TaskState(row.value % 256).word}"
            for row in journal.rows(Fact.TASK_STATE)
            if task in {None, journal.name(row.entity)}
        ]

    @staticmethod
    def clock(instant: int) -> str:
        """The time of day, `03:00:20`."""
        return format_instant(instant)[11:19]

    def runs(self) -> list[str]:
        """Every change of state of runs: `03-10 03:00:00 scheduled__… queued`."""
        journal = self.kernel.journal
        return [
            f"{format_instant(row.time)[5:-1].replace('T', ' ')} {journal.name(row.entity)}"
            f" {RunState(row.value).word}"
            for row in journal.rows(Fact.RUN_STATE)
        ]

    def illegal(self) -> list[tuple[int, str, str]]:
        """Changes of state that no Airflow makes."""
        last: dict[int, TaskState] = {}
        found = []
        for row in self.kernel.journal.rows(Fact.TASK_STATE):
            state = TaskState(row.value % 256)
            before = last.get(row.entity, TaskState.NONE)
            if row.entity in last and state not in TASK_TRANSITIONS[before]:
                found.append((row.index, before.word, state.word))
            last[row.entity] = state
        return found


def dag(tasks: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    """A DAG `a -> b` at 03:00 every day, but for what is given."""
    chain: dict[str, Any] = {"a": {}, "b": {"upstream": ["a"]}}
    return {
        "schedule": "0 3 * * *",
        "start_date": "2024-01-01",
        "catchup": False,
        "tasks": chain if tasks is None else tasks,
        **settings,
    }


def fly(
    *,
    dags: dict[str, Any] | None = None,
    version: int = 2,
    days: int = 1,
    outcomes: dict[tuple[str, int], Outcome | Ending] | None = None,
    actions: tuple[Intervention, ...] = (),
    host_outages: tuple[tuple[str, str], ...] = (),
    worker_outages: tuple[tuple[str, str, str], ...] = (),
    broker_outages: tuple[tuple[str, str], ...] = (),
    database_outages: tuple[tuple[str, str], ...] = (),
    span_us: int = 60 * SECOND,
    until: str | None = None,
    spans: dict[str, int] | None = None,
    prepare: Callable[[Airflow, Kernel], object] | None = None,
    **section: Any,
) -> Flight:
    """Simulate a deployment from START on, up to and with the instant `until`."""
    start = parse_instant(START)
    kernel = Kernel(seed=1, start=start)
    work = Work(kernel, outcomes or {}, span_us, spans or {})
    end = start + days * 86_400 * SECOND
    platform = Platform(
        kernel=kernel,
        workshop=work,
        announcer=work,
        timezone="UTC",
        end=end,
        host_outages=tuple((parse_instant(off), parse_instant(on)) for off, on in host_outages),
        worker_outages=tuple(
            (name, parse_instant(off), parse_instant(on)) for name, off, on in worker_outages
        ),
        broker_outages=tuple((parse_instant(off), parse_instant(on)) for off, on in broker_outages),
        database_outages=tuple(
            (parse_instant(off), parse_instant(on)) for off, on in database_outages
        ),
    )
    config = {"version": version, "dags": {"d": dag()} if dags is None else dags, **section}
    airflow = Airflow(msgspec.convert(config, AirflowConfig), platform)
    airflow.start()
    if prepare is not None:
        prepare(airflow, kernel)
    for action in actions:
        kernel.at(action.at, airflow.intervene, action)
    kernel.run(until=end if until is None else parse_instant(until) + 1)
    return Flight(airflow, kernel, work)
