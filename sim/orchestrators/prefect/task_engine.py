"""The task engine: one task run, from Pending to its last state, in the thread that it was given.

Source: Prefect 3.8.8, task_engine.py. A task run resolves its inputs first, then takes the slots of
its tags, and keeps both its thread and its slots through every retry delay. Each step is a
generator of the kernel; nothing here raises for a simulated failure: how a call ends is its state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.cache_keys import task_names
from sim.orchestrators.prefect.caching import Call as CacheCall
from sim.orchestrators.prefect.clamped_poisson import clamped_poisson
from sim.orchestrators.prefect.concurrency import RETRY_JITTER, TAG_WAIT_MAX, WAIT_MAX, give, take
from sim.orchestrators.prefect.runs import Ending, Hold
from sim.orchestrators.prefect.states import State, StateType
from sim.orchestrators.prefect.task_transactions import hang, transaction_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.orchestrators.prefect.blocks import Blocks
    from sim.orchestrators.prefect.concurrency import ConcurrencyLimit
    from sim.orchestrators.prefect.flows import TaskOptions
    from sim.orchestrators.prefect.runs import Client, Steps, TaskRun
    from sim.orchestrators.prefect.transactions import Transaction

_OVERDUE = Ending(raised="timed_out")
"""What a body that a signal ended in the main thread says."""


class TaskEngine:
    """Runs the task runs of one flow run."""

    def __init__(self, client: Client, blocks: Blocks) -> None:
        self._client = client
        self._kernel = client.kernel
        self._blocks = blocks

    def resolve(self, run: TaskRun) -> Steps:
        """Wait for every upstream in order; whether the task may go on.

        The first that is not accepted decides; those behind it are not waited for.
        """
        for upstream, allow_failure in run.upstream:
            yield from self.wait(upstream)
            if run.flow_run.root.leaving:
                self._leave(run)
                return False
            if not states.accepts(upstream.state, allow_failure=allow_failure):
                self.finish(run, states.NOT_READY, upstream=upstream.call.name)
                return False
        return True

    def wait(self, run: TaskRun) -> Steps:
        """Wait until a task run will not change any more."""
        if not run.finished:
            if run.done is None:
                run.done = self._kernel.event()
            yield run.done

    def execute(self, run: TaskRun) -> Steps:
        """Every try of a task run whose inputs are there."""
        limits = self._client.limits_of(run.call.options.tags)
        hold = yield from self._acquire(run, limits, 1, TAG_WAIT_MAX)
        if run.flow_run.root.leaving:
            self._release(run, hold)
            self._leave(run)
            return
        run.key = self._key(run)
        yield from self._tries(run)
        self._release(run, hold)

    def interrupt(self, run: TaskRun, state: State) -> Steps:
        """A signal of the flow ends a call in its thread: what the call began is taken back."""
        if run.process is not None:
            run.process.kill(state.reason or state.name)
            run.process = None
        yield from self._close(run, raised=True)
        if run.state.terminal:
            # it had ended, and what was interrupted is what is done when it is kept
            self._over(run)
        else:
            self.finish(run, state)

    # -- tries ------------------------------------------------------------------------------

    def _tries(self, run: TaskRun) -> Steps:
        client, state = self._client, states.RUNNING
        while True:
            run.run_count += 1
            run.state = state
            run.started = self._kernel.now
            client.task_run_state(run, state)
            ending = yield from self._try(run)
            if run.finished:
                return
            last = self._judge(run, ending)
            raised = bool(ending.raised) or last.name == "TimedOut"
            again = last.type is StateType.FAILED and self._retries(run, last)
            if raised or again:
                # of a failed state that is returned and tried again, nothing is staged
                yield from self._close(run, raised=raised, cause=ending.cause)
            if not again:
                run.raised = raised
                yield from self._end(run, last, ending)
                return
            state = yield from self._before_retry(run, last, ending)
            if run.flow_run.root.leaving:
                self._over(run)
                return

    def _try(self, run: TaskRun) -> Steps:
        """One transaction: its record is what the call returns, or the body runs.

        How the body ended; with a record the task run is finished.
        """
        transaction = transaction_of(run, self._client, self._blocks)
        if not (yield from transaction.begin(self._patience(run, transaction))):
            return _OVERDUE
        if self._late(run):
            transaction.give_up()
            return _OVERDUE
        run.transaction = transaction
        if transaction.committed:
            value = yield from transaction.read()
            yield from self._end(run, states.cached(value), Ending(value=value))
            return None
        return (yield from self._body(run))

    def _patience(self, run: TaskRun, transaction: Transaction) -> int | None:
        """Until when it waits for the lock of its transaction; None: for ever."""
        timeout, slot = run.call.options.timeout, transaction.slot
        if timeout is None or slot is None or slot.locks is None:
            return None
        until = run.started + timeout
        return until if run.main_thread else slot.locks.seen(until, self._kernel.now)

    def _late(self, run: TaskRun) -> bool:
        """Whether its time was over before its body could begin."""
        timeout = run.call.options.timeout
        return timeout is not None and self._kernel.now - run.started > timeout

    def _body(self, run: TaskRun) -> Steps:
        """The user's function between the slots that it takes itself; what it says at its end."""
        wanted = dict(run.call.concurrency)
        limits = self._client.global_limits(list(wanted)) if wanted else ()
        holds: list[Hold] = []
        for limit in limits:
            hold = yield from self._acquire(run, (limit,), wanted[limit.name], WAIT_MAX)
            if limit.slot_decay_per_second <= 0:
                holds.append(hold)
        ending = yield from self._perform(run)
        for hold in holds:
            self._release(run, hold)
        return ending

    def _perform(self, run: TaskRun) -> Steps:
        """One try of the work, until it ends or a signal ends it."""
        told = self._kernel.event()
        ending: list[Ending] = []

        def on_end(said: Ending) -> None:
            if not ending:
                ending.append(said)
                told.succeed()

        run.process = self._client.begin(run, on_end)
        timeout, alarm = run.call.options.timeout, None
        if timeout is not None and run.main_thread:
            left = max(0, run.started + timeout - self._kernel.now)
            alarm = self._kernel.after(left, on_end, _OVERDUE)
        if not ending:
            yield told
        if alarm is not None:
            alarm.cancel()
        if ending[0] is _OVERDUE and run.process is not None:
            run.process.kill("timed_out")
        run.process = None
        return ending[0]

    def _judge(self, run: TaskRun, ending: Ending) -> State:
        """The state that a try ended in; in a thread, what took too long is only seen now."""
        if ending is _OVERDUE or self._late(run):
            return states.timed_out()
        if ending.state is not None:
            return ending.state
        if ending.raised:
            return states.failed(ending.raised, ending.raised)
        return states.completed(ending.value)

    @staticmethod
    def _retries(run: TaskRun, last: State) -> bool:
        """Whether another try follows (`handle_retry`, `can_retry`)."""
        options: TaskOptions = run.call.options
        if run.run_count > options.retry.retries:
            return False
        return options.retry_on is None or last.reason in options.retry_on

    def _before_retry(self, run: TaskRun, last: State, ending: Ending) -> Steps:
        """The state in which the next try begins, after its delay."""
        client, retry = self._client, run.call.options.retry
        draw = client.draw(run, "prefect_retry_jitter", run.run_count) if retry.jitter else 0.5
        wait = retry.before(run.run_count, draw)
        assert wait is not None
        delay = 0 if wait.delay is None else round(wait.delay * SECOND)
        detail = {"reason": last.reason, "until": self._kernel.now + delay, "cause": ending.cause}
        if wait.delay is None:
            client.task_run_state(run, states.RETRYING, **detail)
            return states.RETRYING
        run.state = states.AWAITING_RETRY
        client.task_run_state(run, run.state, **detail)
        if not run.flow_run.root.leaving:
            yield self._kernel.timeout(delay)
        return states.RETRYING

    # -- the end ----------------------------------------------------------------------------

    def _end(self, run: TaskRun, last: State, ending: Ending) -> Steps:
        """It comes into its last state, and then its transaction ends."""
        transaction = run.transaction
        if transaction is not None:
            value = ending.value if ending.state is None else ending.state
            hang(run, self._client, transaction, value)
        self._come(run, last, cause=ending.cause, said=ending.reason)
        yield from self._close(run, raised=False)
        self._over(run)

    @staticmethod
    def _close(run: TaskRun, *, raised: bool, cause: int = -1) -> Steps:
        """The transaction of its try ends, if it has begun one."""
        transaction, run.transaction = run.transaction, None
        if transaction is not None:
            yield from transaction.leave(raised=raised, cause=cause)

    def finish(self, run: TaskRun, state: State, **detail: object) -> None:
        """This is its last state: whoever waits for it goes on."""
        self._come(run, state, **detail)
        self._over(run)

    def _come(self, run: TaskRun, state: State, **detail: object) -> None:
        run.state = state
        self._client.task_run_state(run, state, **detail)

    def _leave(self, run: TaskRun) -> None:
        """Its flow run was suspended before it began: it stays Pending."""
        self._client.never_begun(run)
        self._over(run)

    @staticmethod
    def _over(run: TaskRun) -> None:
        """Nothing more comes of it in this process: whoever waits for it goes on."""
        run.finished = True
        if run.done is not None and not run.done.triggered:
            run.done.succeed()

    # -- keys and slots ---------------------------------------------------------------------

    def _key(self, run: TaskRun) -> tuple[tuple[str, object], ...] | None:
        """Under which key its result is looked up and kept."""
        values = tuple(_resolved(value) for value in run.inputs)
        flow_run, settings = run.flow_run, run.call.options.cache
        own = settings.policy is not None and settings.policy.key_fn is not None
        call = CacheCall(
            {str(number): value for number, value in enumerate(values)},
            run.call.options.task,
            {name: str(value) for name, value in flow_run.parameters.items()},
            flow_run.run_id,
            task_names(run) if own else {},
        )
        return settings.key(call)

    def _acquire(
        self, run: TaskRun, limits: Sequence[ConcurrencyLimit], slots: int, wait_max: float
    ) -> Steps:
        """Ask for slots until they are given: whoever asks first after a release has them.

        What it holds then; slots that decay are never given back.
        """
        tried = 0
        while limits:
            mean = take(limits, slots, self._kernel.now, wait_max=wait_max)
            if mean is None:
                break
            if not tried:
                self._client.waits_for_slot(run)
            tried += 1
            names = ",".join(limit.name for limit in limits)
            draw = self._client.draw(run, f"prefect_slot_wait:{names}", tried)
            wait = clamped_poisson(mean, RETRY_JITTER, draw) if mean > 0 else 0.0
            yield self._kernel.timeout(max(1, round(wait * SECOND)))
        hold = Hold(tuple(limits), slots, self._kernel.now)
        if limits and not any(limit.slot_decay_per_second > 0 for limit in limits):
            run.holds.append(hold)
        return hold

    def _release(self, run: TaskRun, hold: Hold) -> None:
        if hold in run.holds:
            run.holds.remove(hold)
            now = self._kernel.now
            give(hold.limits, hold.slots, (now - hold.since) / SECOND, now)


def _resolved(value: object) -> object:
    """What an upstream hands on: the result, or the exception that was let through."""
    of_run = getattr(value, "state", None)
    return of_run.value if isinstance(of_run, State) else value
