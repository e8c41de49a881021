"""A small Prefect server with sane defaults, and its journal in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import SECOND, format_instant, parse_instant
from sim.kernel.loop import Kernel
from sim.model.facts import Entity, Fact
from sim.model.states import RUN_TRANSITIONS, TASK_TRANSITIONS, RunState, TaskState
from sim.model.work import SUCCESS, Attempt, Outcome, Result
from sim.orchestrators.prefect.config import PrefectConfig
from sim.orchestrators.prefect.orchestrator import Prefect
from sim.platform.contract import Fate, Platform, SchedulerOutage

if TYPE_CHECKING:
    from sim.model.interventions import Intervention

START = "2024-03-10"
FAILS = Outcome(Result.FAILED, "boom")
SKIPS = Outcome(Result.SKIPPED, "check_failed")


@dataclass
class Work:
    """Every try takes a minute and succeeds, unless `outcomes` says otherwise for (task, try)."""

    kernel: Kernel
    outcomes: dict[tuple[str, int], Outcome] = field(default_factory=dict)
    spans: dict[str, int] = field(default_factory=dict)
    """Of tasks that take another time, in seconds."""
    fates: dict[tuple[str, int], Fate] = field(default_factory=dict)
    begun: list[tuple[str, int, str]] = field(default_factory=list)
    macros: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Process:
        """Start a try."""
        self.macros.append(dict(attempt.macros()))
        self.begun.append((attempt.task, attempt.try_number, attempt.macros()["fecha"]))
        outcome = self.outcomes.get((attempt.task, attempt.try_number), SUCCESS)
        call = self.kernel.after(self.spans.get(attempt.task, 60) * SECOND, on_end, outcome)
        return Process(self, attempt.task, call)

    def send(self, alert: str, attempt: Attempt, *, cause: int) -> None:
        """Note an alert and what it is about."""
        assert cause >= 0
        self.sent.append((alert, attempt.task))

    def of(self, attempt: Attempt) -> Fate | None:
        """What becomes of the worker of a try."""
        return self.fates.get((attempt.task, attempt.try_number))

    def vanishes(self, attempt: Attempt) -> bool:
        """No hand-over is lost."""
        return False

    def delivered_again(self, attempt: Attempt) -> int | None:
        """There is no broker."""


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

    prefect: Prefect
    kernel: Kernel
    work: Work

    def tasks(self, *names: str) -> list[str]:
        """Every change of state of task runs: `03:00:05 a#1 RUNNING`, in Prefect's words."""
        journal = self.kernel.journal
        return [
            f"{clock(row.time)} {name_of(self, row.entity)}#{row.value // 256}"
            f" {row.detail.get('state') or TaskState(row.value % 256).name}"
            for row in journal.rows(Fact.TASK_STATE)
            if not names or journal.name(row.entity) in names
        ]

    def runs(self, flow: str | None = None) -> list[str]:
        """Every change of state of flow runs, by number: `03:00:00 f0 Scheduled`."""
        journal, found = self.kernel.journal, []
        for row in journal.rows(Fact.RUN_STATE, Fact.NATIVE_STATE):
            who = journal.who(row.entity)
            if who.type is not Entity.RUN:
                continue
            pipeline = journal.name(who.parent)
            word = str(row.detail.get("state") or RunState(row.value).name.capitalize())
            if flow in {None, pipeline}:
                found.append(f"{clock(row.time)} {pipeline}{who.number} {word}")
        return found

    def states(self, *, told: bool = True) -> list[str]:
        """Of each flow run that the journal knows, what it is at the end."""
        return [run.state.name for run in self.prefect.server.runs.values() if run.told or not told]

    def illegal(self) -> list[str]:
        """Changes of state that the vocabulary does not allow."""
        tasks: dict[int, TaskState] = {}
        runs: dict[int, RunState | None] = {}
        found = []
        for row in self.kernel.journal.rows(Fact.TASK_STATE, Fact.RUN_STATE):
            if row.fact is Fact.TASK_STATE:
                state, before = TaskState(row.value % 256), tasks.get(row.entity, TaskState.NONE)
                if state not in TASK_TRANSITIONS[before]:
                    found.append(f"{before.word} -> {state.word}")
                tasks[row.entity] = state
            else:
                old, new = runs.get(row.entity), RunState(row.value)
                if new not in RUN_TRANSITIONS[old]:
                    found.append(f"{old} -> {new}")
                runs[row.entity] = new
        return found


def name_of(flight: Flight, entity: int) -> str:
    """`a`, or `a[2]` of a mapped call."""
    who = flight.kernel.journal.who(entity)
    return who.name if who.number < 0 else f"{who.name}[{who.number}]"


def clock(instant: int) -> str:
    """The time of day, `03:00:20`."""
    return format_instant(instant)[11:19]


def at(text: str) -> int:
    """An instant of the first day: `03:00:00`."""
    return parse_instant(f"{START}T{text}")


def chain(*names: str, **common: Any) -> dict[str, Any]:
    """Submitted calls of which each takes the result of the one before."""
    return {
        name: {"params": [names[number - 1]] if number else [], **common}
        for number, name in enumerate(names)
    }


def fly(
    *,
    days: int = 1,
    outcomes: dict[tuple[str, int], Outcome] | None = None,
    spans: dict[str, int] | None = None,
    fates: dict[tuple[str, int], Fate] | None = None,
    actions: tuple[Intervention, ...] = (),
    host_outages: tuple[tuple[int, int], ...] = (),
    database_outages: tuple[tuple[int, int], ...] = (),
    worker_outages: tuple[tuple[str, int, int], ...] = (),
    scheduler_outages: tuple[SchedulerOutage, ...] = (),
    until: int | None = None,
    **section: Any,
) -> Flight:
    """Simulate a server from START on; `a -> b` served at 03:00 unless the section says else."""
    start = parse_instant(START)
    kernel = Kernel(seed=1, start=start)
    work = Work(kernel, outcomes or {}, spans or {}, fates or {})
    end = start + days * 86_400 * SECOND
    platform = Platform(
        kernel=kernel,
        workshop=work,
        announcer=work,
        timezone="UTC",
        end=end,
        host_outages=host_outages,
        database_outages=database_outages,
        worker_outages=worker_outages,
        scheduler_outages=scheduler_outages,
        fates=work if fates else None,
    )
    section.setdefault("flows", {"f": flow(chain("a", "b"))})
    section.setdefault("deployments", {"nightly": {"flow": "f", "schedules": [cron("0 3 * * *")]}})
    prefect = Prefect(msgspec.convert(section, PrefectConfig), platform)
    prefect.start()
    for action in actions:
        kernel.at(action.at, prefect.intervene, action)
    kernel.run(until=end if until is None else until + 1)
    return Flight(prefect, kernel, work)


def flow(calls: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A flow that returns the states of all its calls."""
    return {"calls": calls, "returns": "all", **options}


def cron(text: str, **options: Any) -> dict[str, Any]:
    """A schedule."""
    return {"cron": text, **options}
