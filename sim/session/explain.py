"""Why it took so long: sums by reason, the critical path, one task instance, and what-if.

A night is simulated up to an instant and its wait ledger read. The counterfactual is no estimate:
the same night is simulated again with one limit taken away, and the same task instance looked up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sim.engine.simulate import simulate
from sim.errors import UsageError
from sim.model.states import FINISHED, TaskState
from sim.session.without import without
from sim.views.ledger.build import ledger_of
from sim.views.ledger.circles import circles
from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.scenario.schema import Config, Scenario
    from sim.views.ledger.circles import Circle
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory


_BEFORE_A_START = frozenset(
    {TaskState.NONE, TaskState.SCHEDULED, TaskState.QUEUED, TaskState.UP_FOR_RETRY}
)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a night one reason took."""

    reason: Reason
    span: int
    """Over all task instances, microseconds."""
    instances: int
    """How many task instances it held up."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One block taken away, and the night simulated again."""

    wait: Wait
    before: int | None
    """When the last try of the task instance started, as it was; None: it has not."""
    after: int | None
    """When it starts without the block; None: it never does."""


class Explanation:
    """One night, up to an instant, with everything that can be asked about its waits."""

    def __init__(
        self, scenario: Scenario, config: Config, *, since: int, at: int, seed: int | None = None
    ) -> None:
        """The night begins at `since`; its runs are those due from then on."""
        self._scenario = scenario
        self._config = config
        self._seed = seed
        self.since = since
        self.at = at
        self.journal = simulate(scenario, config, seed=seed, until=at + 1)
        self.ledger = ledger_of(self.journal, config.orchestrator, config.settings, now=at)

    # -- the night --------------------------------------------------------------------------

    @cached_property
    def stories(self) -> tuple[TaskStory, ...]:
        """Every task instance whose ledger touches the night, in order of the journal."""
        return tuple(
            story
            for story in self.ledger.story.tasks.values()
            if self.ledger.end(story) > self.since and story.run.due < self.at
        )

    def shares(self) -> tuple[Share, ...]:
        """The time of the night by reason, most first."""
        spans: Counter[Reason] = Counter()
        held: Counter[Reason] = Counter()
        for story in self.stories:
            seen: set[Reason] = set()
            for wait in self.ledger.waits(story.entity):
                start = max(wait.start, self.since)
                if wait.end > start:
                    spans[wait.reason] += wait.end - start
                    seen.add(wait.reason)
            held.update(seen)
        order = sorted(spans, key=lambda reason: (-spans[reason], reason))
        return tuple(Share(reason, spans[reason], held[reason]) for reason in order)

    def last(self) -> TaskStory | None:
        """The task instance of the night that ended last; None: nothing happened."""
        if not self.stories:
            return None
        return max(self.stories, key=lambda story: (self.ledger.end(story), story.entity))

    def path(self, story: TaskStory) -> tuple[Wait, ...]:
        """The chain of waits that determined when a task instance ended, in order of time.

        Where it waited for another one, the chain goes on with that one's.
        """
        start, at, current = story.run.due, self.ledger.end(story), story.entity
        chain: list[Wait] = []
        while True:
            waits = [wait for wait in self.ledger.waits(current) if wait.start < at]
            for wait in reversed(waits):
                if wait.reason in {Reason.UPSTREAM, Reason.DEPENDS_ON_PAST} and wait.entity >= 0:
                    at, current = min(wait.end, at), wait.entity
                    break
                chain.append(wait)
                at = wait.start
            else:
                break
            if at <= start:
                break
        return tuple(wait for wait in reversed(chain) if wait.end > start)

    def circles(self) -> tuple[Circle, ...]:
        """Task instances that wait for each other at the end."""
        return circles(self.ledger)

    # -- one task instance ------------------------------------------------------------------

    def find(self, text: str) -> TaskStory:
        """`load`, `ventas.load`, `load@2024-03-13` or `load@run_id`: the latest that fits.

        Raises `UsageError`, with what there is.
        """
        name, _, run = text.partition("@")
        dag_id, _, task = name.rpartition(".")
        named = [
            story
            for story in self.ledger.story.tasks.values()
            if story.name == task and dag_id in {"", story.run.dag_id}
        ]
        if not named:
            known = sorted({story.name for story in self.ledger.story.tasks.values()})
            message = f'no task "{name}" has run by then'
            raise UsageError(message, f"there is {', '.join(known)}" if known else "")
        found = [story for story in named if _is_run(story, run)] if run else list(named)
        if not found:
            runs = ", ".join(story.run.run_id for story in named[-5:])
            message = f'"{name}" has no run "{run}"'
            raise UsageError(message, f"there is {runs}")
        dags = sorted({story.run.dag_id for story in found})
        if len(dags) > 1:
            message = f'"{name}" is a task of several pipelines'
            raise UsageError(message, f"there is {', '.join(f'{dag}.{task}' for dag in dags)}")
        tonight = [story for story in found if story in self.stories]
        return (tonight or found)[-1]

    def holders(self, wait: Wait) -> tuple[TaskStory, ...]:
        """Who held what a task instance waited for, when that wait ended."""
        story = self.ledger.story.tasks[wait.task_instance]
        instant = max(wait.start, wait.end - 1)
        return tuple(self.ledger.holders(story, wait.reason, instant))

    def what_if(self, story: TaskStory, waits: Iterable[Wait]) -> WhatIf | None:
        """The longest of these waits that a config could take away, taken away.

        None: there is none of these.
        """
        before = started(story)
        longest = sorted(waits, key=lambda wait: (-wait.span, wait.start))
        for wait in longest:
            blocked = self.ledger.story.tasks[wait.task_instance]
            changed = without(self._config, wait, blocked)
            if changed is None:
                continue
            journal = simulate(self._scenario, changed, seed=self._seed, until=self.at + 1)
            other = ledger_of(journal, changed.orchestrator, changed.settings, now=self.at)
            same = [
                one
                for one in other.story.tasks.values()
                if (one.run.dag_id, one.run.run_id, one.name)
                == (story.run.dag_id, story.run.run_id, story.name)
            ]
            return WhatIf(wait, before, started(same[0]) if same else None)
        return None


def started(story: TaskStory) -> int | None:
    """When the last try of a task instance began on a worker; None: it has not."""
    found = None
    for change in story.changes:
        if change.state is TaskState.RUNNING:
            found = change.at
        elif change.state in _BEFORE_A_START:
            found = None
    return found


def is_over(story: TaskStory) -> bool:
    """Whether a task instance has ended."""
    return story.state in FINISHED


def _is_run(story: TaskStory, text: str) -> bool:
    return story.run.run_id == text or text in story.run.run_id
