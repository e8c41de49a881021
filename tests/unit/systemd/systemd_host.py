"""A host with systemd for tests: unit files and scripted tasks, without a world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.kernel.calendar import format_instant, parse_instant
from sim.kernel.loop import Kernel
from sim.model.facts import Fact
from sim.model.interventions import Intervention
from sim.model.states import RunState, TaskState
from sim.model.work import Outcome
from sim.orchestrators.systemd import build
from sim.orchestrators.systemd.config import SystemdConfig
from sim.platform.contract import Platform
from tests.unit.cron.cron_host import FAILED, TASKS, Announcer, Night, Workshop

START, END = "2024-03-14T00:00Z", "2024-03-15T00:00Z"
NIGHTLY = "[Timer]\nOnCalendar=03:00\nAccuracySec=1us\n"

__all__ = ["FAILED", "NIGHTLY", "Boot", "oneshot", "simulate", "states"]


@dataclass
class Boot(Night):
    """What came of a simulation, with seconds."""

    def units(self) -> list[str]:
        """Every change of a unit's run: `03:00:00 extract running`."""
        found = []
        for row in self.journal.rows(Fact.RUN_STATE, Fact.NATIVE_STATE):
            state = row.detail.get("state")
            word = RunState(row.value).word if row.fact is Fact.RUN_STATE else state
            reason = row.detail.get("reason")
            unit = self.journal.name(self.journal.who(row.entity).parent)
            found.append(f"{clock(row.time)} {unit} {word}" + (f" {reason}" if reason else ""))
        return found

    def elapses(self) -> list[str]:
        """Every elapse of a timer, and whether it started its unit: `03:00:00 extract.timer 1`."""
        return [
            f"{clock(row.time)} {self.journal.name(row.entity)} {row.value}"
            for row in self.journal.rows(Fact.TICK)
        ]


def clock(instant: int) -> str:
    """Time of day in UTC, `03:00:00`."""
    return format_instant(instant)[11:19]


def oneshot(*commands: str, unit: str = "", service: str = "") -> str:
    """A service file of Type=oneshot."""
    lines = "".join(f"ExecStart={one}\n" for one in commands)
    return f"[Unit]\n{unit}\n[Service]\nType=oneshot\n{lines}{service}\n"


def states(done: Boot) -> list[TaskState]:
    """Of each task's latest try, in order of their first."""
    latest = {row.entity: row.value % 256 for row in done.journal.rows(Fact.TASK_STATE)}
    return [TaskState(one) for one in latest.values()]


def simulate(
    units: Mapping[str, str],
    *,
    scripts: Mapping[str, str] | None = None,
    start: str = START,
    end: str = END,
    timezone: str = "UTC",
    minutes: Mapping[str, int] | None = None,
    outcomes: Mapping[str, Sequence[Outcome]] | None = None,
    outages: Sequence[tuple[str, str]] = (),
    interventions: Sequence[Intervention] = (),
    seed: int = 1,
) -> Boot:
    """Let units run for a while, by default on one day in UTC; a task takes ten minutes."""
    config = SystemdConfig(units=dict(units), scripts=dict(scripts or {}), timezone=timezone)
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
    )
    orchestrator = build(config, platform, tasks=TASKS)
    orchestrator.start()
    for action in interventions:
        kernel.at(action.at, orchestrator.intervene, action)
    kernel.run(until=parse_instant(end))
    return Boot(kernel.journal, workshop, announcer)
