"""What workers and runners get to see: the server's two queries for scheduled flow runs.

Source: Prefect 3.8.8, server/api/workers.py `get_scheduled_flow_runs` (by the queues of a work
pool, with priorities and limits) and server/api/deployments.py
`get_scheduled_flow_runs_for_deployments` (by deployments, by time alone). They read, and change
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect.flow_run_index import first_after, until
from sim.orchestrators.prefect.loop_times import RUNNER_BACKOFF, WORKER_BACKOFF
from sim.orchestrators.prefect.poller import Poller
from sim.orchestrators.prefect.settings import micros
from sim.orchestrators.prefect.work_queues import Candidate, poll

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.flow_run_index import FlowRunIndex, FlowRunRow
    from sim.orchestrators.prefect.settings import Settings
    from sim.orchestrators.prefect.work_queues import WorkPool

RUNNER_PREFETCH = 10 * SECOND
"""How long before its time a `serve()` picks a run up (runner.py: an argument, no setting)."""


class PoolSource:
    """The runs of a work pool, or of some of its queues."""

    def __init__(
        self,
        index: FlowRunIndex,
        name: str,
        pool: Callable[[], WorkPool],
        queues: Sequence[str] = (),
    ) -> None:
        """`pool()`: the pool as it is now; `queues`: only these, all when there are none."""
        self._index, self._name, self._pool, self._queues = index, name, pool, queues

    def read(self, before: int, limit: int) -> Sequence[str]:
        """What the API answers: flow runs due until then, in order."""
        pool = self._pool()
        # a queue that no one asks for still takes slots of the pool
        occupied = {one.name: self._index.occupied((self._name, one.name)) for one in pool.queues}
        candidates = [
            Candidate(flow_run, one, at)
            for one in self._asked(pool)
            for at, flow_run in until(self._index.of_queue((self._name, one)), before)[:limit]
        ]
        return poll(pool, candidates, occupied=occupied, before=before, limit=limit)

    def next_due(self, after: int) -> int | None:
        """When the next flow run is due after an instant."""
        lines = [self._index.of_queue((self._name, one)) for one in self._asked(self._pool())]
        found = [first_after(line, after) for line in lines]
        return min((at for at in found if at is not None), default=None)

    def _asked(self, pool: WorkPool) -> list[str]:
        return [one.name for one in pool.queues if not self._queues or one.name in self._queues]

    def has(self, row: FlowRunRow) -> bool:
        """Whether a flow run belongs here."""
        if row.queue is None or row.queue[0] != self._name:
            return False
        return not self._queues or row.queue[1] in self._queues or row.state_type != "SCHEDULED"


class DeploymentsSource:
    """The runs of the deployments that one `serve()` has."""

    def __init__(self, index: FlowRunIndex, deployments: Sequence[str]) -> None:
        self._index, self._deployments = index, tuple(deployments)

    def read(self, before: int, limit: int) -> Sequence[str]:
        """What the API answers: flow runs due until then, in order."""
        found = [
            due
            for one in self._deployments
            for due in until(self._index.of_deployment(one), before)
        ]
        return [flow_run for _, flow_run in sorted(found)[:limit]]

    def next_due(self, after: int) -> int | None:
        """When the next flow run is due after an instant."""
        found = [first_after(self._index.of_deployment(one), after) for one in self._deployments]
        return min((at for at in found if at is not None), default=None)

    def has(self, row: FlowRunRow) -> bool:
        """Whether a flow run belongs here."""
        return row.deployment in self._deployments


def worker(
    kernel: Kernel,
    settings: Settings,
    index: FlowRunIndex,
    name: str,
    source: PoolSource,
    *,
    limit: int | None = None,
    submit: Callable[[str], bool],
    gave_up: Callable[[], None],
) -> Poller:
    """`prefect worker start --pool ... --limit ...`: no limit unless one is given."""
    made = Poller(
        kernel,
        name,
        source,
        every=settings.worker_query_seconds,
        # the worker cuts it down to whole seconds
        prefetch=micros(int(settings.worker_prefetch_seconds)),
        limit=limit,
        answer_max=settings.api_default_limit,
        backoff=WORKER_BACKOFF,
        submit=submit,
        gave_up=gave_up,
    )
    index.listeners.append(_wakes(made, source))
    return made


def runner(
    kernel: Kernel,
    settings: Settings,
    index: FlowRunIndex,
    name: str,
    source: DeploymentsSource,
    *,
    limit: int | None = None,
    submit: Callable[[str], bool],
    gave_up: Callable[[], None],
) -> Poller:
    """`serve(..., limit=...)`: the runner's process limit unless one is given."""
    made = Poller(
        kernel,
        name,
        source,
        every=settings.runner_poll_frequency,
        prefetch=RUNNER_PREFETCH,
        limit=settings.runner_process_limit if limit is None else limit,
        answer_max=settings.api_default_limit,
        backoff=RUNNER_BACKOFF,
        submit=submit,
        gave_up=gave_up,
    )
    index.listeners.append(_wakes(made, source))
    return made


def _wakes(
    poller: Poller, source: PoolSource | DeploymentsSource
) -> Callable[[FlowRunRow | None, FlowRunRow | None], None]:
    """Tell a poller when its next poll may see something that the one before did not."""

    def changed(before: FlowRunRow | None, after: FlowRunRow | None) -> None:
        row = after or before
        if row is None or not source.has(row):
            return
        if after is not None and after.state_type == "SCHEDULED":
            poller.due(after.next_scheduled_start_time)
        elif before is not None and before.state_type != "SCHEDULED":
            # slots of the pool or of its queue may be free
            poller.wake()

    return changed
