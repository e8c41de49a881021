"""A host with cron for tests: a crontab, scripts and scripted tasks, without a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sim.kernel.calendar import MINUTE, format_instant, parse_instant
from sim.kernel.journal import Journal
from sim.kernel.loop import Call, Kernel
from sim.model.facts import Fact
from sim.model.interventions import Intervention
from sim.model.states import RunState, TaskState
from sim.model.work import SUCCESS, Attempt, Outcome, Result
from sim.orchestrators.cron import build
from sim.orchestrators.cron.config import CronConfig
from sim.platform.contract import Platform, SchedulerOutage, SecondCron

FAILED = Outcome(Result.FAILED, "check_failed")
TASKS = ("extract", "transform", "load")


@dataclass
class Running:
    """A try of the double below."""

    call: Call
    killed: list[str]

    def kill(self, reason: str) -> None:
        """Remember why, and never end."""
        self.killed.append(reason)
        self.call.cancel()


@dataclass
class Workshop:
    """Performs every task in a fixed time with scripted outcomes."""

    kernel: Kernel
    minutes: Mapping[str, int]
    outcomes: Mapping[str, Sequence[Outcome]]
    begun: list[tuple[str, str]] = field(default_factory=list)
    """(task, data date) in order."""
    macros: list[Mapping[str, Any]] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Running:
        """Start a try."""
        macros = attempt.macros()
        self.begun.append((attempt.task, macros["fecha"]))
        self.macros.append(macros)
        number = self.counts[attempt.task] = self.counts.get(attempt.task, 0) + 1
        told = self.outcomes.get(attempt.task, [SUCCESS])
        outcome = told[min(number, len(told)) - 1]
        span = self.minutes.get(attempt.task, 10) * MINUTE
        return Running(self.kernel.after(span, on_end, outcome), self.killed)


@dataclass
class Announcer:
    """Keeps what is sent."""

    kernel: Kernel
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    """(time, alert, task) in order."""

    def send(self, alert: str, attempt: Attempt, *, cause: int) -> None:
        """Take an alert."""
        assert cause >= 0
        self.sent.append((clock(self.kernel.now), alert, attempt.task))


@dataclass
class Night:
    """What came of a simulation."""

    journal: Journal
    workshop: Workshop
    announcer: Announcer

    def tasks(self) -> list[tuple[str, str, str, int]]:
        """(time, task, state, try) of every change."""
        return [
            (
                clock(row.time),
                self.journal.name(row.entity),
                TaskState(row.value % 256).word,
                row.value // 256,
            )
            for row in self.journal.rows(Fact.TASK_STATE)
        ]

    def runs(self) -> list[tuple[str, str, str]]:
        """(time, pipeline and run id, state) of every change."""
        return [
            (clock(row.time), self.run_name(row.entity), RunState(row.value).word)
            for row in self.journal.rows(Fact.RUN_STATE)
        ]

    def starts(self) -> list[tuple[str, str]]:
        """(day and time in UTC, pipeline) of every run."""
        return [
            (
                format_instant(row.time)[5:16].replace("T", " "),
                self.journal.name(self.journal.who(row.entity).parent),
            )
            for row in self.journal.rows(Fact.RUN_STATE)
            if row.value == RunState.RUNNING
        ]

    def run_name(self, run: int) -> str:
        """`pipeline run_id`."""
        who = self.journal.who(run)
        return f"{self.journal.name(who.parent)} {who.name}"

    def exit_codes(self) -> list[int]:
        """Of runs in order of their end."""
        return [
            row.detail.get("exit_code", 0)
            for row in self.journal.rows(Fact.RUN_STATE)
            if row.value != RunState.RUNNING
        ]


def simulate(
    crontab: str,
    *,
    scripts: Mapping[str, str] | None = None,
    start: str = "2024-03-14T00:00Z",
    end: str = "2024-03-15T00:00Z",
    timezone: str = "UTC",
    minutes: Mapping[str, int] | None = None,
    outcomes: Mapping[str, Sequence[Outcome]] | None = None,
    outages: Sequence[tuple[str, str]] = (),
    interventions: Sequence[Intervention] = (),
    mail_to_alert: str | None = None,
    start_delay: str = "0s",
    daemon_outages: tuple[SchedulerOutage, ...] = (),
    second_crons: tuple[SecondCron, ...] = (),
    anacrontab: str | None = None,
    anacron_start: Literal["hourly", "debian", "by_hand"] = "hourly",
    seed: int = 1,
) -> Night:
    """Let a crontab run for a while, by default on one day in UTC."""
    config = CronConfig(
        crontab=crontab,
        scripts=dict(scripts or {}),
        timezone=timezone,
        mail_to_alert=mail_to_alert,
        start_delay=start_delay,
        anacrontab=anacrontab,
        anacron_start=anacron_start,
    )
    kernel = Kernel(seed=seed, start=parse_instant(start))
    workshop = Workshop(kernel, minutes or {}, outcomes or {})
    announcer = Announcer(kernel)
    platform = Platform(
        kernel=kernel,
        workshop=workshop,
        announcer=announcer,
        timezone="UTC",
        end=parse_instant(end),
        host_outages=tuple((parse_instant(off), parse_instant(on)) for off, on in outages),
        scheduler_outages=daemon_outages,
        second_crons=second_crons,
    )
    orchestrator = build(config, platform, tasks=TASKS)
    orchestrator.start()
    for action in interventions:
        kernel.at(action.at, orchestrator.intervene, action)
    kernel.run(until=parse_instant(end))
    return Night(kernel.journal, workshop, announcer)


def clock(instant: int) -> str:
    """Time of day in UTC."""
    return format_instant(instant)[11:16]
