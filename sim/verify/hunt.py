"""`verify`: look for a plan that breaks an invariant, shrink it, say what was and was not tried.

Plans are dealt in batches of a fixed size and judged in order, so that the answer is the same on
one core and on many. Nothing here reads a clock: whoever bounds the time says so by `stop`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.verify.coverage import Coverage, changes_in
from sim.verify.draw import Deck, is_possible
from sim.verify.invariants.registry import INVARIANTS, first_violation
from sim.verify.shrink import shrink
from sim.verify.trial import Rig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sim.scenario.schema import Config, Scenario
    from sim.verify.coverage import Item
    from sim.verify.plan import Plan
    from sim.verify.trial import Trial
    from sim.verify.violation import Violation

    Judge = Callable[[Rig, Sequence[Plan], Sequence[str]], Iterable["Outcome"]]

BATCH = 16
"""Plans dealt at a time."""
NIGHTS_MAX = 3
"""Nights of the window that is searched."""

Outcome = tuple[bool, "tuple[Item, ...]"]
"""Whether a plan broke an invariant, and the changes of state that its journal shows."""


@dataclass(frozen=True)
class Finding:
    """The smallest plan that was found to break an invariant."""

    trial: Trial
    """The window under it."""
    violation: Violation
    found_after: int
    """Number of the plan that broke it first, from 1."""
    trials: int
    """How many more it took to shrink it."""


@dataclass(frozen=True)
class Report:
    """What a search gave."""

    scenario: str
    window: str
    seed: int
    plans: int
    """How many plans were tried, without those of shrinking."""
    finding: Finding | None
    coverage: Coverage
    stopped: bool
    """Whether `stop` ended it before all plans were tried."""
    dealt: int
    """How many of the plans were dealt, not given: what a search that goes on may skip."""


def verify(
    scenario: Scenario,
    config: Config,
    *,
    window: str | None = None,
    plans: int = 300,
    seed: int = 1,
    families: Iterable[str] = INVARIANTS,
    without: Iterable[str] = (),
    first: Sequence[Plan] = (),
    skip: int = 0,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    judge_batch: Judge | None = None,
) -> Report:
    """Search the troubles that the nights of `window` could bring.

    `plans` bounds how many are tried, `seed` chooses their order; kinds of trouble in `without` are
    left out. Of `first`, what is possible here is tried before all others; the first `skip` of the
    others are left out, as an earlier search has tried them. `judge_batch` is what tries a batch:
    by default one plan after the other.
    Raises `ScenarioError`, `UsageError` and `LimitError` as `simulate` does for a calm night.
    """
    chosen = tuple(families)
    with Rig(scenario, config, window=window or default_window(scenario)) as rig:
        coverage = Coverage.of(rig.points, without=frozenset(without))
        deck = Deck(rig.points, coverage, seed)
        for plan in deck.deal(skip):
            coverage.add(plan, rig.points, ())
        hunt = _Hunt(rig, coverage, deck, chosen)
        waiting = [plan for plan in first if is_possible(plan, rig.points, coverage)]
        stopped = hunt.run(
            plans, waiting, stop=stop, progress=progress, judge=judge_batch or judge_here
        )
        broken = hunt.broken
        finding = None if broken is None else _smallest(rig, broken, chosen, hunt.tried)
    return Report(
        scenario.id, rig.span.name, seed, hunt.tried, finding, coverage, stopped, hunt.dealt
    )


@dataclass
class _Hunt:
    """A search under way."""

    rig: Rig
    coverage: Coverage
    deck: Deck
    families: tuple[str, ...]
    tried: int = 0
    dealt: int = 0
    """Plans that came from the deck."""
    broken: Plan | None = None

    def run(
        self,
        plans: int,
        waiting: list[Plan],
        *,
        stop: Callable[[], bool],
        progress: Callable[[int, int], None],
        judge: Judge,
    ) -> bool:
        """Try plans until one breaks, all are tried or `stop` says so; whether it did."""
        while self.tried < plans:
            count = min(BATCH, plans - self.tried)
            batch = waiting[:count]
            del waiting[:count]
            dealt = self.deck.deal(count - len(batch))
            batch += dealt
            self.dealt += len(dealt)
            if not batch:
                return False
            for plan, outcome in zip(batch, judge(self.rig, batch, self.families), strict=True):
                if self._breaks(plan, outcome):
                    self.broken = plan
                    progress(self.tried, plans)
                    return False
            progress(self.tried, plans)
            if self.tried < plans and stop():
                return True
        return False

    def _breaks(self, plan: Plan, outcome: Outcome) -> bool:
        """Count a plan; whether it broke anything."""
        breaks, changes = outcome
        self.tried += 1
        if self.coverage.add(plan, self.rig.points, changes) and plan:
            self.deck.promising(plan)
        return breaks


def judge_here(rig: Rig, batch: Sequence[Plan], families: Sequence[str]) -> Iterable[Outcome]:
    """Try a batch, one plan after the other."""
    for plan in batch:
        yield outcome_of(rig, plan, families)


def outcome_of(rig: Rig, plan: Plan, families: Sequence[str]) -> Outcome:
    """Try one plan; one that exceeds a bound of the engine proves nothing."""
    trial = rig.trial(plan)
    if trial is None:
        return False, ()
    return first_violation(trial, families) is not None, changes_in(trial.journal)


def default_window(scenario: Scenario) -> str:
    """The first night that is shown, with the one after it if that lies in its window, too."""
    shown = scenario.clock.shown[0]
    for window in scenario.clock.windows.values():
        nights = [night.isoformat() for night in window.nights]
        if shown in nights:
            at = nights.index(shown)
            last = nights[min(at + 1, len(nights) - 1)]
            return shown if last == shown else f"{shown}..{last}"
    return next(iter(scenario.clock.windows))


def _smallest(rig: Rig, plan: Plan, families: Sequence[str], after: int) -> Finding:
    trial = rig.trial(plan)
    assert trial is not None
    violation = first_violation(trial, families)
    assert violation is not None
    family = (violation.family,)

    def breaks(candidate: Plan) -> bool:
        one = rig.trial(candidate)
        return one is not None and first_violation(one, family) is not None

    smallest, trials = shrink(plan, rig.points, breaks)
    trial = rig.trial(smallest)
    assert trial is not None
    violation = first_violation(trial, family)
    assert violation is not None
    return Finding(trial, violation, after, trials)
