"""A small Dagster deployment with sane defaults, and its journal in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import SECOND, format_instant, parse_instant
from sim.kernel.loop import Kernel
from sim.model.facts import Fact
from sim.model.states import RUN_TRANSITIONS, TASK_TRANSITIONS, RunState, TaskState
from sim.model.work import SUCCESS, Attempt, Outcome, Result, Returned
from sim.orchestrators.dagster.config import DagsterConfig
from sim.orchestrators.dagster.orchestrator import Dagster
from sim.platform.contract import Fate, Platform, SchedulerOutage

if TYPE_CHECKING:
    from sim.model.interventions import Intervention

START = "2024-03-10"
FAILS = Outcome(Result.FAILED, "boom")
NOT_READY = Outcome(Result.NOT_READY, "not_ready")
SKIPS = Outcome(Result.SKIPPED, "check_failed")
CHECK_FAILS = Outcome(Result.FAILED, "check_failed")


@dataclass
class Work:
    """Every try takes a minute and succeeds, unless `outcomes` says otherwise for (task, try)."""

    kernel: Kernel
    outcomes: dict[tuple[str, int], Outcome] = field(default_factory=dict)
    spans: dict[str, int] = field(default_factory=dict)
    """Of tasks that take another time, in seconds."""
    ready_at: dict[str, int] = field(default_factory=dict)
    """From when on a sensor's question is answered with yes."""
    fates: dict[tuple[str, int], Fate] = field(default_factory=dict)
    returns: dict[str, list[Returned]] = field(default_factory=dict)
    """What a task returns, try after try."""
    begun: list[tuple[str, int, str]] = field(default_factory=list)
    macros: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Process:
        """Start a try."""
        self.macros.append(dict(attempt.macros()))
        if attempt.task in self.ready_at:
            ready = self.kernel.now >= self.ready_at[attempt.task]
            call = self.kernel.after(SECOND, on_end, SUCCESS if ready else NOT_READY)
            return Process(self, attempt.task, call)
        self.begun.append((attempt.task, attempt.try_number, attempt.macros()["fecha"]))
        outcome = self.outcomes.get((attempt.task, attempt.try_number), SUCCESS)
        if self.returns.get(attempt.task):
            outcome = replace(outcome, returned=self.returns[attempt.task].pop(0))
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
        """Whether a launch is lost."""
        return (attempt.task, 0) in self.fates

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

    dagster: Dagster
    kernel: Kernel
    work: Work

    def steps(self, *keys: str) -> list[str]:
        """Every change of state of steps: `03:00:05 a#1 running`."""
        journal = self.kernel.journal
        return [
            f"{clock(row.time)} {journal.name(row.entity)}#{row.value // 256}"
            f" {TaskState(row.value % 256).word}"
            for row in journal.rows(Fact.TASK_STATE)
            if not keys or journal.name(row.entity) in keys
        ]

    def runs(self, job: str | None = None) -> list[str]:
        """Every change of status of runs, by the number of the run: `03:00:00 j0 QUEUED`."""
        journal, found = self.kernel.journal, []
        for row in journal.rows(Fact.RUN_STATE, Fact.NATIVE_STATE):
            who = journal.who(row.entity)
            pipeline = journal.name(who.parent)
            word = str(row.detail.get("state") or RunState(row.value).name)
            word = word.replace("FAILED", "FAILURE")
            if job in {None, pipeline}:
                found.append(f"{clock(row.time)} {pipeline}{who.number} {word}")
        return found

    def ticks(self) -> list[str]:
        """Every tick that was written: `03:00:00 nightly 1`."""
        journal = self.kernel.journal
        return [
            f"{clock(row.time)} {journal.name(row.entity)} {row.value}"
            for row in journal.rows(Fact.TICK)
        ]

    def statuses(self) -> list[str]:
        """Of each run what it is at the end."""
        return [run.status.value for run in self.dagster.instance.runs]

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


def clock(instant: int) -> str:
    """The time of day, `03:00:20`."""
    return format_instant(instant)[11:19]


def at(text: str) -> int:
    """An instant of the first day: `03:00:00`."""
    return parse_instant(f"{START}T{text}")


def chain(*keys: str, **common: Any) -> dict[str, Any]:
    """Assets of which each reads the one before."""
    return {
        key: {"deps": [keys[number - 1]] if number else [], **common}
        for number, key in enumerate(keys)
    }


def fly(
    *,
    days: int = 1,
    outcomes: dict[tuple[str, int], Outcome] | None = None,
    spans: dict[str, int] | None = None,
    ready_at: dict[str, int] | None = None,
    fates: dict[tuple[str, int], Fate] | None = None,
    returns: dict[str, list[Returned]] | None = None,
    actions: tuple[Intervention, ...] = (),
    host_outages: tuple[tuple[int, int], ...] = (),
    database_outages: tuple[tuple[int, int], ...] = (),
    scheduler_outages: tuple[SchedulerOutage, ...] = (),
    until: int | None = None,
    **section: Any,
) -> Flight:
    """Simulate a deployment from START on; `a -> b` at 03:00 unless the section says otherwise."""
    start = parse_instant(START)
    kernel = Kernel(seed=1, start=start)
    work = Work(kernel, outcomes or {}, spans or {}, ready_at or {}, fates or {}, returns or {})
    end = start + days * 86_400 * SECOND
    platform = Platform(
        kernel=kernel,
        workshop=work,
        announcer=work,
        timezone="UTC",
        end=end,
        host_outages=host_outages,
        database_outages=database_outages,
        scheduler_outages=scheduler_outages,
        fates=work if fates else None,
    )
    section.setdefault("assets", chain("a", "b"))
    section.setdefault("jobs", {"j": {"selection": "*"}})
    section.setdefault("schedules", {"nightly": nightly("j")})
    dagster = Dagster(msgspec.convert(section, DagsterConfig), platform)
    dagster.start()
    for action in actions:
        kernel.at(action.at, dagster.intervene, action)
    kernel.run(until=end if until is None else until + 1)
    return Flight(dagster, kernel, work)


def nightly(job: str, cron_schedule: str = "0 3 * * *") -> dict[str, Any]:
    """A schedule that runs."""
    return {"job": job, "cron_schedule": cron_schedule, "default_status": "RUNNING"}
