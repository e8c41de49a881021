"""Airflow's section in a comparison: DAGs under more names, and edges between its assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sim.orchestrators.airflow.asset_expressions import assets_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.config import AirflowConfig


def copied(section: AirflowConfig, number: int) -> AirflowConfig:
    """Each DAG so many times: itself, then `ventas__2` and on."""
    names = [""] + [f"__{at}" for at in range(2, number + 1)]
    dags = {f"{dag_id}{more}": dag for more in names for dag_id, dag in section.dags.items()}
    return replace(section, dags=dags)


def declared(section: AirflowConfig) -> Iterator[tuple[str, str]]:
    """From each asset that starts a DAG to each asset that a task of it updates.

    An asset stands for the table of its name. Dependencies between tasks name no table.
    """
    for dag in section.every_dag.values():
        started_by = assets_of(dag.schedule)
        if started_by is None:
            continue
        updated = {name for task in dag.tasks.values() for name in task.outlets}
        for before in started_by.assets:
            for after in updated:
                yield before, after
