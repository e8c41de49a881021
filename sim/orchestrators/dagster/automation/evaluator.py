"""The evaluator: every condition at every tick, parents before children, and the runs that follow.

Source: Dagster 1.13.29, _core/definitions/declarative_automation/automation_condition_evaluator.py.
What a parent requests in a tick its children see in the same tick.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sim.orchestrators.dagster.asset_graph_view import NOTHING, AssetGraphView
from sim.orchestrators.dagster.automation.answers import Memory
from sim.orchestrators.dagster.automation.evaluation import Evaluation, Tick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.automation.records import AssetRecords
    from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext


class AutomationRun(NamedTuple):
    """A run that a tick asks for."""

    assets: tuple[str, ...]
    partition_key: str | None


@dataclass(slots=True)
class ConditionEvaluator:
    """The conditions of an instance, and what they remember from tick to tick."""

    graph: AssetGraph
    conditions: Mapping[str, Condition]
    """By asset."""
    records: AssetRecords
    everyone: Mapping[str, Condition] | None = None
    """The conditions of all assets, whoever evaluates them; None: there are no others."""
    settled: bool = False
    """Whether a tick like the last one, with nothing new, would leave all as the last one did."""
    _memories: dict[str, Memory] = field(default_factory=dict)
    _requested: dict[str, PartitionKeys] = field(default_factory=dict)
    _previous: int | None = None
    _seen: int = 0

    def tick(self, at: PartitionLoadingContext) -> dict[str, PartitionKeys]:
        """Evaluate everything now; what is requested, by asset."""
        tick = Tick(
            AssetGraphView(self.graph, at),
            self.records,
            at.instant,
            self._previous,
            self._seen,
            {},
            self._requested,
            self.conditions if self.everyone is None else self.everyone,
        )
        remembered = True
        for key in self.graph.topological(self.conditions):
            known = self._memories.get(key)
            evaluation = Evaluation(tick, key, known is None, known or Memory())
            found = evaluation.of(self.conditions[key])
            remembered = remembered and known is not None and evaluation.after.same_as(known)
            self._memories[key] = evaluation.after
            if found:
                tick.requested[key] = found
        last = self.records.last_number()
        self.settled = (
            remembered
            and not tick.requested
            and not self._requested
            and not tick.ticked
            and last == self._seen
        )
        self._requested, self._previous, self._seen = tick.requested, at.instant, last
        return dict(tick.requested)

    def runs(self, requested: Mapping[str, PartitionKeys]) -> list[AutomationRun]:
        """The runs of a tick: one a partition, with all assets that it is requested of.

        Assets of one partitions definition go together; runs are in order of partition keys.
        """
        groups: list[tuple[object, dict[str | None, list[str]]]] = []
        for key in self.graph.topological(requested):
            definition = self.graph[key].partitions_def
            group = next((found for one, found in groups if one == definition), None)
            if group is None:
                group = {}
                groups.append((definition, group))
            for partition in requested.get(key, NOTHING):
                group.setdefault(partition, []).append(key)
        return [
            AutomationRun(tuple(sorted(group[partition])), partition)
            for _, group in groups
            for partition in sorted(group, key=lambda one: one or "")
        ]
