"""Airflow's metadata database as of the end of a journal: its tables, each with its rows.

Names and kinds of columns are those of the release (`tables_2`, `tables_3`). A row is made once for
both releases; each takes the columns that it has. Tables of which the journal says nothing are
there and empty, and columns of which it says nothing are NULL: docs/fidelity.md has the list.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.views.metadata import (
    asset_tables,
    dag_tables,
    jobs,
    logs,
    runs,
    tables_2,
    tables_3,
    task_tables,
)
from sim.views.metadata.sight import Sight
from sim.world.warehouse.relation import Relation, columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sim.kernel.journal import Journal
    from sim.orchestrators.airflow.config import AirflowConfig

    Rows = Callable[[Sight], Iterator[dict[str, Any]]]

TABLES: dict[int, Mapping[str, str]] = {2: tables_2.TABLES, 3: tables_3.TABLES}
"""Release -> table -> columns."""

PROJECTIONS: dict[str, Rows] = {
    "asset": asset_tables.asset,
    "asset_active": asset_tables.asset_active,
    "asset_dag_run_queue": asset_tables.queue,
    "asset_event": asset_tables.asset_event,
    "backfill": runs.backfill,
    "backfill_dag_run": runs.backfill_dag_run,
    "dag": dag_tables.dag,
    "dag_run": runs.dag_run,
    "dag_schedule_asset_reference": asset_tables.schedules,
    "dag_schedule_dataset_reference": asset_tables.schedules,
    "dag_version": dag_tables.dag_version,
    "dagrun_asset_event": asset_tables.run_events,
    "dagrun_dataset_event": asset_tables.run_events,
    "dataset": asset_tables.asset,
    "dataset_dag_run_queue": asset_tables.queue,
    "dataset_event": asset_tables.asset_event,
    "deadline": dag_tables.deadline,
    "deadline_alert": dag_tables.deadline_alert,
    "import_error": dag_tables.import_error,
    "job": jobs.job,
    "log": logs.log,
    "serialized_dag": dag_tables.serialized_dag,
    "sla_miss": dag_tables.sla_miss,
    "slot_pool": dag_tables.slot_pool,
    "task_fail": task_tables.task_fail,
    "task_instance": task_tables.task_instance,
    "task_instance_history": task_tables.task_instance_history,
    "task_map": task_tables.task_map,
    "task_outlet_asset_reference": asset_tables.outlets,
    "task_outlet_dataset_reference": asset_tables.outlets,
    "task_reschedule": task_tables.task_reschedule,
    "trigger": task_tables.trigger,
    "xcom": task_tables.xcom,
}
"""From a table to what makes its rows. The others are empty in every simulation."""

XCOM_SIZE = (
    "task_id text, dag_id text, run_id text, map_index int, key text, bytes bigint, "
    "length int, timestamp time"
)


def books(journal: Journal, config: AirflowConfig, *, start: int, now: int) -> tuple[Relation, ...]:
    """Every table of the release, and the sizes of XComs, which no real table has.

    `start` is when the journal's clock started, `now` the instant at which it ends.
    """
    sight = Sight(journal, config, start, now)
    real = [
        Relation(
            name,
            columns_of(columns),
            partial(_rows, PROJECTIONS.get(name), sight),
            told=name in PROJECTIONS,
        )
        for name, columns in TABLES[config.version].items()
    ]
    sizes = partial(_rows, task_tables.xcom_size, sight)
    return (*real, Relation("xcom_size", columns_of(XCOM_SIZE), sizes))


def _rows(project: Rows | None, sight: Sight) -> list[dict[str, Any]]:
    return [] if project is None else list(project(sight))
