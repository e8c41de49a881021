"""The ledger of Airflow: which rule of the scheduler kept a task instance where it was.

The order of rules is the critical section's (`sim.orchestrators.airflow.critical_section`). What
comes free between two loops counts as taken for all but the one who gets it. Where the metadata
database is slow, the part of a wait for a loop that is longer than a loop is the database's.
Invariant: the waits of a task instance follow each other without a gap from its due to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sim.kernel.calendar import parse_span
from sim.model.facts import Fact
from sim.model.states import FINISHED, RunState, TaskState
from sim.orchestrators.airflow.plan import plan_dags
from sim.orchestrators.airflow.versions import VERSIONS
from sim.views.ledger.pieces import Pieces
from sim.views.ledger.reasons import Reason, Wait
from sim.views.ledger.steps import Steps
from sim.views.ledger.story import Story
from sim.views.ledger.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Journal
    from sim.orchestrators.airflow.config import AirflowConfig
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.views.ledger.story import Change, RunStory, TaskStory

_BY_HAND = frozenset({"manual", "backfill"})
_GAP_LOOPS = 2


_NOT_LOADED = frozenset({"import_error", "task_missing"})
"""Why a worker gave a try back at its start."""


@dataclass(frozen=True, slots=True)
class _Stay:
    """A task instance in one state."""

    state: TaskState
    start: int
    end: int
    current: Change | None
    """What brought it there; None: it was created so."""
    following: Change | None
    """What ended it; None: nothing has."""

    @property
    def until(self) -> int:
        """When its own wait is over, by what was said at its beginning."""
        said = None if self.current is None else self.current.until
        return self.end if said is None else said


def ledger(journal: Journal, settings: AirflowConfig, *, now: int) -> AirflowLedger:
    """The ledger of a journal that ends at `now`, under the config that made it."""
    return AirflowLedger(journal, settings, now=now)


class AirflowLedger:
    """Waits of one journal, which ends at `now`."""

    def __init__(self, journal: Journal, config: AirflowConfig, *, now: int) -> None:
        self.now = now
        version = VERSIONS[config.version]
        self.config = config = replace(config, dags=config.every_dag)
        self.story = story = Story(journal, schedulers=config.schedulers)
        self._journal = journal
        self._loop = parse_span(config.loop)
        self._slow = bool(parse_span(config.database.latency))
        self._plans = {plan.dag_id: plan for plan in plan_dags(config, version)}
        self.usage = Usage(story, config, self._plans, version, loop=self._loop)
        self._limits = {dag_id: self._run_limit(plan) for dag_id, plan in self._plans.items()}
        self._first_run: dict[str, int] = {}
        """When each DAG's first run by its schedule was created."""
        for run in story.runs.values():
            if run.run_type not in _BY_HAND:
                self._first_run.setdefault(run.dag_id, run.created)
        self._kept: dict[int, tuple[Wait, ...]] = {}

    def waits(self, entity: int) -> tuple[Wait, ...]:
        """Why each instant of a task instance passed, in order."""
        if entity not in self._kept:
            self._kept[entity] = tuple(self._waits(self.story.tasks[entity]))
        return self._kept[entity]

    def end(self, story: TaskStory) -> int:
        """When the last try of a task instance ended; `now` while it has not."""
        since = story.changes[-1].at if story.changes else story.run.created
        if story.state in FINISHED or story.state is TaskState.REMOVED:
            return since
        over = self._run_over(story.run)
        if story.state is TaskState.NONE and over is not None:
            return max(over, since)
        return self.now

    def holders(self, story: TaskStory, reason: Reason, instant: int) -> list[TaskStory]:
        """Who held at an instant what a task instance waited for, in order of its beginning."""
        return self.usage.holders(story, reason, instant)

    @staticmethod
    def _run_over(run: RunStory) -> int | None:
        """When a run ended for good; None: it has not."""
        if run.states.last in {RunState.SUCCESS, RunState.FAILED}:
            return run.states.times[-1]
        return None

    # -- one task instance ------------------------------------------------------------------

    def _waits(self, story: TaskStory) -> Iterator[Wait]:
        end, run = self.end(story), story.run
        slow_after = self._loop if self._slow else None
        pieces = Pieces(story.entity, run, self.story, slow_after=slow_after)
        first = story.changes[0] if story.changes else None
        if first is not None and first.state is TaskState.NONE and first.reason == "cleared":
            # it was done before the clock started, until somebody asked for it again
            pieces.add(run.due, first.at, Reason.HUMAN, self._by(first.cause))
            begins = first.at
        else:
            self._before(pieces, run, min(run.created, end))
            begins = run.created
        changes = [change for change in story.changes if change.at >= begins]
        at, state = begins, TaskState.NONE
        current: Change | None = None
        for following in [*changes, None]:
            to = end if following is None else min(following.at, end)
            if to > at:
                self._while(pieces, story, _Stay(state, at, to, current, following))
                at = to
            if following is not None:
                state, current = following.state, following
        return iter(pieces.waits)

    def _before(self, pieces: Pieces, run: RunStory, to: int) -> None:
        """From the due of a run to its creation."""
        start = run.due
        if run.run_type in _BY_HAND:
            pieces.add(start, to, Reason.HUMAN, self._by(run.cause))
            return
        known = max(self.story.start, self._first_run.get(run.dag_id, 0) - self._loop)
        if start < known < to:
            # before the clock started, or before its DAG was there or switched on
            pieces.add(start, known, Reason.SCHEDULE, run.dag_id)
            start = known
        self._for_turn(pieces, run, start, to)

    def _while(self, pieces: Pieces, story: TaskStory, stay: _Stay) -> None:
        """Why a task instance stayed in a state."""
        start, end = stay.start, stay.end
        match stay.state:
            case TaskState.NONE | TaskState.REMOVED:
                self._unscheduled(pieces, story, stay)
            case TaskState.SCHEDULED:
                self._scheduled(pieces, story, start, end)
            case TaskState.QUEUED:
                sequential = self.config.executors == ["SequentialExecutor"]
                reason = Reason.EXECUTOR_SLOT if sequential else Reason.WORKER
                # what is queued below the slots needs no scheduler to start
                pieces.add(start, end, reason, self._executor(story))
            case TaskState.RUNNING:
                self._running(pieces, story, start, end)
            case TaskState.UP_FOR_RETRY | TaskState.UP_FOR_RESCHEDULE:
                until = max(start, min(stay.until, end))
                pieces.add(start, until, *self._between(story, stay))
                pieces.add(until, end, Reason.SCHEDULER_LOOP)
            case TaskState.DEFERRED:
                pieces.add(start, end, Reason.DEFERRAL, self._awaited(story))
            case _:
                by = "" if stay.following is None else self._by(stay.following.cause)
                pieces.add(start, end, Reason.HUMAN, by)

    def _between(self, story: TaskStory, stay: _Stay) -> tuple[Reason, str]:
        """Why a try waits for an instant, and for what."""
        if stay.state is TaskState.UP_FOR_RETRY:
            return Reason.RETRY_DELAY, ""
        if stay.current is not None and stay.current.reason in _NOT_LOADED:
            return Reason.PARSE, story.run.dag_id
        return Reason.SENSOR_POKE, self._awaited(story)

    def _running(self, pieces: Pieces, story: TaskStory, start: int, end: int) -> None:
        """On a worker, as long as that lives."""
        gone = next((one for one in story.gone if start <= one[0] < end), None)
        alive = end if gone is None else gone[0]
        task = self.usage.task(story)
        if task is not None and task.sensor is not None:
            pieces.add(start, alive, Reason.SENSOR_POKE, self._awaited(story))
        else:
            pieces.add(start, alive, Reason.RUNNING)
        if gone is not None:
            pieces.add(alive, end, Reason.WORKER, gone[1])

    def _scheduled(self, pieces: Pieces, story: TaskStory, start: int, end: int) -> None:
        """Between scheduled and queued: the critical section passed it over, and why."""
        for at, to, blocked in self.usage.blocked(story, start, end):
            if blocked is not None:
                pieces.add(at, to, *blocked)
            elif to - at > _GAP_LOOPS * self._loop and not self._slow:
                other = self.usage.queued_between(at, to)
                name = "" if other is None else other.name
                reason = Reason.SCHEDULER_LOOP if other is None else Reason.PRIORITY
                pieces.add(at, to, reason, name)
            else:
                pieces.add(at, to, Reason.SCHEDULER_LOOP)

    def _unscheduled(self, pieces: Pieces, story: TaskStory, stay: _Stay) -> None:
        """No state yet: the run's turn, then those above, then earlier runs, then the loop."""
        run = story.run
        for at, to, state in run.states.pieces(stay.start, stay.end):
            if state is RunState.RUNNING:
                ends = stay.following is None and to == stay.end
                self._in_running_run(pieces, story, at, to, for_good=ends)
            elif state in {RunState.SUCCESS, RunState.FAILED}:
                pieces.add(at, to, Reason.TRIGGER_RULE, run.run_id)
            else:
                self._for_turn(pieces, run, at, to)

    def _in_running_run(
        self, pieces: Pieces, story: TaskStory, start: int, end: int, *, for_good: bool
    ) -> None:
        latest, last = self._last_above(story, end)
        if latest is not None and last > start:
            until = min(last, end)
            pieces.add(start, until, Reason.UPSTREAM, latest.name, entity=latest.entity)
            start = until
        if start >= end:
            return
        task = self.usage.task(story)
        if task is not None and (task.depends_on_past or task.wait_for_downstream):
            start = self._past(pieces, story, start, end)
        if for_good and end - start > _GAP_LOOPS * self._loop:
            pieces.add(start, end, Reason.TRIGGER_RULE, story.task_id)
        else:
            pieces.add(start, end, Reason.SCHEDULER_LOOP)

    def _last_above(self, story: TaskStory, end: int) -> tuple[TaskStory | None, int]:
        """The upstream task instance that finished last by `end`, or has not, and when."""
        task = self.usage.task(story)
        found: tuple[TaskStory | None, int] = None, -1
        if task is None:
            return found
        plan = self._plans[story.run.dag_id]
        open_ones: list[TaskStory] = []
        for number in task.upstream:
            shape = plan.tasks[number].shape
            paired = shape is not None and task.number in shape.pairs
            for above in story.run.tasks.get(plan.task_ids[number], ()):
                if paired and above.map_index not in {-1, story.map_index}:
                    continue
                at = above.finished_by(end)
                if at is None:
                    open_ones.append(above)
                elif at > found[1]:
                    found = above, at
        if open_ones and (found[0] is None or not task.eager):
            return open_ones[0], end
        return found

    def _past(self, pieces: Pieces, story: TaskStory, start: int, end: int) -> int:
        """Wait for the same task of the run before; returns when that was over."""
        earlier = [
            run
            for run in self.story.runs.values()
            if run.dag_id == story.run.dag_id
            and run.logical_date is not None
            and story.run.logical_date is not None
            and run.logical_date < story.run.logical_date
        ]
        if not earlier:
            return start
        before = max(earlier, key=lambda run: run.logical_date or 0)
        for other in before.tasks.get(story.task_id, ()):
            good = {TaskState.SUCCESS, TaskState.SKIPPED}
            over = other.finished_by(end)
            done = over is not None and other.state_at(end) in good
            until = min(over, end) if done and over is not None else end
            if until > start:
                pieces.add(start, until, Reason.DEPENDS_ON_PAST, before.run_id, entity=other.entity)
                start = until
        return start

    # -- the scheduler ----------------------------------------------------------------------

    def _for_turn(self, pieces: Pieces, run: RunStory, start: int, end: int) -> None:
        """The run is not created or not running: its DAG has all that it may, or a loop comes."""
        limit = self._limits.get(run.dag_id)
        if limit is None:
            pieces.add(start, end, Reason.SCHEDULER_LOOP)
            return
        raw, filled = limit
        free = raw.free_before(end, empty="")
        for at, to, by in filled.pieces(start, end):
            held = max(at, min(to, free))
            pieces.add(at, held, Reason.RUN_LIMIT if by else Reason.SCHEDULER_LOOP, by)
            pieces.add(held, to, Reason.SCHEDULER_LOOP)

    def _run_limit(self, plan: DagPlan) -> tuple[Steps[str], Steps[str]]:
        """At which times a DAG had as many runs as it may, and the oldest of them by its name.

        As it was, and with what came free between two loops filled.
        """
        moves = sorted(
            (at, run.entity, state in {RunState.QUEUED, RunState.RUNNING})
            for run in self.story.runs.values()
            if run.dag_id == plan.dag_id
            for at, state in zip(run.states.times[1:], run.states.values[1:], strict=True)
        )
        running: dict[int, None] = {}
        found: Steps[str] = Steps("")
        for at, entity, _ in moves:
            state = self.story.runs[entity].states.at(at)
            if state is RunState.RUNNING:
                running[entity] = None
            else:
                running.pop(entity, None)
            full = len(running) >= plan.max_active_runs
            oldest = self.story.runs[next(iter(running))].run_id if running else ""
            found.put(at, oldest if full else "")
        return found, found.filled(_GAP_LOOPS * self._loop, empty="")

    # -- names ------------------------------------------------------------------------------

    def _executor(self, story: TaskStory) -> str:
        task = self.usage.task(story)
        name = self.config.executors[0 if task is None else task.executor]
        celery = name == "CeleryExecutor" and task is not None
        return f"{name} {task.queue}" if celery and task is not None else name

    def _awaited(self, story: TaskStory) -> str:
        """What a sensor waits for."""
        if story.probed is not None:
            return story.probed[0]
        dag = self.config.dags.get(story.run.dag_id)
        task = None if dag is None else dag.tasks.get(story.task_id)
        sensor = None if task is None else task.sensor
        return "" if sensor is None else sensor.system or sensor.external_dag_id or ""

    def awaited_tasks(self, story: TaskStory) -> tuple[str, ...]:
        """The tasks of another DAG that a sensor waits for; none: the whole run."""
        dag = self.config.dags.get(story.run.dag_id)
        task = None if dag is None else dag.tasks.get(story.task_id)
        if task is None or task.sensor is None:
            return ()
        one, several = task.sensor.external_task_id, task.sensor.external_task_ids
        return (one,) if one is not None else tuple(several)

    def _by(self, row: int) -> str:
        """Who did it, when a person did."""
        seen = 0
        while row >= 0 and seen < 4:  # noqa: PLR2004 - a person is never far from what follows
            found = self._journal[row]
            if found.fact is Fact.INTERVENTION:
                return str(found.detail.get("by", ""))
            row, seen = found.cause, seen + 1
        return ""
