"""Versions of Dagster's assets as tables: the tags of their events, and what is stale.

`asset_event_tags` is a table of the tool (1.13.29, _core/storage/event_log/schema.py).
`asset_status` is ours: what its page of assets computes for people and stores nowhere.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.orchestrators.dagster.asset_graph_view import AssetGraphView
from sim.orchestrators.dagster.data_versions import VersionBook, VersionedEvent
from sim.orchestrators.dagster.definitions import Definitions
from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext
from sim.orchestrators.dagster.staleness import Versions
from sim.world.warehouse.relation import Relation, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.kernel.journal import Journal
    from sim.orchestrators.dagster.config import DagsterConfig

_TAGS = "id int, event_id int, asset_key text, key text, value text, event_timestamp time"
_STATUS = "asset_key text, partition text, status text, causes text, data_version text"
NO_VERSION = "INITIAL"
"""The version of an input that had never been materialized (DEFAULT_DATA_VERSION)."""


def version_tables(
    journal: Journal, settings: DagsterConfig, *, now: int
) -> tuple[Relation, Relation]:
    """Both tables, as of now."""
    return (
        Relation("asset_event_tags", columns_of(_TAGS), partial(_tags, journal)),
        Relation("asset_status", columns_of(_STATUS), partial(_status, journal, settings, now)),
    )


def _tags(journal: Journal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for row in journal.rows(Fact.ASSET_EVENT):
        for key, value in _tags_of(row.detail):
            found.append(
                {
                    "id": len(found) + 1,
                    "event_id": row.index,
                    "asset_key": journal.name(row.entity),
                    "key": key,
                    "value": value,
                    "event_timestamp": row.time,
                }
            )
    return found


def _tags_of(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not detail.get("observed"):
        yield "dagster/code_version", str(detail.get("code_version", detail["run_id"]))
    for name, (version, pointer) in detail.get("inputs", {}).items():
        yield f"dagster/input_data_version/{name}", NO_VERSION if version is None else version
        yield f"dagster/input_event_pointer/{name}", "NULL" if pointer is None else str(pointer)
    yield "dagster/data_version", str(detail["data_version"])


def _status(journal: Journal, settings: DagsterConfig, now: int) -> list[dict[str, Any]]:
    graph = Definitions(settings).graph
    book = VersionBook(graph)
    for row in journal.rows(Fact.ASSET_EVENT):
        asset, detail = journal.name(row.entity), row.detail
        inputs = detail.get("inputs", {})
        code = str(detail.get("code_version", detail["run_id"]))
        versions = Versions(code, detail["data_version"], {k: v[0] for k, v in inputs.items()})
        event = VersionedEvent(row.index, versions, {k: v[1] for k, v in inputs.items()})
        book.put(asset, detail.get("partition"), event)
    view = AssetGraphView(graph, PartitionLoadingContext(now))
    found = []
    for asset in graph.topological(graph.assets):
        for partition in view.in_order(asset, view.full(asset)):
            status = book.staleness(asset, partition, view)
            latest = book.latest(asset, partition)
            found.append(
                {
                    "asset_key": asset,
                    "partition": partition,
                    "status": status.status,
                    "causes": ", ".join(status.causes) or None,
                    "data_version": None if latest is None else latest.versions.data_version,
                }
            )
    return found
