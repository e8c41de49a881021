"""Tables about assets, which 2.x calls datasets: one projection under both names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.views.metadata.sight import Sight


def asset(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `asset` and `dataset`; the name in the config is both name and URI."""
    for name, number in _numbers(sight).items():
        yield {
            "id": number,
            "name": name,
            "uri": name,
            "group": "asset",
            "extra": "{}",
            "is_orphaned": False,
        }


def asset_active(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `asset_active`. [A3 models/asset.py]."""
    for name in _numbers(sight):
        yield {"name": name, "uri": name}


def asset_event(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `asset_event` and `dataset_event`."""
    numbers = _numbers(sight)
    for number, row in enumerate(sight.journal.rows(Fact.ASSET_EVENT), 1):
        source = sight.instances.get(row.detail.get("task_instance", -1))
        asset_id = numbers.get(sight.journal.name(row.entity))
        yield {
            "id": number,
            "asset_id": asset_id,
            "dataset_id": asset_id,
            "extra": "{}",
            "source_task_id": None if source is None else source.task_id,
            "source_dag_id": None if source is None else source.run.dag_id,
            "source_run_id": None if source is None else source.run.run_id,
            "source_map_index": -1 if source is None else source.map_index,
            "timestamp": row.time,
        }


def queue(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `asset_dag_run_queue` and `dataset_dag_run_queue`: updates that no run has taken."""
    numbers = _numbers(sight)
    waiting: dict[tuple[str, str], int] = {}
    for row in sight.journal.rows(Fact.ASSET_EVENT, Fact.RUN_STATE):
        if row.fact is Fact.ASSET_EVENT:
            for dag_id in row.detail["consumers"]:
                waiting[sight.journal.name(row.entity), dag_id] = row.time
        elif "consumed" in row.detail:
            dag_id = sight.runs[row.entity].dag_id
            for key in [key for key in waiting if key[1] == dag_id]:
                del waiting[key]
    for (name, dag_id), at in waiting.items():
        yield {
            "asset_id": numbers.get(name),
            "dataset_id": numbers.get(name),
            "target_dag_id": dag_id,
            "created_at": at,
        }


def run_events(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `dagrun_asset_event` and `dagrun_dataset_event`: which updates started which run."""
    events = {
        (sight.journal.name(row.entity), row.value): number
        for number, row in enumerate(sight.journal.rows(Fact.ASSET_EVENT), 1)
    }
    for run in sight.runs.values():
        for name, taken in run.first.detail.get("consumed", {}).items():
            for number in taken:
                yield {"dag_run_id": run.number, "event_id": events[name, number]}


def outlets(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `task_outlet_asset_reference` and `task_outlet_dataset_reference`."""
    numbers = _numbers(sight)
    for plan in sight.dags.values():
        for task in plan.tasks:
            for name in dict.fromkeys(task.outlets):
                both = numbers[name]
                names = {"dag_id": plan.dag_id, "task_id": task.task_id}
                yield {"asset_id": both, "dataset_id": both, **names}


def schedules(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `dag_schedule_asset_reference` and `dag_schedule_dataset_reference`."""
    numbers = _numbers(sight)
    for plan in sight.dags.values():
        for name in () if plan.assets is None else dict.fromkeys(plan.assets.assets):
            yield {"asset_id": numbers[name], "dataset_id": numbers[name], "dag_id": plan.dag_id}


def _numbers(sight: Sight) -> dict[str, int]:
    """Each asset's id: assets in the order in which the config and then the journal name them."""
    named = [
        name
        for plan in sight.dags.values()
        for name in (
            *(() if plan.assets is None else plan.assets.assets),
            *(outlet for task in plan.tasks for outlet in task.outlets),
        )
    ]
    named += [sight.journal.name(row.entity) for row in sight.journal.rows(Fact.ASSET_EVENT)]
    return {name: number for number, name in enumerate(dict.fromkeys(named), 1)}
