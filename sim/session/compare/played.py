"""The sides of a comparison, played: one world, one seed, one set of faults, aligned clocks.

Each side is simulated once. What is asked of it afterwards (outcomes, differences, chains) reads
this value and never simulates again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sim.engine.replay import asked_of_replays, replay
from sim.model.states import TaskState
from sim.objectives.cost import Bill, bill
from sim.objectives.evaluate import evaluate
from sim.scenario.text import Text
from sim.views.ledger.build import ledger_of
from sim.views.ledger.reasons import Reason
from sim.views.nights import nights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sim.scenario.schema import Scenario
    from sim.session.compare.sides import Side
    from sim.views.ledger.contract import Ledger
    from sim.views.nights import Nights
    from sim.views.replay import Replay

_WORKERS = 4
"""Sides under way at once; more than this wait for the interpreter."""


@dataclass(frozen=True)
class Played:
    """One side, simulated."""

    side: Side
    replay: Replay
    nights: Nights
    objectives: Mapping[str, bool | None]
    """By id whether it is met on these nights; None: it asks for further replays (`idempotent`),
    which `orchsim run` makes."""

    @cached_property
    def ledger(self) -> Ledger:
        """Why time passed, until the last night's day is over."""
        journal, config = self.replay.journal, self.side.config
        last = journal[-1].time + 1 if len(journal) else 0
        now = max(self.replay.end, last)
        return ledger_of(journal, config.orchestrator, config.settings, now=now)

    @cached_property
    def bill(self) -> Bill:
        """What was used, and its price."""
        return bill(self.replay, self.nights)

    @cached_property
    def waits(self) -> dict[Reason, int]:
        """Microseconds of all task instances by reason within the nights, most first."""
        spans: dict[Reason, int] = {}
        for entity in self.ledger.story.tasks:
            for wait in self.ledger.waits(entity):
                start = max(wait.start, self.replay.start)
                end = min(wait.end, self.replay.end)
                # who waits for a person until after the nights, waits for who judges by rerunning
                by_judge = wait.reason is Reason.HUMAN and wait.end >= self.replay.end
                if end > start and not by_judge:
                    spans[wait.reason] = spans.get(wait.reason, 0) + end - start
        return dict(sorted(spans.items(), key=lambda one: (-one[1], one[0])))

    @cached_property
    def failures(self) -> int:
        """How many task instances stood as failed when the nights were over."""
        return sum(row.value % 256 == TaskState.FAILED for row in self.nights.last_states.values())


def play(
    scenario: Scenario,
    sides: Sequence[Side],
    *,
    window: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> tuple[Played, ...]:
    """Simulate each side over one window, `FIRST..LAST` too; the first window by default.

    Raises `UsageError` for a window that does not exist and `LimitError` when a bound is exceeded.
    """
    reruns = asked_of_replays(scenario)["reruns"]

    def run(side: Side) -> Played:
        done = replay(scenario, side.config, window=window, reruns=reruns)
        nights = nights_of(done)
        met = {
            one.id: None if _needs_more(one) else evaluate(one, done, nights).met
            for one in scenario.objectives
        }
        return Played(side, done, nights, met)

    played: list[Played] = []
    # replays are pure and spend their time in the database, which lets other threads run
    with ThreadPoolExecutor(_WORKERS) as pool:
        for one in pool.map(run, sides):
            played.append(one)
            progress(len(played), len(sides))
    return tuple(played)


def objective_text(scenario: Scenario, name: str, lang: str) -> str:
    """The sentence of an objective."""
    return next(Text.of(one.text).get(lang) for one in scenario.objectives if one.id == name)


def _needs_more(objective: object) -> bool:
    return any(
        asked is not None and asked.schedules > 0
        for asked in (
            getattr(objective, "idempotent", None),
            getattr(objective, "external_calls", None),
        )
    )
