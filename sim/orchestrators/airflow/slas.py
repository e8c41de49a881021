"""SLAs of tasks (2.x): which task was not done in time, as Airflow 2 counts it.

Source: Airflow 2.11.2, dag_processing/processor.py `manage_slas`, jobs/scheduler_job_runner.py
`_send_sla_callbacks_to_processor`. A DAG is looked at in each loop that examines one of its
scheduled runs. Most such loops would record nothing and are not stepped: the one in which the next
miss can be recorded is asked for in advance. Invariant: one miss a task and logical date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.orchestrators.airflow.intervals import DataInterval
from sim.orchestrators.airflow.rows import RUN_FAILED, RUN_SUCCESS, SKIPPED, SUCCESS, of_task
from sim.orchestrators.airflow.timetables import (
    ContinuousTimetable,
    NullTimetable,
    OnceTimetable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow, Run

_STEPS_MAX = 100_000
_GOOD = frozenset({SUCCESS, SKIPPED})
_ENDED = frozenset({RUN_SUCCESS, RUN_FAILED})
_NOT_PERIODIC = (ContinuousTimetable, NullTimetable, OnceTimetable)


class _Watched:
    """One DAG with SLAs: how far each task got, and what was recorded."""

    __slots__ = ("before", "considered", "dag", "due", "good", "open", "seen")

    def __init__(self, dag: DagRow, before: DataInterval | None) -> None:
        self.dag = dag
        self.before = before
        """The last interval that was done before the clock started."""
        self.good: dict[int, tuple[int, DataInterval]] = {}
        """By number of the task: the latest logical date at which it was done, and its interval."""
        self.open: list[Run] = []
        """Runs in which something may still be done."""
        self.seen = 0
        """How many of the DAG's runs were looked at so far."""
        self.considered: dict[int, tuple[DataInterval, DataInterval]] = {}
        """By task: where its walk began, and the interval that it has reached."""
        self.due: int | None = None
        """The next miss can be recorded in the first loop after this instant."""

    def take_note(self) -> None:
        """See what was done since the last look."""
        self.open += self.dag.runs[self.seen :]
        self.seen = len(self.dag.runs)
        for run in self.open:
            if run.tis and run.logical_date is not None and run.start is not None:
                self._take_note_of(run, run.logical_date)
        self.open = [run for run in self.open if run.state not in _ENDED]

    def _take_note_of(self, run: Run, logical_date: int) -> None:
        interval = DataInterval(run.start or 0, run.end or 0)
        for number, _ in self.dag.plan.slas:
            best = self.good.get(number)
            later = best is None or best[0] < logical_date
            if later and any(ti.state in _GOOD for ti in of_task(run, number)):
                self.good[number] = (logical_date, interval)

    def forget(self) -> None:
        """Something that was done is not done any more."""
        self.good.clear()
        self.open.clear()
        self.seen = 0


class Slas:
    """Every SLA of a deployment. `announce(run, alerts, row)` sends a callback's alerts."""

    def __init__(
        self,
        metadata: Metadata,
        clockwork: Clockwork,
        announce: Callable[[Run, tuple[str, ...], int], None],
    ) -> None:
        self._metadata = metadata
        self._clockwork = clockwork
        self._announce = announce
        self._watched: dict[int, _Watched] = {}
        """By number of the DAG."""
        self._recorded: set[tuple[int, int, int]] = set()
        """DAG, task, logical date of every miss."""

    def register(self, dag: DagRow, *, warm: bool) -> None:
        """A DAG; only periodic timetables are watched.

        `warm`: what was due before the clock started was done.
        """
        plan = dag.plan
        if not plan.slas or isinstance(plan.timetable, _NOT_PERIODIC):
            return
        before = plan.timetable.manual_interval(self._metadata.kernel.start - 1) if warm else None
        if before is not None and plan.start_date is not None and before.start < plan.start_date:
            before = None
        self._watched[plan.number] = _Watched(dag, before)

    def cleared(self, dag: DagRow) -> None:
        """Task instances of the DAG were cleared."""
        watched = self._watched.get(dag.plan.number)
        if watched is not None:
            watched.forget()

    def check(self, examined: list[Run], now: int) -> None:
        """The last step of the loop at `now`, which examined these runs."""
        watched = self._watched
        by_dag = {run.dag.plan.number: run for run in examined if run.run_type == "scheduled"}
        for number, run in by_dag.items():
            if number in watched:
                self._check(run, watched[number], now)
        for number, one in watched.items():
            overdue = one.due is not None and one.due < now and number not in by_dag
            if overdue and not one.dag.held and _has_scheduled(one.dag.live):
                # more runs are running than a loop examines: theirs comes in a later one
                self._clockwork.again()

    def _check(self, run: Run, watched: _Watched, now: int) -> None:
        watched.take_note()
        rows: list[int] = []
        dues = [
            due
            for number, sla in watched.dag.plan.slas
            if (due := self._walk(watched, number, sla, now, rows)) is not None
        ]
        due = min(dues, default=None)
        if due is not None and due != watched.due:
            self._clockwork.wake_at(due + 1)
        watched.due = due
        if rows:
            self._announce(run, watched.dag.plan.on_sla_miss, rows[0])

    def _walk(
        self, watched: _Watched, number: int, sla: int, now: int, rows: list[int]
    ) -> int | None:
        """Record what is overdue of one task; the instant after which the next one will be.

        The walk goes over the schedule from the last time that the task was done, without
        start_date, end_date or catchup. The step right after that time is never considered.
        """
        plan = watched.dag.plan
        good = watched.good.get(number)
        begun = watched.before if good is None else good[1]
        if begun is None:
            return None
        step = plan.timetable.next_run
        at = watched.considered.get(number)
        if at is None or at[0] != begun:
            info = step(begun, now=now, earliest=None, latest=None, catchup=True)
            if info is None:
                return None
            at = (begun, info.interval)
        reached = at[1]
        for _ in range(_STEPS_MAX):
            info = step(reached, now=now, earliest=None, latest=None, catchup=True)
            if info is None:
                return None
            date = info.logical_date
            key = (plan.number, number, date)
            if key not in self._recorded:
                if date + sla >= now:
                    watched.considered[number] = (begun, reached)
                    return date + sla
                self._recorded.add(key)
                rows.append(self._record(watched.dag, plan.task_ids[number], date))
            reached = info.interval
        return None

    def _record(self, dag: DagRow, task_id: str, date: int) -> int:
        return self._metadata.kernel.fact(Fact.SLA_MISS, dag.entity, date, task=task_id)


def _has_scheduled(runs: list[Run]) -> bool:
    return any(run.run_type == "scheduled" for run in runs)
