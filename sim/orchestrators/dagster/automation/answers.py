"""What a node of a condition answers, and what the nodes of a condition remember."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sim.orchestrators.dagster.asset_graph_view import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.automation.identity import NodeId


class Answer(NamedTuple):
    """Where a node is true."""

    true: PartitionKeys
    times: Mapping[str | None, int] | None = None
    """When what made it true happened, by partition; None: this node does not say."""


@dataclass(slots=True, eq=False)
class Memory:
    """What the nodes of one asset's condition remember of a tick.

    Nodes are numbered as they are reached, each before those that it is made of; where two have
    one id, what the later one remembered stays.
    """

    _kept: dict[NodeId, tuple[int, PartitionKeys | str | None]] = field(default_factory=dict)
    _count: int = 0

    def next_order(self) -> int:
        """The number of the next node."""
        self._count += 1
        return self._count

    def remember(self, place: NodeId, order: int, what: PartitionKeys | str | None) -> None:
        """Keep what a node will need at the next tick."""
        known = self._kept.get(place)
        if known is None or known[0] < order:
            self._kept[place] = order, what

    def subset(self, place: NodeId) -> PartitionKeys:
        """The partitions that a node kept; none if it kept nothing."""
        known = self._kept.get(place)
        return known[1] if known is not None and isinstance(known[1], frozenset) else NOTHING

    def version(self, place: NodeId) -> str | None:
        """The version that a node kept."""
        known = self._kept.get(place)
        return known[1] if known is not None and isinstance(known[1], str) else None

    def same_as(self, other: Memory) -> bool:
        """Whether the next tick would find the same in both."""
        return {place: one[1] for place, one in self._kept.items()} == {
            place: one[1] for place, one in other._kept.items()
        }
