"""CeleryExecutor: a broker with queues, and workers that reserve messages and run them.

Source: Celery provider 3.26.0, executors/celery_executor.py `_send_workloads`,
celery_executor_utils.py `execute_workload` (a second delivery of running work is ignored);
`airflow celery worker --queues --concurrency`; Celery's prefetch_count and redis' visibility
timeout. Which of several idle workers a message reaches is open there; here the one that was
served least recently. Invariant: a worker runs at most its concurrency, and holds at most
concurrency x multiplier messages beside those already acknowledged.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.model.facts import Entity, Fact
from sim.orchestrators.airflow.config_executors import CeleryWorker
from sim.orchestrators.airflow.executor import Traits
from sim.orchestrators.airflow.rows import QUEUED, RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.kernel.loop import Call
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.executor import Executor
    from sim.orchestrators.airflow.executors.backend import Surroundings
    from sim.orchestrators.airflow.rows import TaskInstance


@dataclass(slots=True, eq=False)
class Message:
    """One task instance on its way to a worker."""

    ti: TaskInstance
    token: int
    celery: Celery
    acknowledged: bool = False
    delivered: int = 0
    """How often a worker got it."""
    double: bool = False
    """Whether another delivery of the same hand-over has its executor's slot."""
    origin: Message | None = None
    """The one that this is delivered again for."""
    start: Call | None = None
    """The start of its process, while that is still to come."""

    def kill(self, reason: str) -> None:  # noqa: ARG002 - whatever the reason
        """Take it back, wherever it waits."""
        self.celery.withdraw(self)


@dataclass(slots=True, eq=False)
class Worker:
    """One Celery worker."""

    name: str
    queues: tuple[str, ...]
    concurrency: int
    reserved: deque[Message] = field(default_factory=deque)
    """Delivered and not started."""
    running: dict[tuple[TaskInstance, int], Message] = field(default_factory=dict)
    """By task instance and hand-over: an older process of the same one may still live."""
    alive: bool = True


class Celery:
    """The broker and its workers, for all schedulers of a deployment."""

    traits = Traits(adopts=True, revokes=True)
    elsewhere = True
    steps = True

    def __init__(self, around: Surroundings) -> None:
        config = around.config
        celery, default_queue = config.cfg.celery, config.cfg.operators.default_queue
        self._around = around
        self._kernel = around.kernel
        self._acks_late = celery.task_acks_late
        self._multiplier = celery.worker_prefetch_multiplier
        options = config.cfg.celery_broker_transport_options
        self._visibility = parse_span(options.visibility_timeout)
        self.workers = [
            Worker(
                name,
                tuple(worker.queues) or (default_queue,),
                worker.concurrency or celery.worker_concurrency,
            )
            for name, worker in (config.celery_workers or {"worker-1": CeleryWorker()}).items()
        ]
        self._turn = list(self.workers)
        """Least recently served first."""
        self._queues: dict[str, deque[Message]] = {}
        self.up = True
        """Whether the broker answers."""
        self._backends: list[CeleryBackend] = []

    def backend(self, executor: Executor, clockwork: Clockwork) -> CeleryBackend:
        """What one scheduler has yet to send."""
        backend = CeleryBackend(self, executor, clockwork, self._around)
        self._backends.append(backend)
        return backend

    # -- the broker -------------------------------------------------------------------------

    def publish(self, message: Message) -> None:
        """Take a message into its queue."""
        self._queues.setdefault(message.ti.task.queue, deque()).append(message)
        self._deliver()

    def withdraw(self, message: Message) -> None:
        """Forget a message whose work has not begun."""
        message.acknowledged = True
        for backend in self._backends:
            backend.unsent.pop(message, None)
        queue = self._queues.get(message.ti.task.queue)
        if queue and message in queue:
            queue.remove(message)
        for worker in self.workers:
            if message in worker.reserved:
                worker.reserved.remove(message)
        if message.start is not None:
            message.start.cancel()
            message.start = None
            self.ended(message.ti, message.token)
        self._deliver()

    def _deliver(self) -> None:
        """Give waiting messages to workers with room, one each in turn."""
        served = True
        while served and self.up:
            served = False
            for worker in list(self._turn):
                message = self._next_for(worker)
                if message is not None:
                    served = True
                    self._turn.remove(worker)
                    self._turn.append(worker)
                    self._reserve(worker, message)

    def _next_for(self, worker: Worker) -> Message | None:
        held = len(worker.reserved) + (len(worker.running) if self._acks_late else 0)
        if not worker.alive or held >= worker.concurrency * self._multiplier:
            return None
        for name in worker.queues:
            queue = self._queues.get(name)
            if queue:
                return queue.popleft()
        return None

    def _reserve(self, worker: Worker, message: Message) -> None:
        message.delivered += 1
        worker.reserved.append(message)
        due = self._kernel.now + self._visibility
        self._kernel.at(due, self._redeliver, message, message.delivered)
        again = None if message.origin else self._around.delivered_again(message.ti)
        if again is not None:
            self._kernel.after(again, self._deliver_twice, message, message.delivered)
        self._start(worker)

    def _deliver_twice(self, message: Message, delivered: int) -> None:
        ti = message.ti
        if message.acknowledged or message.delivered != delivered:
            return
        self._kernel.fact(Fact.FAULT, ti.entity, 0, ti.row, fault="double_delivery")
        self._redeliver(message, delivered)

    def _redeliver(self, message: Message, delivered: int) -> None:
        """visibility_timeout: a copy goes to the queue again, whatever became of the first one."""
        if message.acknowledged or message.delivered != delivered:
            return
        message.delivered += 1
        self.publish(Message(message.ti, message.token, self, double=True, origin=message))

    # -- workers ----------------------------------------------------------------------------

    def _start(self, worker: Worker) -> None:
        around = self._around
        while worker.alive and worker.reserved and len(worker.running) < worker.concurrency:
            message = worker.reserved.popleft()
            ti, token = message.ti, message.token
            if not self._acks_late:
                message.acknowledged = True
            waits = ti.token == token and ti.state == QUEUED and not self._runs(message)
            if not waits and self._is_double(message):
                self._refuse(message)
                continue
            # one that was cleared meanwhile starts as well, and is refused by the server
            worker.running[ti, token] = message
            message.start = self._kernel.after(around.start_delay, self._begin, message)
            if waits:
                self._own(message)

    @staticmethod
    def _own(message: Message) -> None:
        """The first delivery that starts is the one that counts."""
        message.ti.process, message.double = message, False
        other = message.origin
        while other is not None:
            other.double = True
            other = other.origin

    def _begin(self, message: Message) -> None:
        message.start = None
        self._around.start(message.ti, message.token)

    def _is_double(self, message: Message) -> bool:
        """Whether this delivery is one too many: its executor's slot is not its own."""
        ti = message.ti
        started = ti.token == message.token and ti.state == RUNNING
        return message.double or started or self._runs(message)

    def _runs(self, message: Message) -> bool:
        return any((message.ti, message.token) in worker.running for worker in self.workers)

    def _refuse(self, message: Message) -> None:
        """The server does not let it start: the message is done with, the work is not touched."""
        message.acknowledged = True
        ti = message.ti
        self._kernel.fact(
            Fact.PROCESS, ti.entity, ti.try_number, ti.row, end="refused", reason="redelivered"
        )

    def ended(self, ti: TaskInstance, token: int) -> None:
        """A process of a worker is free."""
        for worker in self.workers:
            message = worker.running.pop((ti, token), None)
            if message is not None:
                message.acknowledged = True
                self._start(worker)
        self._deliver()

    # -- outages ----------------------------------------------------------------------------

    def stop_workers(self, names: Iterable[str]) -> None:
        """Workers die with all that runs on them.

        What was not acknowledged is delivered again when the visibility timeout is over.
        """
        for worker in self.workers:
            if not worker.alive or worker.name not in names:
                continue
            worker.alive = False
            self._fact(worker, "died")
            running, worker.running = worker.running, {}
            worker.reserved.clear()
            for (ti, token), message in running.items():
                if message.start is not None:
                    message.start.cancel()
                    message.start = None
                else:
                    self._around.lose(ti, token, "worker_off")

    def start_workers(self, names: Iterable[str]) -> None:
        """Workers that died are back."""
        for worker in self.workers:
            if not worker.alive and worker.name in names:
                worker.alive = True
                self._fact(worker, "started")
        self._deliver()

    def break_broker(self) -> None:
        """The broker answers no more: nothing is delivered or taken."""
        self.up = False

    def mend_broker(self) -> None:
        """The broker answers again; what it had it still has."""
        self.up = True
        self._deliver()

    def _fact(self, worker: Worker, reason: str) -> None:
        entity = self._kernel.journal.entity(Entity.WORKER, worker.name)
        self._kernel.fact(Fact.WORKER, entity, int(worker.alive), kind="celery", reason=reason)


class CeleryBackend:
    """One scheduler's side: it sends messages, again and again while the broker is away."""

    def __init__(
        self, celery: Celery, executor: Executor, clockwork: Clockwork, around: Surroundings
    ) -> None:
        self._celery = celery
        self._executor = executor
        self._clockwork = clockwork
        self._give_up = around.give_up
        self._max_retries = around.config.cfg.celery.task_publish_max_retries
        self.unsent: dict[Message, int] = {}
        """Failed sendings of what the broker did not take."""

    def send(self, ti: TaskInstance, token: int) -> None:
        """Publish a message; a broker that is away gets it in a later loop."""
        ti.process = message = Message(ti, token, self._celery)
        if self._celery.up:
            self._celery.publish(message)
        else:
            self.unsent[message] = 0
            self._clockwork.again()

    def sync(self) -> None:
        """Send again what could not be sent in an earlier loop."""
        if not self.unsent:
            return
        unsent, self.unsent = self.unsent, {}
        for message, failures in unsent.items():
            if self._celery.up:
                self._celery.publish(message)
            elif failures < self._max_retries:
                self.unsent[message] = failures + 1
                self._clockwork.again()
            else:
                self._give_up(message.ti, message.token, self._executor, "broker_timeout")
                self._clockwork.again()

    def ended(self, ti: TaskInstance, token: int) -> None:
        """A process of a worker is free."""
        self._celery.ended(ti, token)

    def holds(self, ti: TaskInstance, token: int) -> bool:
        """Whatever was sent."""
        return all(one.ti is not ti or one.token != token for one in self.unsent)

    def adopt(self, ti: TaskInstance) -> None:
        """The broker does not mind who asks for the result."""

    def clear(self) -> None:
        """What was never sent is gone."""
        self.unsent.clear()
