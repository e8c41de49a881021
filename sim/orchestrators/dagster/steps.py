"""The steps of one run as they become ready, are skipped, abandoned, retried and done.

The state machine of Dagster 1.13.29, _core/execution/plan/active.py (`ActiveExecution`), without
its executor: it starts nothing and knows no clock but the instants that it is given. Invariant:
every step of the plan ends in exactly one of success, failed, skipped and abandoned, or in none
when the run is stopped before.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sim.orchestrators.dagster.plan import ExecutionPlan, Source, Step


class StepEnd(StrEnum):
    """How a step can end."""

    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    ABANDONED = "abandoned"


_BROKEN = frozenset({StepEnd.FAILED, StepEnd.ABANDONED})


def _admitted(_step: Step) -> bool:
    return True


def _urgency(step: Step) -> int:
    return -step.priority


class ActiveExecution:
    """One run's steps. `take` what may start, and `mark_…` what became of it."""

    def __init__(self, plan: ExecutionPlan, *, attempts: Mapping[str, int] | None = None) -> None:
        self.plan = plan
        self.ends: dict[str, StepEnd] = {}
        """How each step that is done ended, in that order."""
        self.in_flight: dict[str, Step] = {}
        """The steps that were taken and are not done, in that order."""
        self.attempts: dict[str, int] = dict(attempts or {})
        """How many tries of a step asked for another one (`previous_attempt_count`)."""
        self.waiting_to_retry: dict[str, int] = {}
        """When each step that waits may start again."""
        self._places = {step.key: place for place, step in enumerate(plan.steps)}
        self._next_place = len(plan.steps)
        self._unmet = {step.key: len(step.upstream) for step in plan.steps}
        self._missing: dict[str, frozenset[str]] = {}
        """Outputs that a step which is done did not produce."""
        self._considered = [step.key for step in plan.steps if not step.upstream]
        """Steps whose upstream steps are all done and that are not sorted into the rest yet."""
        self._executable: list[str] = []
        self._pending_skip: list[str] = []
        self._pending_abandon: list[str] = []

    @property
    def complete(self) -> bool:
        """Whether every step is done."""
        return len(self.ends) == len(self.plan.steps)

    @property
    def failed(self) -> bool:
        """Whether a step failed, which is what makes a run fail [_core/execution/api.py]."""
        return StepEnd.FAILED in self.ends.values()

    @property
    def next_retry(self) -> int | None:
        """The nearest instant at which a waiting step may start again."""
        return min(self.waiting_to_retry.values(), default=None)

    @property
    def ready(self) -> tuple[Step, ...]:
        """The steps that wait for nothing but a place, in the order in which they became ready."""
        self._update()
        return tuple(self.plan.by_key[key] for key in self._executable)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way and nothing will start by itself.

        An in-process executor whose run is not complete then goes round for ever: it sweeps only
        after a step.
        """
        self._update()
        return not (self.in_flight or self._executable or self.waiting_to_retry)

    def take(
        self,
        now: int,
        *,
        limit: int | None = None,
        admits: Callable[[Step], bool] = _admitted,
    ) -> list[Step]:
        """The steps to start now: by priority, then in the order in which they became ready.

        At most `limit`. A step that `admits` refuses is passed over and stays ready; those behind
        it may start.
        """
        self._update()
        for key, due in list(self.waiting_to_retry.items()):
            if due <= now:
                del self.waiting_to_retry[key]
                self._executable.append(key)
        taken: list[Step] = []
        for step in self._in_order():
            if limit is not None and len(taken) >= limit:
                break
            if admits(step):
                taken.append(step)
        for step in taken:
            self._executable.remove(step.key)
            self.in_flight[step.key] = step
        return taken

    def mark_success(self, key: str, *, missing: Collection[str] = ()) -> None:
        """A step succeeded; `missing` are outputs that it did not yield and need not."""
        self._missing[key] = frozenset(missing)
        self._done(key, StepEnd.SUCCESS)

    def mark_failed(self, key: str) -> None:
        """A step failed for good."""
        self._done(key, StepEnd.FAILED)

    def mark_up_for_retry(self, key: str, *, at: int | None = None) -> None:
        """A try failed and another follows: at an instant, or as soon as the queue gets to it."""
        del self.in_flight[key]
        self.attempts[key] = self.attempts.get(key, 0) + 1
        if at is not None:
            self.waiting_to_retry[key] = at
            return
        self._places[key] = self._next_place
        self._next_place += 1
        self._considered.append(key)

    def sweep(self) -> list[tuple[Step, StepEnd]]:
        """Skip and abandon what can never execute, with what follows from it, in that order.

        As `plan_events_iterator` does it: first what is to be skipped, then what is to be
        abandoned. A step that is to be skipped because of the latter waits for the next sweep.
        """
        swept: list[tuple[Step, StepEnd]] = []
        for end, pending in (
            (StepEnd.SKIPPED, self._pending_skip),
            (StepEnd.ABANDONED, self._pending_abandon),
        ):
            self._update()
            while pending:
                steps = sorted(map(self.plan.by_key.__getitem__, pending), key=_urgency)
                pending.clear()
                for step in steps:
                    if end is StepEnd.SKIPPED:
                        self._missing[step.key] = frozenset(step.outputs)
                    self._done(step.key, end)
                    swept.append((step, end))
                self._update()
        return swept

    def loaded(self, step: Step, number: int) -> tuple[Source, ...]:
        """What input `number` is made of: a fan-in goes without the sources that are missing."""
        sources = step.inputs[number].sources
        return tuple(source for source in sources if not self._is_missing(source))

    def _in_order(self) -> list[Step]:
        return sorted(map(self.plan.by_key.__getitem__, self._executable), key=_urgency)

    def _done(self, key: str, end: StepEnd) -> None:
        self.in_flight.pop(key, None)
        self.ends[key] = end
        for below in self.plan.downstream[key]:
            self._unmet[below] -= 1
            if not self._unmet[below]:
                self._considered.append(below)

    def _update(self) -> None:
        """Sort what has nothing to wait for any more: ready, to be skipped, to be abandoned."""
        fresh = sorted(self._considered, key=self._places.__getitem__)
        self._considered.clear()
        for key in fresh:
            end = self._fate(self.plan.by_key[key])
            if end is None:
                self._executable.append(key)
            elif end is StepEnd.SKIPPED:
                self._pending_skip.append(key)
            else:
                self._pending_abandon.append(key)

    def _fate(self, step: Step) -> StepEnd | None:
        """None: it executes. To be skipped is asked first: it wins over a failure upstream."""
        if any(self._lacks(step, number) for number in range(len(step.inputs))):
            return StepEnd.SKIPPED
        if any(self.ends[key] in _BROKEN for key in step.upstream):
            return StepEnd.ABANDONED
        return None

    def _lacks(self, step: Step, number: int) -> bool:
        """Whether an input has nothing to load: of a fan-in all its sources, else the one."""
        return bool(step.inputs[number].sources) and not self.loaded(step, number)

    def _is_missing(self, source: Source) -> bool:
        return source.output_name in self._missing.get(source.step_key, ())
