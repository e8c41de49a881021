"""The ledger of Dagster: the run queue first, then the executor of the run, step by step.

A step waits for the tick of its schedule or sensor, for its run in the queue, for the process of
the run, for the steps above it, for a place in the executor, for a slot of its pool, for its own
process. What holds a run in the queue is asked of the same rules that dequeue it. Invariant: the
waits of a step follow each other without a gap from its due to its end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.states import FINISHED, HOLDS_SLOT, RunState, TaskState
from sim.orchestrators.dagster.definitions import Definitions, tag_limits
from sim.orchestrators.dagster.tag_limits import TagCounter
from sim.views.ledger.pieces import Pieces
from sim.views.ledger.reasons import Reason
from sim.views.ledger.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.kernel.journal import Journal
    from sim.orchestrators.dagster.config import DagsterConfig
    from sim.orchestrators.dagster.plan import Step
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import RunStory, TaskStory


def ledger(journal: Journal, settings: DagsterConfig, *, now: int) -> DagsterLedger:
    """The ledger of a journal that ends at `now`, under the config that made it."""
    return DagsterLedger(journal, settings, now=now)


_BY_HAND = frozenset({"manual", "backfill"})
"""Types of runs that nobody but a person asks for."""


@dataclass(slots=True)
class _Stage:
    """When a run was launched, started, and over; None: not by the end of the journal."""

    tags: Mapping[str, str] = field(default_factory=dict)
    launched: int | None = None
    started: int | None = None
    ended: int | None = None

    def active(self, instant: int) -> bool:
        """Whether it held a place at an instant."""
        launched, ended = self.launched, self.ended
        return launched is not None and launched <= instant and (ended is None or instant < ended)


class DagsterLedger:
    """Waits of one journal, which ends at `now`."""

    def __init__(self, journal: Journal, config: DagsterConfig, *, now: int) -> None:
        self.now = now
        self.story = Story(journal)
        definitions = Definitions(config)
        self._jobs = {**definitions.jobs}
        self._queue = config.instance.concurrency.runs
        self._pools = config.instance.concurrency.pools
        self._limits = tag_limits(self._queue.tag_concurrency_limits)
        self._stages = {entity: _Stage() for entity in self.story.runs}
        for row in journal.rows(Fact.RUN_STATE, Fact.NATIVE_STATE):
            stage = self._stages.get(row.entity)
            if stage is None:
                continue
            if "tags" in row.detail:
                stage.tags = row.detail["tags"]
            if row.detail.get("state") == "STARTING":
                stage.launched = row.time
            elif row.detail.get("state") == "STARTED":
                stage.started = row.time
            elif row.fact is Fact.RUN_STATE and row.value in {RunState.SUCCESS, RunState.FAILED}:
                stage.ended = row.time
        self._edges = sorted(
            {
                at
                for stage in self._stages.values()
                for at in (stage.launched, stage.ended)
                if at is not None
            }
        )

    def end(self, story: TaskStory) -> int:
        """When a step ended for good; `now` while it has not, and its run's end if it never did."""
        over = self._stages[story.run.entity].ended
        if story.state in FINISHED:
            return story.changes[-1].at
        if story.state is TaskState.NONE and story.changes:
            return story.changes[-1].at
        return self.now if over is None else over

    def waits(self, entity: int) -> tuple[Wait, ...]:
        """Why each instant of a step passed, in order."""
        story = self.story.tasks[entity]
        pieces = Pieces(entity, story.run, self.story)
        stage, end = self._stages[story.run.entity], self.end(story)
        created = min(story.run.created, end)
        asked = Reason.HUMAN if story.run.run_type in _BY_HAND else Reason.SCHEDULE
        pieces.add(story.run.due, created, asked, story.run.run_type)
        at = max(created, story.run.due)
        launched = end if stage.launched is None else min(stage.launched, end)
        self._queued(pieces, story, at, launched)
        at = max(at, launched)
        started = end if stage.started is None else min(stage.started, end)
        pieces.add(at, started, Reason.START_UP, "run")
        self._steps(pieces, story, max(at, started), end)
        return tuple(pieces.waits)

    # -- in the queue -----------------------------------------------------------------------

    def _queued(self, pieces: Pieces, story: TaskStory, start: int, end: int) -> None:
        edges = sorted({start, end, *(at for at in self._edges if start < at < end)})
        for at, to in pairwise(edges):
            reason, blocker = self._holds_back(story.run, at)
            pieces.add(at, to, reason, blocker)

    def _holds_back(self, run: RunStory, instant: int) -> tuple[Reason, str]:
        """Why a queued run was not launched: as the run queue asks, in its order."""
        active = [
            (entity, stage) for entity, stage in self._stages.items() if stage.active(instant)
        ]
        most = self._queue.max_concurrent_runs
        if 0 <= most <= len(active):
            return Reason.RUN_QUEUE, str(most)
        counter = TagCounter(self._limits, (stage.tags for _, stage in active))
        tag = counter.blocking(self._stages[run.entity].tags)
        if tag is not None:
            return Reason.TAG_LIMIT, tag
        for pool in self._pools_of(run):
            limit = self._limit_of(pool, instant)
            if limit is not None and self._in_pool(pool, active, instant) >= limit:
                return Reason.POOL, pool
        return Reason.SCHEDULER_LOOP, ""

    def _pools_of(self, run: RunStory) -> tuple[str, ...]:
        """The pools that can keep a run in the queue."""
        job = self._jobs.get(run.dag_id)
        if job is None:
            return ()
        if self._pools.granularity == "run":
            return job.pools.all_pools
        return () if job.pools.unconstrained_root else tuple(job.pools.roots)

    def _in_pool(self, pool: str, active: list[tuple[int, _Stage]], instant: int) -> int:
        """How much of a pool is taken at an instant."""
        count = 0
        for entity, _ in active:
            run = self.story.runs[entity]
            if self._pools.granularity == "run":
                count += pool in self._pools_of(run)
            else:
                count += sum(
                    one.state_at(instant) in HOLDS_SLOT
                    for tis in run.tasks.values()
                    for one in tis
                    if self._pool_of(one) == pool
                )
        return count

    def _limit_of(self, pool: str, instant: int) -> int | None:
        changed = self.story.pools.get(pool)
        if changed is not None and changed.times[1:] and instant >= changed.times[1]:
            return changed.at(instant)
        return self._pools.limits.get(pool, self._pools.default_limit)

    # -- in its run -------------------------------------------------------------------------

    def _steps(self, pieces: Pieces, story: TaskStory, start: int, end: int) -> None:
        """What follows the start of the run, state by state."""
        at, state = start, TaskState.NONE
        for change in [*story.changes, None]:
            to = end if change is None else min(max(change.at, at), end)
            self._stay(pieces, story, state, (at, to), following=change is not None)
            at = max(at, to)
            state = state if change is None else change.state

    def _stay(
        self,
        pieces: Pieces,
        story: TaskStory,
        state: TaskState,
        span: tuple[int, int],
        *,
        following: bool,
    ) -> None:
        """Why the time passed that a step was in a state; `following`: something ended it."""
        start, end = span
        match state:
            case TaskState.NONE:
                above = self._last_above(story, end if following else self.now)
                name = "" if above is None else above.name
                entity = -1 if above is None else above.entity
                pieces.add(start, end, Reason.UPSTREAM, name, entity=entity)
            case TaskState.SCHEDULED:
                pieces.add(start, end, *self._no_place(story, start))
            case TaskState.QUEUED:
                pieces.add(start, end, Reason.START_UP, "step")
            case TaskState.RUNNING:
                gone = next((one for one in story.gone if start <= one[0] < end), None)
                pieces.add(start, end if gone is None else gone[0], Reason.RUNNING)
                if gone is not None:
                    pieces.add(gone[0], end, Reason.WORKER, gone[1])
            case TaskState.UP_FOR_RETRY:
                pieces.add(start, end, Reason.RETRY_DELAY)
            case _:
                pieces.add(start, end, Reason.HUMAN)

    def _last_above(self, story: TaskStory, instant: int) -> TaskStory | None:
        """The step above it that ended last, or the first that has not."""
        step = self._step(story)
        above = [
            one
            for key in (() if step is None else step.upstream)
            for one in story.run.tasks.get(key, ())
        ]
        open_ones = [one for one in above if one.finished_by(instant) is None]
        if open_ones:
            return open_ones[0]
        return max(above, key=lambda one: one.finished_by(instant) or 0, default=None)

    def _no_place(self, story: TaskStory, instant: int) -> tuple[Reason, str]:
        """Why a step that was ready did not start: as the executor asks, in its order."""
        job, step = self._jobs.get(story.run.dag_id), self._step(story)
        if job is None or step is None:
            return Reason.STEP_LIMIT, ""
        under_way = [one for one in self._mates(story) if one.state_at(instant) in HOLDS_SLOT]
        if len(under_way) >= job.executor.limit:
            return Reason.STEP_LIMIT, str(job.executor.limit)
        tags = [mate.tags for one in under_way if (mate := self._step(one)) is not None]
        tag = TagCounter(job.executor.tag_limits, tags).blocking(step.tags)
        if tag is not None:
            return Reason.TAG_LIMIT, tag
        return (Reason.STEP_LIMIT, "") if step.pool is None else (Reason.POOL, step.pool)

    @staticmethod
    def _mates(story: TaskStory) -> Iterator[TaskStory]:
        for tis in story.run.tasks.values():
            for one in tis:
                if one is not story:
                    yield one

    def _step(self, story: TaskStory) -> Step | None:
        job = self._jobs.get(story.run.dag_id)
        return None if job is None else job.plan.by_key.get(story.task_id)

    def _pool_of(self, story: TaskStory) -> str | None:
        step = self._step(story)
        return None if step is None else step.pool

    # -- what `explain` asks besides --------------------------------------------------------

    def awaited_tasks(self, story: TaskStory) -> tuple[str, ...]:
        """Steps wait for those above them."""
        step = self._step(story)
        return () if step is None else step.upstream

    def holders(self, story: TaskStory, reason: Reason, instant: int) -> list[TaskStory]:
        """Who held at an instant what a step waited for, in order of its beginning."""
        if reason is Reason.STEP_LIMIT:
            found = [one for one in self._mates(story) if one.state_at(instant) in HOLDS_SLOT]
        elif reason is Reason.POOL:
            pool = self._pool_of(story)
            found = [
                one
                for one in self.story.tasks.values()
                if self._pool_of(one) == pool and one.state_at(instant) in HOLDS_SLOT
            ]
        elif reason is Reason.RUN_QUEUE:
            found = [
                one
                for one in self.story.tasks.values()
                if self._stages[one.run.entity].active(instant)
                and one.state_at(instant) in HOLDS_SLOT
            ]
        else:
            found = []
        return sorted(found, key=lambda one: (one.changes[0].at, one.entity))
