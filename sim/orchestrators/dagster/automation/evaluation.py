"""One condition of one asset, evaluated at one tick.

Source: Dagster 1.13.29, _core/definitions/declarative_automation/operators/*.py and
operands/operands.py. A node is asked about candidates and answers with those of them of which it is
true; latches and `newly_true` ask their operands about the whole asset, since they would miss a
change otherwise. What nodes remember between ticks is kept by their place in the condition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sim.orchestrators.dagster.asset_graph_view import NOTHING
from sim.orchestrators.dagster.automation.conditions import (
    And,
    CronTickPassed,
    Deps,
    NewlyTrue,
    Not,
    Operand,
    Or,
    Since,
)
from sim.orchestrators.dagster.automation.operands import cron_tick, true_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView, PartitionKeys
    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.automation.records import AssetRecords

Place = tuple[str | int, ...]


class Answer(NamedTuple):
    """Where a node is true."""

    true: PartitionKeys
    times: Mapping[str | None, int] | None = None
    """When what made it true happened; None: this kind of node does not say."""


@dataclass(slots=True)
class Memory:
    """What the nodes of one asset's condition remember of the previous tick."""

    subsets: dict[Place, PartitionKeys] = field(default_factory=dict)
    versions: dict[Place, Mapping[str | None, object]] = field(default_factory=dict)
    """Code and data versions, where an operand compares them."""


@dataclass(slots=True)
class Tick:
    """What is the same for all assets of a tick."""

    view: AssetGraphView
    records: AssetRecords
    now: int
    previous: int | None
    """Instant of the previous tick; None: there was none."""
    seen: int
    """The newest update that the previous tick saw."""
    requested: dict[str, PartitionKeys]
    """What this tick has requested so far."""
    requested_before: Mapping[str, PartitionKeys]
    """What the previous one did."""


@dataclass(slots=True)
class Evaluation:
    """The evaluation of one asset's condition."""

    tick: Tick
    root: str
    """The asset whose condition it is."""
    first: bool
    """Whether this condition is evaluated for the first time."""
    before: Memory
    after: Memory = field(default_factory=Memory)

    def of(self, condition: Condition) -> PartitionKeys:
        """Where the whole condition is true."""
        return self._node(condition, (), self.root, self.tick.view.full(self.root)).true

    def _node(
        self, condition: Condition, place: Place, key: str, candidates: PartitionKeys
    ) -> Answer:
        match condition:
            case Operand():
                return true_of(self, condition.name, place, key, candidates)
            case CronTickPassed():
                return cron_tick(self, condition, candidates)
            case And():
                left = candidates
                for number, operand in enumerate(condition.operands):
                    left = self._node(operand, (*place, number), key, left).true
                return Answer(left)
            case Or():
                parts = [
                    self._node(operand, (*place, number), key, candidates).true
                    for number, operand in enumerate(condition.operands)
                ]
                return Answer(NOTHING.union(*parts))
            case Not():
                return Answer(
                    candidates - self._node(condition.operand, (*place, 0), key, candidates).true
                )
            case NewlyTrue():
                return self._newly_true(condition, place, key, candidates)
            case Since():
                return self._since(condition, place, key, candidates)
            case Deps():
                return self._deps(condition, place, key, candidates)

    def _newly_true(
        self, condition: NewlyTrue, place: Place, key: str, candidates: PartitionKeys
    ) -> Answer:
        now = self._node(condition.operand, (*place, 0), key, self.tick.view.full(key)).true
        self.after.subsets[place] = now
        return Answer((now - self.before.subsets.get(place, NOTHING)) & candidates)

    def _since(self, condition: Since, place: Place, key: str, candidates: PartitionKeys) -> Answer:
        full = self.tick.view.full(key)
        trigger = self._node(condition.trigger, (*place, 0), key, full)
        reset = self._node(condition.reset, (*place, 1), key, full)
        true = (self.before.subsets.get(place, NOTHING) | trigger.true) - reset.true
        if trigger.times is not None and reset.times is not None:
            # both within this tick: the later one counts, where both say when they were
            true |= {
                one for one in trigger.true & reset.true if trigger.times[one] > reset.times[one]
            }
        self.after.subsets[place] = true
        return Answer(true & candidates)

    def _deps(self, condition: Deps, place: Place, key: str, candidates: PartitionKeys) -> Answer:
        view = self.tick.view
        matched = []
        for parent in view.graph.parents(key):
            if parent == key or parent in condition.ignore:
                continue
            if condition.allow is not None and parent not in condition.allow:
                continue
            upstream, _ = view.parents_of(parent, key, candidates)
            found = self._node(condition.operand, (*place, parent), parent, upstream).true
            matched.append(view.children_of(key, parent, found) & candidates)
        if condition.how == "any":
            return Answer(NOTHING.union(*matched))
        return Answer(candidates.intersection(*matched))
