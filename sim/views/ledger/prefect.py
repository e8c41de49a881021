"""The ledger of Prefect: first the flow run until its process runs, then the calls in it.

A call waits for the time of its flow run, for a poll, for the limits of deployment, pool and queue,
for the process, for the calls before it, for a thread, for slots of its tags. Invariant: the waits
of a call follow each other without a gap from its due to its end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.model.states import FINISHED, RunState, TaskState
from sim.orchestrators.prefect.catalog import flows_of
from sim.views.ledger.pieces import Pieces
from sim.views.ledger.reasons import Reason
from sim.views.ledger.story import Story

if TYPE_CHECKING:
    from sim.kernel.journal import Journal, Row
    from sim.orchestrators.prefect.config import PrefectConfig
    from sim.orchestrators.prefect.flows import Call
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory

_SLOT = "AwaitingConcurrencySlot"
_RETRY = "AwaitingRetry"
_HELD = frozenset({"Pending", "Running", "Retrying", _RETRY})
"""Names of states in which a flow run takes a place of its pool."""


def ledger(journal: Journal, settings: PrefectConfig, *, now: int) -> PrefectLedger:
    """The ledger of a journal that ends at `now`, under the config that made it."""
    return PrefectLedger(journal, settings, now=now)


@dataclass(slots=True)
class _Stage:
    """The states of a flow run, with their names, in order."""

    deployment: str | None = None
    scheduled: int = 0
    """When it was to run."""
    changes: list[tuple[int, str]] = field(default_factory=list)
    ended: int | None = None
    """When it ended for good; None: not by the end of the journal."""

    def at(self, instant: int) -> str:
        """The name of its state at an instant."""
        name = ""
        for at, said in self.changes:
            if at > instant:
                break
            name = said
        return name


class PrefectLedger:
    """Waits of one journal, which ends at `now`."""

    def __init__(self, journal: Journal, config: PrefectConfig, *, now: int) -> None:
        self.now = now
        self.story = Story(journal)
        self._config = config
        self._flows = flows_of(config)
        self._stages = {entity: _Stage() for entity in self.story.runs}
        self._workers: list[tuple[int, str, bool]] = []
        for row in journal.rows(Fact.RUN_STATE, Fact.NATIVE_STATE, Fact.WORKER):
            if row.fact is Fact.WORKER:
                self._workers.append((row.time, journal.name(row.entity), bool(row.value)))
            elif row.entity in self._stages:
                self._read(self._stages[row.entity], row)
        self._edges = sorted(
            {at for stage in self._stages.values() for at, _ in stage.changes}
            | {at for at, _, _ in self._workers}
            | {at for said in self.story.paused.values() for at in said.times[1:]}
        )

    @staticmethod
    def _read(stage: _Stage, row: Row) -> None:
        stage.deployment = row.detail.get("deployment", stage.deployment)
        stage.scheduled = row.detail.get("run_after", stage.scheduled)
        named = row.detail.get("state")
        if row.fact is Fact.RUN_STATE:
            state = RunState(row.value)
            stage.ended = row.time if state in {RunState.SUCCESS, RunState.FAILED} else None
            named = named or state.name.capitalize()
        stage.changes.append((row.time, str(named)))

    def end(self, story: TaskStory) -> int:
        """When a call ended for good; `now` while it has not, and its run's end if it never did."""
        if story.state in FINISHED:
            return story.changes[-1].at
        ended = self._stages[story.run.entity].ended
        return self.now if ended is None else max(ended, story.run.due)

    def waits(self, entity: int) -> tuple[Wait, ...]:
        """Why each instant of a call passed, in order."""
        story = self.story.tasks[entity]
        pieces = Pieces(entity, story.run, self.story)
        stage, end = self._stages[story.run.entity], self.end(story)
        # picked up early, a run waits in its process for its own time
        at = min(max(story.run.created, stage.scheduled), end)
        pieces.add(story.run.due, at, Reason.SCHEDULE, stage.deployment or story.run.dag_id)
        edges = {at, end, *(one.at for one in story.changes), *self._edges}
        edges |= {
            change.at for tis in story.run.tasks.values() for one in tis for change in one.changes
        }
        edges |= {one[0] for one in story.gone}
        for start, to in pairwise(sorted(one for one in edges if at <= one <= end)):
            self._stretch(pieces, story, stage, (start, to))
        return tuple(pieces.waits)

    def _stretch(
        self, pieces: Pieces, story: TaskStory, stage: _Stage, span: tuple[int, int]
    ) -> None:
        """One stretch in which nothing changed."""
        start, end = span
        name = stage.at(start)
        state = story.state_at(start)
        if any(at <= start for at, _ in story.gone) and state is TaskState.RUNNING:
            pieces.add(start, end, Reason.WORKER, story.gone[-1][1])
        elif state is TaskState.RUNNING:
            pieces.add(start, end, Reason.RUNNING)
        elif state is TaskState.UP_FOR_RETRY:
            pieces.add(start, end, Reason.RETRY_DELAY)
        elif state is TaskState.SCHEDULED:
            pieces.add(start, end, Reason.TAG_LIMIT, self._limits(story))
        elif name in {"Scheduled", "Late", "Resuming"}:
            pieces.add(start, end, *self._not_picked(stage, start))
        elif name == _SLOT:
            pieces.add(start, end, Reason.DEPLOYMENT_LIMIT, stage.deployment or "")
        elif name == "Pending":
            pieces.add(start, end, Reason.START_UP, "run")
        elif name == _RETRY:
            pieces.add(start, end, Reason.RETRY_DELAY)
        elif name in {"Running", "Retrying"}:
            self._in_function(pieces, story, span)
        else:
            pieces.add(start, end, Reason.HUMAN)

    # -- before its process -----------------------------------------------------------------

    def _not_picked(self, stage: _Stage, instant: int) -> tuple[Reason, str]:
        """Why a flow run that was due was not picked up."""
        deployment = self._config.deployments.get(stage.deployment or "")
        if deployment is None or deployment.work_pool is None:
            return Reason.POLL, "serve"
        pool = deployment.work_pool
        if self._paused(pool, instant):
            return Reason.PAUSED, pool
        workers = [name for name, one in self._config.workers.items() if one.pool == pool]
        down = {name for name in workers if not self._up(name, instant)}
        if workers and down == set(workers):
            return Reason.WORKER, workers[0]
        held = self._held(pool, None, instant)
        most = self._config.work_pools[pool].concurrency_limit
        changed = self.story.pools.get(pool)
        if changed is not None and changed.times[1:] and instant >= changed.times[1]:
            most = changed.at(instant)
        if most is not None and held >= most:
            return Reason.WORK_POOL_LIMIT, pool
        queue = self._config.work_pools[pool].work_queues.get(deployment.work_queue)
        limit = None if queue is None else queue.concurrency_limit
        if limit is not None and self._held(pool, deployment.work_queue, instant) >= limit:
            return Reason.WORK_POOL_LIMIT, f"{pool}/{deployment.work_queue}"
        return Reason.POLL, workers[0] if workers else pool

    def _paused(self, pool: str, instant: int) -> bool:
        said = self.story.paused.get(pool)
        paused = self._config.work_pools[pool].is_paused
        if said is None or instant < min(said.times[1:], default=instant + 1):
            return paused
        return said.at(instant)

    def _up(self, worker: str, instant: int) -> bool:
        up = True
        for at, name, value in self._workers:
            if at <= instant and name == worker:
                up = value
        return up

    def _held(self, pool: str, queue: str | None, instant: int) -> int:
        """Flow runs that take a place of a pool, or of one of its queues."""
        count = 0
        for stage in self._stages.values():
            one = self._config.deployments.get(stage.deployment or "")
            if one is None or one.work_pool != pool or queue not in {None, one.work_queue}:
                continue
            count += stage.at(instant) in _HELD
        return count

    # -- in its flow ------------------------------------------------------------------------

    def _in_function(self, pieces: Pieces, story: TaskStory, span: tuple[int, int]) -> None:
        """The function runs, and the call has not begun: for what is before it, or a thread."""
        start, end = span
        above = self._above(story, start)
        if above is None and story.state_at(start) in FINISHED:
            # it is called once more only when its flow is tried again: for what still runs in it
            above = self._under_way(story, start)
            if above is None:
                pieces.add(start, end, Reason.RETRY_DELAY)
                return
        if above is not None:
            pieces.add(start, end, Reason.UPSTREAM, above.name, entity=above.entity)
            return
        flow = self._flows.get(story.run.dag_id)
        most = None if flow is None else flow.runner.max_workers
        pieces.add(start, end, Reason.THREAD, "" if most is None else str(most))

    def _above(self, story: TaskStory, instant: int) -> TaskStory | None:
        """What has to be over before it: its upstream, or a direct call before it."""
        run = story.run
        for name in self.awaited_tasks(story):
            for one in run.tasks.get(name, ()):
                if one.finished_by(instant) is None:
                    return one
        flow = self._flows.get(run.dag_id)
        for call in () if flow is None else flow.calls:
            if call.name == story.task_id:
                break
            for one in run.tasks.get(call.name, ()):
                if call.mode not in {"submit", "map"} and one.finished_by(instant) is None:
                    return one
        return None

    @staticmethod
    def _under_way(story: TaskStory, instant: int) -> TaskStory | None:
        """The first of its flow's calls that runs or waits for a retry of its own."""
        busy = (TaskState.RUNNING, TaskState.UP_FOR_RETRY)
        calls = [one for tis in story.run.tasks.values() for one in tis]
        return next((one for one in calls if one.state_at(instant) in busy), None)

    def _limits(self, story: TaskStory) -> str:
        """The limits whose slots it waits for."""
        call = self._call(story)
        if call is None:
            return ""
        limited = [tag for tag in call.options.tags if tag in self._config.tag_concurrency_limits]
        return ", ".join([*limited, *(name for name, _ in call.concurrency)])

    def _call(self, story: TaskStory) -> Call | None:
        flow = self._flows.get(story.run.dag_id)
        calls = () if flow is None else flow.calls
        return next((call for call in calls if call.name == story.task_id), None)

    # -- what `explain` asks besides --------------------------------------------------------

    def awaited_tasks(self, story: TaskStory) -> tuple[str, ...]:
        """The calls that it takes something from or waits for."""
        call = self._call(story)
        return () if call is None else tuple(dict.fromkeys(ref.call for ref in call.refs))

    def holders(self, story: TaskStory, reason: Reason, instant: int) -> list[TaskStory]:
        """Who held at an instant what a call waited for, in order of its beginning."""
        if reason is Reason.THREAD:
            found = [one for tis in story.run.tasks.values() for one in tis if one is not story]
        elif reason is Reason.TAG_LIMIT:
            found = [
                one
                for one in self.story.tasks.values()
                if one is not story and self._shares(story, one)
            ]
        elif reason in {Reason.DEPLOYMENT_LIMIT, Reason.WORK_POOL_LIMIT}:
            found = [one for one in self.story.tasks.values() if one.run is not story.run]
        else:
            found = []
        busy = [one for one in found if one.state_at(instant) is TaskState.RUNNING]
        return sorted(busy, key=lambda one: (one.changes[0].at, one.entity))

    def _shares(self, story: TaskStory, other: TaskStory) -> bool:
        """Whether two calls take slots of the same limit."""
        one, two = self._call(story), self._call(other)
        if one is None or two is None:
            return False
        limits = {*one.options.tags, *(name for name, _ in one.concurrency)}
        return bool(limits & {*two.options.tags, *(name for name, _ in two.concurrency)})
