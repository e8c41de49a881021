"""Assets (2.x: datasets): a task updates one, and the DAGs that wait for it get a run.

An update that nobody has taken yet is one row (asset, DAG), whatever number of updates there were;
a run takes all rows of its DAG. Consumers that are paused at that instant never hear of an update.
Source: Airflow 2.11.2, datasets/manager.py, models/dag.py `dags_needing_dagruns`,
jobs/scheduler_job_runner.py `_create_dag_runs_dataset_triggered`; 3.3.2, assets/manager.py,
`_create_dag_runs_asset_triggered`. Invariant: a DAG is in `pending` exactly while it has rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact
from sim.orchestrators.airflow.intervals import DataInterval

if TYPE_CHECKING:
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow, Run, TaskInstance


@dataclass(frozen=True, slots=True)
class AssetEvent:
    """One update."""

    number: int
    """From 1, of this asset."""
    at: int
    """When the success was recorded."""
    source: Run | None
    """The run whose task made the update."""
    row: int
    """Journal row of its fact."""


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a run that updates start is made of."""

    created: int
    """The newest `created_at` of the rows taken: when the last missing asset was first updated."""
    interval: DataInterval
    """Of the data of the runs that made the updates (2.x)."""
    consumed: dict[str, list[int]]
    """Numbers of the events consumed, by asset."""
    cause: int
    """Journal row of the latest event consumed."""


class Assets:
    """Every asset of a deployment, with its events and consumers."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata
        self._consumers: dict[str, list[DagRow]] = {}
        self._events: dict[str, list[AssetEvent]] = {}
        self._since: dict[str, int] = {}
        """By DAG: the instant up to which events were consumed."""
        self.pending: dict[int, DagRow] = {}
        """DAGs with updates that no run has taken, by number."""

    def register(self, dag: DagRow) -> None:
        """A DAG that may be scheduled by assets, at first or as it is defined now."""
        expression = dag.plan.assets
        for consumers in self._consumers.values():
            if dag in consumers:
                consumers.remove(dag)
        if expression is None:
            dag.updates = None
        else:
            dag.updates = dag.updates or {}
            for asset in dict.fromkeys(expression.assets):
                self._consumers.setdefault(asset, []).append(dag)

    # -- updates ----------------------------------------------------------------------------

    def updated_by(self, ti: TaskInstance) -> None:
        """A task instance with outlets has just succeeded."""
        for asset in ti.task.outlets:
            self.updated(asset, ti)

    def updated(self, asset: str, ti: TaskInstance | None, *, cause: int = -1) -> None:
        """An asset was updated now: by a task instance, or from outside."""
        metadata = self._metadata
        kernel = metadata.kernel
        consumers = [dag for dag in self._consumers.get(asset, ()) if not dag.held]
        queued = [dag for dag in consumers if dag.updates is not None and asset not in dag.updates]
        events = self._events.setdefault(asset, [])
        number = len(events) + 1
        detail = {} if ti is None else {"task_instance": ti.entity}
        row = kernel.fact(
            Fact.ASSET_EVENT,
            kernel.journal.entity(Entity.ASSET, asset),
            number,
            cause if ti is None else ti.row,
            **detail,
            consumers=[dag.plan.dag_id for dag in queued],
        )
        events.append(AssetEvent(number, kernel.now, None if ti is None else ti.run, row))
        for dag in queued:
            assert dag.updates is not None
            dag.updates[asset] = kernel.now
            self.pending[dag.plan.number] = dag
            if self._wants_run(dag):
                # an update may come in the middle of a loop, after runs were created
                metadata.again()

    # -- runs -------------------------------------------------------------------------------

    def due(self) -> list[DagRow]:
        """The DAGs that get a run because of updates, now."""
        return [dag for _, dag in sorted(self.pending.items()) if self._wants_run(dag)]

    @staticmethod
    def _wants_run(dag: DagRow) -> bool:
        expression, updates = dag.plan.assets, dag.updates
        if expression is None or not updates or dag.held or dag.exceeds or dag.broken:
            return False
        return dag.queued + dag.running < dag.plan.max_active_runs and expression.holds(updates)

    def consume(self, dag: DagRow) -> Consumption:
        """Take all rows of a DAG for its next run."""
        assert dag.plan.assets is not None
        assert dag.updates
        created = max(dag.updates.values())
        dag.updates.clear()
        del self.pending[dag.plan.number]
        since = self._since.get(dag.plan.dag_id)
        self._since[dag.plan.dag_id] = created
        events = {
            asset: found
            for asset in dict.fromkeys(dag.plan.assets.assets)
            if (found := self._between(asset, since, created))
        }
        flat = [event for found in events.values() for event in found]
        return Consumption(
            created,
            _interval_of(flat, created),
            {asset: [event.number for event in found] for asset, found in events.items()},
            max((event.row for event in flat), default=-1),
        )

    def _between(self, asset: str, since: int | None, until: int) -> list[AssetEvent]:
        """The events in (since, until], newest last; they are in order of time."""
        found = []
        for event in reversed(self._events.get(asset, ())):
            if since is not None and event.at <= since:
                break
            if event.at <= until:
                found.append(event)
        return found[::-1]


def _interval_of(events: list[AssetEvent], created: int) -> DataInterval:
    """From the earliest start to the latest end of the data behind the events.

    [A2 timetables/simple.py `DatasetTriggeredTimetable.data_interval_for_events`]
    """
    spans = [
        (event.at, event.at)
        if event.source is None or event.source.start is None or event.source.end is None
        else (event.source.start, event.source.end)
        for event in events
    ]
    if not spans:
        return DataInterval(created, created)
    return DataInterval(min(start for start, _ in spans), max(end for _, end in spans))
