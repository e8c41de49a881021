"""A run worker: the process that executes the steps of one run, and those of its steps.

It drives `steps.ActiveExecution` as the in-process and the multiprocess executor do. Invariant: a
worker that is gone writes nothing any more; what it was doing is left as it is, pool slots too.
Source: Dagster 1.13.29, _core/executor/multiprocess.py, _core/execution/plan/execute_plan.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.model.states import TaskState
from sim.model.work import Outcome, Result
from sim.orchestrators.dagster.check_records import check_evaluated
from sim.orchestrators.dagster.failures import StepFailure, asks_again
from sim.orchestrators.dagster.macros import StepTry, attempt_of
from sim.orchestrators.dagster.retry_delay import retry_delay_us
from sim.orchestrators.dagster.runs import RunStatus
from sim.orchestrators.dagster.slot_claims import SlotClaims
from sim.orchestrators.dagster.step_data import StepData
from sim.orchestrators.dagster.steps import ActiveExecution, StepEnd
from sim.orchestrators.dagster.tag_limits import TagCounter

if TYPE_CHECKING:
    from sim.kernel.loop import Call
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.plan import Step
    from sim.orchestrators.dagster.runs import Run

TRY = 256
_SWEPT: dict[StepEnd, tuple[TaskState, dict[str, Any]]] = {
    StepEnd.SKIPPED: (TaskState.SKIPPED, {}),
    StepEnd.ABANDONED: (TaskState.UPSTREAM_FAILED, {"state": "abandoned"}),
}


class RunWorker:
    """The process of one run."""

    def __init__(self, instance: Instance, run: Run) -> None:
        self._instance = instance
        self._kernel = instance.kernel
        self._platform = instance.platform
        self._executor = run.job.executor
        self._claims = SlotClaims(instance, run, self._advance)
        self._data = StepData(instance)
        self._ready: set[str] = set()
        """Steps that are told to be ready and have not started since."""
        self._wake: Call | None = None
        self.run = run
        self.alive = True
        self.tries: dict[str, StepTry] = {}
        """The tries under way, by step key, in the order in which they began."""
        self.active = ActiveExecution(run.plan)
        run.active = self.active

    @property
    def unheard(self) -> bool:
        """Whether the storage takes nobody's events now."""
        return self._instance.database_off

    def start(self) -> None:
        """The code is loaded: the run is STARTED."""
        self._instance.set_status(self.run, RunStatus.STARTED)
        self._advance()

    # -- starting steps ---------------------------------------------------------------------

    def _advance(self) -> None:
        """Start what may start, and skip or abandon what never will."""
        if not self.alive:
            return
        many = self._executor.multiprocess
        while True:
            taken = self._take()
            for step in taken:
                self._launch(step)
            # the in-process executor looks for what to skip only after a step
            if not (many and self._sweep()) and not taken:
                break
        if self.active.complete:
            self._finish()
            return
        due = self.active.next_retry
        # one that is due and still waits finds no room: whatever makes room comes here
        if due is not None and due > self._kernel.now:
            if self._wake is not None:
                self._wake.cancel()
            self._wake = self._kernel.at(due, self._advance)

    def _take(self) -> list[Step]:
        active, room = self.active, self._executor.limit - len(self.active.in_flight)
        if room <= 0:
            self._note_ready()
            return []
        limits = TagCounter(
            self._executor.tag_limits, (step.tags for step in active.in_flight.values())
        )
        taken = active.take(self._kernel.now, limit=room, admits=partial(self._admits, limits))
        self._claims.full(len(active.in_flight) >= self._executor.limit)
        self._note_ready(taken)
        return taken

    def _admits(self, limits: TagCounter, step: Step) -> bool:
        if limits.blocking(step.tags) is not None:
            return False
        limits.add(step.tags)
        return self._claims.claim(step)

    def _note_ready(self, taken: list[Step] | None = None) -> None:
        """Write down which steps wait for nothing but a place."""
        for step in [*(taken or ()), *self.active.ready]:
            if step.key not in self._ready:
                self._ready.add(step.key)
                self._state(step, TaskState.SCHEDULED)

    def _launch(self, step: Step) -> None:
        self._ready.discard(step.key)
        self.run.tries[step.key] += 1
        many = self._executor.multiprocess
        detail: dict[str, Any] = {"state": "STEP_WORKER_STARTING"} if many else {}
        row = self._state(step, TaskState.QUEUED, **detail)
        tried = StepTry(
            self.run,
            step,
            self.run.job.nodes[step.key],
            self._entity(step),
            self._number(step),
            row,
            self.run.keys_for(self.run.job.nodes[step.key]),
        )
        self.tries[step.key] = tried
        tried.call = self._kernel.after(self._executor.step_start, self._begin, tried)

    def _begin(self, tried: StepTry) -> None:
        tried.row = self._state(tried.step, TaskState.RUNNING)
        if not self._data.ready(tried):
            # the IO manager finds nothing; the failure comes inside what the policy surrounds
            self._end(tried, Outcome(Result.FAILED, "missing_input"))
            return
        self._perform(tried)
        self._meet_fate(tried)

    def _perform(self, tried: StepTry) -> None:
        tried.attempt = attempt_of(tried)
        tried.process = self._platform.workshop.begin(
            tried.attempt, partial(self._performed, tried)
        )

    def _performed(self, tried: StepTry, outcome: Outcome) -> None:
        """The op has done its work on one partition, or failed on it and so on all."""
        if tried.over:
            return
        tried.process = None
        if outcome.result is Result.SUCCESS and tried.at + 1 < len(tried.partition_keys):
            tried.at += 1
            self._perform(tried)
            return
        self._end(tried, outcome)

    # -- the ends of steps ------------------------------------------------------------------

    def _end(self, tried: StepTry, outcome: Outcome) -> None:
        if tried.over or not self.alive:
            return
        cut_off = tried.split_until is not None and self._kernel.now < tried.split_until
        if self.unheard or cut_off:
            # its events cannot be stored: the process of the run dies of that
            self.die("events_not_stored")
            return
        self._close(tried)
        check_evaluated(self._instance, tried, outcome)
        failure, missing = self._judge(tried, outcome)
        cause = outcome.cause if outcome.cause >= 0 else tried.row
        if failure is None:
            if not missing:
                self._data.hand_over(tried, outcome, cause)
            self._succeed(tried, missing=missing, cause=cause)
        else:
            self._fail(tried, failure, outcome.reason, cause)
        self._instance.pools.free(self.run.run_id, tried.step.key)
        self._sweep()
        self._advance()

    def _close(self, tried: StepTry) -> None:
        tried.over = True
        tried.process = None
        if tried.call is not None:
            tried.call.cancel()
        del self.tries[tried.step.key]

    @staticmethod
    def _judge(tried: StepTry, outcome: Outcome) -> tuple[StepFailure | None, bool]:
        """How the try failed, None: it did not; and whether it yielded no output."""
        node = tried.node
        match outcome.result:
            case Result.SUCCESS:
                return None, False
            case Result.SKIPPED:
                return (StepFailure("framework"), True) if node.output_required else (None, True)
            case _ if node.check is not None and outcome.reason == "check_failed":
                # a result that did not pass; only a blocking ERROR fails the step
                blocks = node.check.blocking and node.check.severity == "ERROR"
                return (StepFailure("framework"), False) if blocks else (None, False)
            case Result.FAILED_NO_RETRY:
                return StepFailure("no_retries"), False
            case _:
                return StepFailure("error"), False

    def _succeed(self, tried: StepTry, *, missing: bool, cause: int) -> None:
        step = tried.step
        detail: dict[str, Any] = {"reason": "no_output"} if missing else {}
        tried.row = self._state(step, TaskState.SUCCESS, cause, **detail)
        self.active.mark_success(step.key, missing=step.outputs if missing else ())
        self._announce(tried, self.run.job.hooks.success)

    def _fail(self, tried: StepTry, failure: StepFailure, reason: str, cause: int) -> None:
        step, policy = tried.step, tried.node.retry_policy
        attempts = self.active.attempts.get(step.key, 0)
        again = self._executor.retries and asks_again(
            failure,
            policy_retries=None if policy is None else policy.max_retries,
            attempts=attempts,
        )
        if not again:
            tried.row = self._state(step, TaskState.FAILED, cause, reason=reason)
            self.active.mark_failed(step.key)
            self._announce(tried, self.run.job.hooks.failure)
            return
        delay = 0
        if policy is not None:
            draw = self._kernel.streams.uniform(
                "dagster_retry_jitter", self.run.job.name, step.key, self.run.run_id, attempts
            )
            delay = retry_delay_us(policy, attempts + 1, draw=draw)
        due = self._kernel.now + delay
        self._state(step, TaskState.UP_FOR_RETRY, cause, reason=reason, until=due)
        self.active.mark_up_for_retry(step.key, at=due if delay else None)

    def _sweep(self) -> bool:
        swept = self.active.sweep()
        for step, end in swept:
            state, detail = _SWEPT[end]
            self._state(step, state, **detail)
        return bool(swept)

    def _finish(self) -> None:
        self._leave()
        if self.active.failed:
            self.run.failure_reason = "step_failure"
            self._instance.set_status(self.run, RunStatus.FAILURE, reason="step_failure")
        else:
            self._instance.set_status(self.run, RunStatus.SUCCESS)

    def _leave(self) -> None:
        """The process ends in order: steps that waited for slots leave the lines."""
        self.alive = False
        self.run.worker = None
        if self._wake is not None:
            self._wake.cancel()
        self._instance.pools.free_run(self.run.run_id, pending_only=True)

    # -- ends from outside ------------------------------------------------------------------

    def cancel(self) -> None:
        """The termination signal: no new steps, and those under way are interrupted."""
        for tried in list(self.tries.values()):
            self._interrupt(tried, "killed")
            tried.row = self._state(tried.step, TaskState.FAILED, tried.row, reason="killed")
            self.active.mark_failed(tried.step.key)
            self._instance.pools.free(self.run.run_id, tried.step.key)
        self._forget("killed")
        self._leave()

    def die(self, reason: str) -> None:
        """The process is gone, with those of its steps; nobody is told."""
        self.alive = False
        self.run.worker, self.run.lost_worker = None, self
        if self._wake is not None:
            self._wake.cancel()
        self._instance.worker_lost()
        for tried in list(self.tries.values()):
            begun = tried.attempt is not None
            self._interrupt(tried, reason)
            if begun:
                self._kernel.fact(
                    Fact.PROCESS, tried.entity, tried.try_number, tried.row, end="lost"
                )

    def give_up(self, reason: str) -> None:
        """The run is over without its worker: no step of it will end by itself any more."""
        for key in list(self.active.in_flight):
            step = self.active.plan.by_key[key]
            self._state(step, TaskState.FAILED, self.run.row, reason=reason)
            self.active.mark_failed(key)
        self._forget(reason)

    def _forget(self, reason: str) -> None:
        """Steps that had not started, or waited for another try, will not any more."""
        for step in self.active.plan.steps:
            if step.key in self._ready or step.key in self.active.waiting_to_retry:
                self._state(step, TaskState.NONE, self.run.row, reason=reason)
        self._ready.clear()

    def _interrupt(self, tried: StepTry, reason: str) -> None:
        if tried.process is not None:
            tried.process.kill(reason)
        self._close(tried)

    def _meet_fate(self, tried: StepTry) -> None:
        """What a fault does to the process of a step, or to that of its run."""
        fates = self._platform.fates
        fate = None if fates is None or tried.attempt is None else fates.of(tried.attempt)
        if fate is None:
            return
        if fate.kind == "network_split":
            never = 1 << 62
            start = self._kernel.now
            tried.call = self._kernel.after(
                fate.after, self._split, tried, never if fate.until is None else start + fate.until
            )
            return
        alone = fate.kind == "worker_crash" and self._executor.multiprocess
        strike = self._crash if alone else self._lose
        tried.call = self._kernel.after(fate.after, strike, tried, fate.kind)

    def _split(self, tried: StepTry, until: int) -> None:
        self._fault(tried, "network_split")
        tried.split_until = until

    def _crash(self, tried: StepTry, kind: str) -> None:
        """The process of a step ends without an event (`ChildProcessCrashException`)."""
        row = self._fault(tried, kind)
        if tried.process is not None:
            tried.process.kill(kind)
        self._end(tried, Outcome(Result.FAILED, "worker_crash", row))

    def _lose(self, tried: StepTry, kind: str) -> None:
        self._fault(tried, kind)
        self.die(kind)

    def _fault(self, tried: StepTry, kind: str) -> int:
        return self._kernel.fact(Fact.FAULT, tried.entity, 0, tried.row, fault=kind)

    # -- facts ------------------------------------------------------------------------------

    def _announce(self, tried: StepTry, alerts: list[str]) -> None:
        for alert in alerts:
            attempt = attempt_of(tried) if tried.attempt is None else tried.attempt
            self._platform.announcer.send(alert, attempt, cause=tried.row)

    def _state(self, step: Step, state: TaskState, cause: int = -1, /, **detail: Any) -> int:
        value = state + TRY * self._number(step)
        cause = self.run.row if cause < 0 else cause
        return self._kernel.fact(Fact.TASK_STATE, self._entity(step), value, cause, **detail)

    def _number(self, step: Step) -> int:
        return self.active.attempts.get(step.key, 0) + 1

    def _entity(self, step: Step) -> int:
        known = self.run.steps.get(step.key)
        if known is None:
            journal = self._kernel.journal
            known = journal.entity(Entity.TASK_INSTANCE, step.key, self.run.entity, -1)
            self.run.steps[step.key] = known
        return known
