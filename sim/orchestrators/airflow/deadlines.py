"""Deadlines of runs (3.x): when a run must have succeeded, and what happens when it has not.

A deadline is stored when its run is created, fires once in the first loop after its instant, and
is deleted when the run succeeds in time. Nobody waits for it: pending ones lie in a heap, and the
loop in which the next one fires is asked for in advance. Source: Airflow 3.3.2, models/deadline.py,
models/dagrun.py `update_state`, jobs/scheduler_job_runner.py `_run_scheduler_loop`,
sdk/definitions/deadline.py. Invariant: each deadline ends as missed or pruned at most once.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_instant, parse_span
from sim.model.facts import Fact
from sim.orchestrators.airflow.config import alert_names
from sim.orchestrators.airflow.rows import RUN_SUCCESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.config import Dag, DeadlineAlert
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePlan:
    """One DeadlineAlert of a DAG. Instants and spans in microseconds."""

    name: str
    reference: str
    interval: int
    fixed: int
    """FIXED_DATETIME: the instant."""
    max_runs: int
    """AVERAGE_RUNTIME: how many of the newest successful runs count."""
    min_runs: int
    """AVERAGE_RUNTIME: with fewer there is no deadline."""
    alerts: tuple[str, ...]


def plan_deadlines(dag: Dag) -> tuple[DeadlinePlan, ...]:
    """The deadlines of a DAG, in its order."""
    return tuple(
        DeadlinePlan(
            name=_name(alert, number),
            reference=alert.reference,
            interval=parse_span(alert.interval),
            fixed=0 if alert.datetime is None else parse_instant(alert.datetime, dag.timezone),
            max_runs=alert.max_runs,
            min_runs=alert.max_runs if alert.min_runs is None else alert.min_runs,
            alerts=alert_names(alert.callback),
        )
        for number, alert in enumerate(dag.deadline)
    )


def _name(alert: DeadlineAlert, number: int) -> str:
    return alert.name or f"deadline-{number + 1}"


class Pending:
    """A deadline that has neither been missed nor pruned."""

    __slots__ = ("at", "open", "plan", "run")

    def __init__(self, run: Run, plan: DeadlinePlan, at: int) -> None:
        self.run = run
        self.plan = plan
        self.at = at
        self.open = True


class Deadlines:
    """Every deadline of a deployment. `announce(run, alerts, row)` sends a callback's alerts."""

    def __init__(
        self,
        metadata: Metadata,
        clockwork: Clockwork,
        announce: Callable[[Run, tuple[str, ...], int], None],
    ) -> None:
        self._metadata = metadata
        self._clockwork = clockwork
        self._announce = announce
        self._heap: list[tuple[int, int, Pending]] = []
        self._of_run: dict[int, list[Pending]] = {}
        """Open ones by the run's entity."""
        self._count = 0

    def created(self, run: Run) -> None:
        """A run was created: store its deadlines."""
        for plan in run.dag.plan.deadlines:
            base = self._base(plan, run)
            if base is None:
                continue
            pending = Pending(run, plan, base + plan.interval)
            self._count += 1
            heappush(self._heap, (pending.at, self._count, pending))
            self._of_run.setdefault(run.entity, []).append(pending)
            self._fact(pending, "created", run.row)
            # the comparison is strict; one that is past already fires in the coming loop
            self._clockwork.wake_at(pending.at + 1)

    def _base(self, plan: DeadlinePlan, run: Run) -> int | None:
        if plan.reference == "DAGRUN_LOGICAL_DATE":
            return run.logical_date
        if plan.reference == "FIXED_DATETIME":
            return plan.fixed
        now = self._metadata.kernel.now
        if plan.reference == "DAGRUN_QUEUED_AT":
            return now
        average = _average_runtime(run.dag, plan)
        return None if average is None else now + average

    def fire(self, now: int) -> None:
        """The loop's step after the executor events: what is past is missed."""
        heap = self._heap
        while heap and heap[0][0] < now:
            pending = heappop(heap)[2]
            if pending.open:
                self._close(pending)
                row = self._fact(pending, "missed", pending.run.row)
                self._announce(pending.run, pending.plan.alerts, row)

    def ended(self, run: Run, now: int) -> None:
        """A run ended. One that succeeded met what was not due before; others still owe it."""
        if run.state == RUN_SUCCESS:
            for pending in list(self._of_run.get(run.entity, ())):
                if pending.at >= now:
                    self._close(pending)
                    self._fact(pending, "pruned", run.row)

    def forbids_clear(self, run: Run) -> bool:
        """Whether clearing anything of the run ends in an error that changes nothing.

        A clear means to move a pending DAGRUN_QUEUED_AT deadline, and fails there: the interval
        that was stored is a dict by then [models/taskinstance.py
        `_recalculate_dagrun_queued_at_deadlines`: `timedelta(seconds=<dict>)`, a TypeError].
        """
        return any(
            pending.plan.reference == "DAGRUN_QUEUED_AT"
            for pending in self._of_run.get(run.entity, ())
        )

    def _close(self, pending: Pending) -> None:
        pending.open = False
        left = self._of_run[pending.run.entity]
        left.remove(pending)
        if not left:
            del self._of_run[pending.run.entity]

    def _fact(self, pending: Pending, event: str, cause: int) -> int:
        return self._metadata.kernel.fact(
            Fact.DEADLINE,
            pending.run.entity,
            pending.at,
            cause,
            event=event,
            alert=pending.plan.name,
        )


def _average_runtime(dag: DagRow, plan: DeadlinePlan) -> int | None:
    """Mean of the newest successful runs by logical date, or None when there are too few.

    [models/deadline.py `AverageRuntimeDeadline`]
    """
    runs = [run for run in dag.runs if run.state == RUN_SUCCESS and run.ended is not None]
    runs.sort(key=lambda run: (run.logical_date is not None, run.logical_date or 0, run.number))
    spans = [(run.ended or 0) - (run.started or 0) for run in runs[-plan.max_runs :]]
    if not spans or len(spans) < plan.min_runs:
        return None
    return sum(spans) // len(spans)
