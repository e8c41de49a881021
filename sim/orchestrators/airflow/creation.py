"""Runs come into being: the pointer to each DAG's next run, and who may create it when.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py `_create_dag_runs`,
`_should_update_dag_next_dagruns` (2.x), `_set_exceeds_max_active_runs` (3.x), models/dag.py
`dags_needing_dagruns`, `calculate_dagrun_date_fields`. A DAG gets at most one run a loop.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from sim.kernel.calendar import DAY
from sim.orchestrators.airflow.intervals import DataInterval
from sim.orchestrators.airflow.rows import RUN_QUEUED
from sim.orchestrators.airflow.timetables import ContinuousTimetable, OnceTimetable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.airflow.assets import Assets
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.deadlines import Deadlines
    from sim.orchestrators.airflow.intervals import RunInfo
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow, Run

_STEPS_MAX = 100_000
_NO_POINTER = 2**62


class Creation:
    """Creates runs."""

    def __init__(
        self,
        metadata: Metadata,
        *,
        dags_per_loop: int,
        end: int,
        parse_interval: int,
        clockwork: Clockwork,
        assets: Assets,
        deadlines: Deadlines,
    ) -> None:
        self._metadata = metadata
        self._dags_per_loop = dags_per_loop
        self._end = end
        self._parse_interval = parse_interval
        self._clockwork = clockwork
        self._due: list[tuple[int, int, DagRow]] = []
        self._pointer_stops = metadata.version.pointer_stops
        self._assets = assets
        self.deadlines = deadlines

    # -- the scheduler's first step ---------------------------------------------------------

    def create_due(self, now: int) -> None:
        """Create a run for each DAG whose next one is due, the longest due first."""
        due = self._due
        if self._assets.pending and now < self._end:
            self._create_with_assets(self._assets.due(), now)
            return
        if not due or due[0][0] > now or now >= self._end:
            return
        for dag in self._take_due(now, self._dags_per_loop):
            self._create(dag, now)
        if due and due[0][0] <= now:
            self._clockwork.again()

    def _take_due(self, now: int, count: float) -> list[DagRow]:
        """At most `count` DAGs whose pointer is due, out of the list of those that wait."""
        due = self._due
        picked: list[DagRow] = []
        while due and due[0][0] <= now and len(picked) < count:
            at, _, dag = heappop(due)
            if dag.armed == at:
                dag.armed = None
                if at == dag.create_after and not (dag.held or dag.exceeds or dag.broken):
                    picked.append(dag)
        return picked

    def _create_with_assets(self, updated: list[DagRow], now: int) -> None:
        """The same when updates of assets ask for runs too: one query, one bound for both.

        SQLite and MySQL sort the NULL pointer of a DAG without a time schedule first. A DAG for
        which both hold gets the run of its assets, and the other one in the next loop.
        """
        on_time = [dag for dag in self._take_due(now, _STEPS_MAX) if dag not in updated]
        found = sorted([*updated, *on_time], key=_by_pointer)
        for dag in found[: self._dags_per_loop]:
            if dag in updated:
                self._create_for_assets(dag)
                self.arm(dag)
            else:
                self._create(dag, now)
        for dag in found[self._dags_per_loop :]:
            self.arm(dag)
            self._clockwork.again()
        if self._due and self._due[0][0] <= now:
            self._clockwork.again()

    def _create_for_assets(self, dag: DagRow) -> None:
        version = self._metadata.version
        taken = self._assets.consume(dag)
        logical_date = taken.created if version.asset_runs_dated else None
        if logical_date is not None and logical_date in dag.runs_by_date:
            return
        self.queue_run(
            dag,
            version.asset_run_type,
            logical_date,
            run_after=taken.created,
            interval=taken.interval if version.asset_runs_dated else None,
            cause=taken.cause,
            consumed=taken.consumed,
        )

    def _create(self, dag: DagRow, now: int) -> None:
        info = dag.next
        assert info is not None
        if info.logical_date not in dag.runs_by_date:
            self.queue_run(
                dag,
                "scheduled",
                info.logical_date,
                run_after=info.run_after,
                interval=info.interval,
            )
        active = dag.queued + dag.running
        full = bool(active) and active >= dag.plan.max_active_runs
        if self._pointer_stops and full:
            dag.create_after = None
            return
        dag.exceeds = full and not self._pointer_stops
        self.point(dag, info.interval, now)

    def queue_run(
        self,
        dag: DagRow,
        run_type: str,
        logical_date: int | None,
        *,
        run_after: int,
        interval: DataInterval | None,
        conf: Mapping[str, str] | None = None,
        cause: int = -1,
        consumed: Mapping[str, list[int]] | None = None,
    ) -> Run:
        """A new run in state queued. `consumed`: the events of assets that started it."""
        metadata = self._metadata
        run = metadata.new_run(
            dag, run_type, logical_date, run_after=run_after, interval=interval, conf=conf
        )
        if run_type != "backfill" or self._pointer_stops:
            dag.queued += 1
        metadata.queued_runs.append(run)
        detail = metadata.describe(run)
        if consumed is not None:
            detail["consumed"] = consumed
        metadata.set_run_state(run, RUN_QUEUED, cause=cause, detail=detail)
        for ti in run.touched:
            ti.cause = run.row
        if dag.plan.deadlines:
            self.deadlines.created(run)
        metadata.wake()
        return run

    # -- the pointer ------------------------------------------------------------------------

    def point(self, dag: DagRow, last: DataInterval | None, now: int) -> None:
        """Move the pointer to the run after `last`, as it looks at `now`."""
        plan = dag.plan
        dag.next = plan.timetable.next_run(
            last, now=now, earliest=plan.start_date, latest=plan.end_date, catchup=plan.catchup
        )
        dag.create_after = None if dag.next is None else dag.next.run_after
        self.arm(dag)

    def arm(self, dag: DagRow) -> None:
        """Have the DAG looked at when its next run is due, if it may have one."""
        at = dag.create_after
        if at is None or dag.held or dag.exceeds or at == dag.armed or at >= self._end:
            return
        dag.armed = at
        heappush(self._due, (at, dag.plan.number, dag))
        if at > self._metadata.kernel.now:
            self._clockwork.wake_at(at)
        else:
            self._clockwork.again()

    def redefined(self, dag: DagRow, now: int) -> None:
        """A DAG has another schedule, or may have: its next run follows the latest one."""
        newest = dag.newest
        if newest is not None and newest.start is not None and newest.end is not None:
            self.point(dag, DataInterval(newest.start, newest.end), now)
        else:
            self.start_warm(dag, now)

    def run_ended(self, run: Run, now: int) -> None:
        """A finished run may make room for the next one."""
        dag = run.dag
        if dag.updates:
            # its updates may have waited for max_active_runs
            self._clockwork.again()
        active = dag.queued + dag.running
        full = active >= dag.plan.max_active_runs
        if self._pointer_stops:
            if (
                run.run_type not in {"scheduled", "backfill"}
                or run.start is None
                or dag.next is None
            ):
                return
            if full:
                dag.create_after = None
                return
            assert run.end is not None
            self.point(dag, DataInterval(run.start, run.end), now)
            self.parsed(dag, now)
        elif run.run_type != "backfill":
            dag.exceeds = full
            self.parsed(dag, now)
            self.arm(dag)

    def unpaused(self, dag: DagRow, now: int) -> None:
        """After a pause the pointer is as the latest parse of the DAG file left it."""
        self.parsed(dag, now)
        self.arm(dag)

    def parsed(self, dag: DagRow, now: int) -> None:
        """Without catchup every parse moves a pointer that was left behind to the latest run.

        Parses are not stepped: only the latest one before a pointer is used again matters.
        """
        every = self._parse_interval
        if not every or dag.plan.catchup or dag.next is None or dag.create_after is None:
            return
        start = self._metadata.kernel.start
        parsed = start + (now - start) // every * every
        newest = dag.newest
        if parsed <= dag.next.run_after or newest is None:
            return
        if newest.start is not None and newest.end is not None:
            self.point(dag, DataInterval(newest.start, newest.end), parsed)

    def at_next_parse(self, dag: DagRow) -> None:
        """A run was ended by hand: only the next parse sees that max_active_runs has room."""
        every, kernel, newest = self._parse_interval, self._metadata.kernel, dag.newest
        if every and newest is not None:
            parse = kernel.start - (kernel.start - kernel.now) // every * every
            kernel.at(max(parse, kernel.now), self._parse, dag)

    def _parse(self, dag: DagRow) -> None:
        if dag.newest is not None:
            self.run_ended(dag.newest, self._metadata.kernel.now)

    # -- how it starts ----------------------------------------------------------------------

    def start_cold(self, dag: DagRow, now: int) -> None:
        """A DAG that Airflow sees for the first time."""
        self.point(dag, None, now)

    def start_warm(self, dag: DagRow, now: int) -> None:
        """A DAG that has been active: the pointer is on the first run due at or after `now`."""
        dag.next = self.first_from(dag, now)
        dag.create_after = None if dag.next is None else dag.next.run_after
        self.arm(dag)

    def first_from(self, dag: DagRow, instant: int) -> RunInfo | None:
        """The first run of the schedule that is due at or after `instant`.

        What was due before is taken to have run: catching up is over.
        """
        plan = dag.plan
        timetable, earliest = plan.timetable, plan.start_date
        before: DataInterval | None = timetable.manual_interval(instant - 1)
        if isinstance(timetable, OnceTimetable):
            before = None
        elif isinstance(timetable, ContinuousTimetable):
            before = DataInterval(instant, instant)
        if earliest is not None and before is not None and before.start < earliest:
            before = None
        info = timetable.next_run(
            before, now=instant, earliest=earliest, latest=plan.end_date, catchup=True
        )
        for _ in range(_STEPS_MAX):
            if info is None or info.run_after >= instant:
                break
            if isinstance(timetable, OnceTimetable):
                return None
            info = timetable.next_run(
                info.interval, now=instant, earliest=earliest, latest=plan.end_date, catchup=True
            )
        return info

    def scheduled_run_of(self, dag: DagRow, first: int) -> RunInfo | None:
        """The run of the schedule whose logical date lies in the day that begins at `first`."""
        plan = dag.plan
        info = plan.timetable.next_run(
            None,
            now=first,
            earliest=first if plan.start_date is None else max(first, plan.start_date),
            latest=plan.end_date,
            catchup=True,
        )
        if info is None or not first <= info.logical_date < first + DAY:
            return None
        return info


def _by_pointer(dag: DagRow) -> tuple[int, int]:
    return (-_NO_POINTER if dag.create_after is None else dag.create_after), dag.plan.number
