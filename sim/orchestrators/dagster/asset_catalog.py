"""The assets' events: what was materialized, for which partition, by which run.

The part of the instance's event log that IO managers, sensors and conditions read. Invariant: the
events of an asset are numbered from 1, in order of time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Kernel
    from sim.orchestrators.dagster.runs import Run


@dataclass(frozen=True, slots=True)
class Materialization:
    """One materialization of an asset, or of one of its partitions."""

    asset: str
    partition: str | None
    number: int
    """Of the asset's events, from 1."""
    time: int
    run: Run
    row: int


@dataclass(slots=True)
class AssetCatalog:
    """Every materialization of an instance."""

    kernel: Kernel
    events: dict[str, list[Materialization]] = field(default_factory=dict)
    """By asset, in order of time."""
    latest: dict[tuple[str, str | None], Materialization] = field(default_factory=dict)
    """What is stored, by asset and partition; a new one overwrites it."""
    listeners: list[Callable[[Materialization], None]] = field(default_factory=list)
    """Told of each materialization."""

    def materialize(
        self, asset: str, partition: str | None, run: Run, *, task_instance: int, cause: int
    ) -> None:
        """A step hands over what it made; the IO manager stores it."""
        known = self.events.setdefault(asset, [])
        number = len(known) + 1
        detail = {"task_instance": task_instance, "consumers": [], "run_id": run.run_id}
        if partition is not None:
            detail["partition"] = partition
        entity = self.kernel.journal.entity(Entity.ASSET, asset)
        row = self.kernel.fact(Fact.ASSET_EVENT, entity, number, cause, **detail)
        event = Materialization(asset, partition, number, self.kernel.now, run, row)
        known.append(event)
        self.latest[asset, partition] = event
        for listener in self.listeners:
            listener(event)

    def stored(self, asset: str, partition: str | None) -> bool:
        """Whether the IO manager finds a value."""
        return (asset, partition) in self.latest
