"""What task instances held at each instant: pools, bounds of DAGs, runs and tasks, executors.

Rebuilt from their changes of state: queued and running task instances hold slots, deferred ones
where the config says so. Each class of task instances that wait for the same slots has its blocker
computed once, with what comes free for less than two loops left out (`Steps.filled`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sim.model.states import TaskState
from sim.views.ledger.reasons import Reason
from sim.views.ledger.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.config import AirflowConfig
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.orchestrators.airflow.task_plan import TaskPlan
    from sim.orchestrators.airflow.versions import Version
    from sim.views.ledger.story import Story, TaskStory

Blocked = tuple[Reason, str] | None
"""What stood in the way, and its name."""
Key = tuple[str | int, ...]

_HOLDS = frozenset({TaskState.QUEUED, TaskState.RUNNING})
_GAP_LOOPS = 2
"""A slot that ends in one loop is taken in the next but one."""


@dataclass(frozen=True, slots=True)
class _Limit:
    """When something was full."""

    raw: Steps[Blocked]
    filled: Steps[Blocked]
    """With what came free between two loops left out."""

    @classmethod
    def of(cls, raw: Steps[Blocked], gap: int) -> _Limit:
        """As it was, and filled."""
        return cls(raw, raw.filled(gap, empty=None))


class Usage:
    """Everything that is held, over time."""

    def __init__(
        self,
        story: Story,
        config: AirflowConfig,
        plans: dict[str, DagPlan],
        version: Version,
        *,
        loop: int,
    ) -> None:
        self._story = story
        self._config = config
        self._plans = plans
        self._version = version
        self._gap = _GAP_LOOPS * loop
        self._held: dict[Key, Steps[int]] = defaultdict(lambda: Steps(0))
        """By what is held: slots or task instances."""
        self._holders: dict[Key, list[tuple[int, int, TaskStory]]] = defaultdict(list)
        """By what is held: (from, to, who), by `from`."""
        self._queued: list[tuple[int, int]] = []
        """When which task instance was queued, in order."""
        self._shared: dict[Key, _Limit] = {}
        self._include_deferred = {
            name for name, pool in config.pools.items() if pool.include_deferred
        }
        self._several = len(config.executors) > 1
        self._sweep()

    # -- what is held -----------------------------------------------------------------------

    def _sweep(self) -> None:
        moves = sorted(
            (change.at, story.entity, number)
            for story in self._story.tasks.values()
            for number, change in enumerate(story.changes)
        )
        since: dict[tuple[int, Key], int] = {}
        for at, entity, number in moves:
            story = self._story.tasks[entity]
            task = self.task(story)
            if task is None:
                continue
            before = story.changes[number - 1].state if number else TaskState.NONE
            after = story.changes[number].state
            for key, count, holds in self._keys(story, task):
                moved = (after in holds) - (before in holds)
                if not moved:
                    continue
                held = self._held[key]
                held.put(at, held.last + moved * count)
                if moved > 0:
                    since[story.entity, key] = at
                else:
                    began = since.pop((story.entity, key), at)
                    self._holders[key].append((began, at, story))
            if after is TaskState.QUEUED:
                self._queued.append((at, entity))
        for (entity, key), began in since.items():
            self._holders[key].append((began, 2**62, self._story.tasks[entity]))

    def _keys(
        self, story: TaskStory, task: TaskPlan
    ) -> Iterator[tuple[Key, int, frozenset[TaskState]]]:
        """What a task instance can hold: key, how much, in which states."""
        deferred = _HOLDS | {TaskState.DEFERRED}
        in_pool = deferred if task.pool in self._include_deferred else _HOLDS
        yield ("pool", task.pool), task.pool_slots, in_pool
        yield ("all",), 1, _HOLDS
        yield self._bound(story), 1, _HOLDS
        if self._several:
            yield ("executor", task.executor), 1, _HOLDS
        if task.limited:
            bounded = deferred if self._version.bounds_count_deferred else _HOLDS
            yield ("dag", task.dag_id, task.task_id), 1, bounded
            yield ("run", story.run.entity, task.task_id), 1, bounded

    def _bound(self, story: TaskStory) -> Key:
        """Whose task instances max_active_tasks counts: a DAG's in 2.x, a run's in 3.x."""
        if self._version.max_active_tasks_of_run:
            return "active", story.run.entity
        return "active", story.run.dag_id

    def task(self, story: TaskStory) -> TaskPlan | None:
        """What the config says of a task."""
        plan = self._plans.get(story.run.dag_id)
        number = None if plan is None else plan.numbers.get(story.task_id)
        return None if plan is None or number is None else plan.tasks[number]

    # -- what stood in the way --------------------------------------------------------------

    def blocked(self, story: TaskStory, start: int, end: int) -> Iterator[tuple[int, int, Blocked]]:
        """What kept a scheduled task instance from being queued, stretch by stretch."""
        task = self.task(story)
        if task is None:
            yield start, end, None
            return
        limits = [self._of_all(task), *self._of_few(story, task)]
        edges = {start, end}
        # whoever got what came free waited for no more than the loop from then on
        free = max((limit.raw.free_before(end, empty=None) for limit in limits), default=end)
        if start < free < end:
            edges.add(free)
        for limit in limits:
            edges.update(at for at, _, _ in limit.filled.pieces(start, end))
        for at, to in pairwise(sorted(edges)):
            held = [limit.filled.at(at) for limit in limits]
            found = next((one for one in held if one is not None), None)
            yield at, to, found if at < free else None

    def _of_all(self, task: TaskPlan) -> _Limit:
        """Parallelism, its executor's slots and its pool, alike for all that want as much."""
        key: Key = (task.executor, task.pool, task.pool_slots)
        if key not in self._shared:
            parts = [self._parallelism()]
            if self._several:
                parts.append(self._executor(task.executor))
            parts.append(self._pool(task.pool, task.pool_slots))
            self._shared[key] = _Limit.of(_first(parts), self._gap)
        return self._shared[key]

    def _parallelism(self) -> Steps[Blocked]:
        bound, living = self._config.cfg.core.parallelism, self._story.living
        found: Steps[Blocked] = Steps(None)
        held = self._held["all",]
        for at in sorted({*held.times[1:], *living.times[1:]}):
            full = held.at(at) >= bound * max(living.at(at), 1)
            found.put(at, (Reason.PARALLELISM, str(bound)) if full else None)
        return found

    def _executor(self, number: int) -> Steps[Blocked]:
        bound = self._config.cfg.core.parallelism
        name = self._config.executors[number]
        held = self._held["executor", number]
        return _full(held, bound, (Reason.EXECUTOR_SLOT, name))

    def _pool(self, name: str, slots: int) -> Steps[Blocked]:
        found: Steps[Blocked] = Steps(None)
        held, sizes = self._held["pool", name], self._story.pools.get(name, Steps(-1))
        for at in sorted({*held.times[1:], *sizes.times[1:]}):
            size = sizes.at(at)
            full = size != -1 and held.at(at) + slots > size
            found.put(at, (Reason.POOL, name) if full else None)
        return found

    def _of_few(self, story: TaskStory, task: TaskPlan) -> Iterator[_Limit]:
        """The bounds of its DAG or run, and of its task."""
        plan = self._plans[story.run.dag_id]
        whose = story.run.run_id if self._version.max_active_tasks_of_run else story.run.dag_id
        yield self._once(
            self._bound(story), plan.max_active_tasks, (Reason.MAX_ACTIVE_TASKS, whose)
        )
        if task.max_active_tis_per_dag is not None:
            key: Key = ("dag", task.dag_id, task.task_id)
            name = Reason.MAX_ACTIVE_TIS_PER_DAG, task.task_id
            yield self._once(key, task.max_active_tis_per_dag, name)
        if task.max_active_tis_per_dagrun is not None:
            key = ("run", story.run.entity, task.task_id)
            name = Reason.MAX_ACTIVE_TIS_PER_DAGRUN, task.task_id
            yield self._once(key, task.max_active_tis_per_dagrun, name)

    def _once(self, key: Key, bound: int, blocked: tuple[Reason, str]) -> _Limit:
        at: Key = (blocked[0], *key)
        if at not in self._shared:
            self._shared[at] = _Limit.of(_full(self._held[key], bound, blocked), self._gap)
        return self._shared[at]

    # -- who held it ------------------------------------------------------------------------

    def holders(self, story: TaskStory, reason: Reason, instant: int) -> list[TaskStory]:
        """Who held at an instant what a task instance waited for, in order of its beginning."""
        task = self.task(story)
        if task is None:
            return []
        keys: dict[Reason, Key] = {
            Reason.POOL: ("pool", task.pool),
            Reason.PARALLELISM: ("all",),
            Reason.EXECUTOR_SLOT: ("executor", task.executor) if self._several else ("all",),
            Reason.MAX_ACTIVE_TASKS: self._bound(story),
            Reason.MAX_ACTIVE_TIS_PER_DAG: ("dag", task.dag_id, task.task_id),
            Reason.MAX_ACTIVE_TIS_PER_DAGRUN: ("run", story.run.entity, task.task_id),
        }
        key = keys.get(reason)
        if key is None:
            return []
        held = [one for one in self._holders[key] if one[0] <= instant < one[1]]
        held.sort(key=lambda one: (one[0], one[2].entity))
        return [one[2] for one in held]

    def queued_between(self, start: int, end: int) -> TaskStory | None:
        """Some other task instance that was queued within (start, end]; the first one."""
        place = bisect_right(self._queued, (start, 2**62))
        if place == len(self._queued) or self._queued[place][0] > end:
            return None
        return self._story.tasks[self._queued[place][1]]


def _full(held: Steps[int], bound: int, blocked: tuple[Reason, str]) -> Steps[Blocked]:
    found: Steps[Blocked] = Steps(None)
    for at, value in zip(held.times[1:], held.values[1:], strict=True):
        found.put(at, blocked if value >= bound else None)
    return found


def _first(parts: list[Steps[Blocked]]) -> Steps[Blocked]:
    """At each instant the first of the parts that blocks."""
    found: Steps[Blocked] = Steps(None)
    for at in sorted({time for part in parts for time in part.times[1:]}):
        found.put(at, next((part.at(at) for part in parts if part.at(at) is not None), None))
    return found
