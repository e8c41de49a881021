"""The assets' events: what was materialized or observed, for which partition, by which run.

The part of the instance's event log that IO managers, sensors and conditions read. Invariant: the
events of an asset are numbered from 1, in order of time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.orchestrators.dagster.data_versions import Inputs, VersionBook, VersionedEvent
from sim.orchestrators.dagster.staleness import materialized

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Kernel
    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.runs import Run


@dataclass(frozen=True, slots=True)
class Materialization:
    """One materialization of an asset, or of one of its partitions; or an observation."""

    asset: str
    partition: str | None
    number: int
    """Of the asset's events, from 1."""
    time: int
    run: Run
    row: int
    data_version: str
    observed: bool = False


@dataclass(slots=True)
class AssetCatalog:
    """Every event of an instance's assets."""

    kernel: Kernel
    graph: AssetGraph
    events: dict[str, list[Materialization]] = field(default_factory=dict)
    """By asset, in order of time."""
    latest: dict[tuple[str, str | None], Materialization] = field(default_factory=dict)
    """What is stored, by asset and partition; a new one overwrites it."""
    listeners: list[Callable[[Materialization], None]] = field(default_factory=list)
    """Told of each event."""
    versions: VersionBook = field(init=False)

    def __post_init__(self) -> None:
        self.versions = VersionBook(self.graph)

    def add(
        self,
        asset: str,
        partition: str | None,
        run: Run,
        inputs: Inputs,
        *,
        task_instance: int,
        cause: int,
        data_version: str | None = None,
    ) -> None:
        """A step hands over what it made, which the IO manager stores; or what it observed.

        `inputs`: what it took down before it began; `data_version`: what its own code says.
        """
        known = self.events.setdefault(asset, [])
        number, spec = len(known) + 1, self.graph[asset]
        versions = materialized(run.run_id, spec.code_version, inputs.versions, data_version)
        detail: dict[str, Any] = {
            "task_instance": task_instance,
            "consumers": [],
            "run_id": run.run_id,
            "data_version": versions.data_version,
        }
        if partition is not None:
            detail["partition"] = partition
        if spec.code_version is not None:
            detail["code_version"] = spec.code_version
        if spec.observable:
            detail["observed"] = True
        if inputs.versions:
            detail["inputs"] = {
                name: [version, inputs.pointers[name]] for name, version in inputs.versions.items()
            }
        entity = self.kernel.journal.entity(Entity.ASSET, asset)
        row = self.kernel.fact(Fact.ASSET_EVENT, entity, number, cause, **detail)
        self.versions.put(asset, partition, VersionedEvent(row, versions, inputs.pointers))
        now = self.kernel.now
        event = Materialization(
            asset, partition, number, now, run, row, versions.data_version, spec.observable
        )
        known.append(event)
        self.latest[asset, partition] = event
        for listener in self.listeners:
            listener(event)

    def stored(self, asset: str, partition: str | None) -> bool:
        """Whether the IO manager finds a value; what others make is always there."""
        return self.graph[asset].observable or (asset, partition) in self.latest
