"""One condition of one asset, evaluated at one tick.

Source: Dagster 1.13.29, _core/definitions/declarative_automation/operators/*.py. A node is asked
about candidates and answers with where it is true, which may be more than the candidates; who asked
takes of it what it asked about. Latches and `newly_true` ask their operands about the whole asset,
since they would miss a change otherwise. What nodes remember between ticks is kept by their ids
(`identity`); of two nodes with one id the one that is evaluated last is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from sim.orchestrators.dagster.asset_graph_view import NOTHING, WHOLE
from sim.orchestrators.dagster.automation.answers import Answer, Memory
from sim.orchestrators.dagster.automation.check_operands import check_operand
from sim.orchestrators.dagster.automation.conditions import (
    And,
    AnyDownstreamConditions,
    AssetMatches,
    Checks,
    CronTickPassed,
    Deps,
    InLatestTimeWindow,
    NewlyTrue,
    Not,
    Operand,
    Or,
    RunTags,
    Since,
)
from sim.orchestrators.dagster.automation.downstream import downstream_conditions
from sim.orchestrators.dagster.automation.identity import NodeId, node_id
from sim.orchestrators.dagster.automation.operands import (
    cron_tick,
    latest_window,
    tagged,
    true_of,
)
from sim.orchestrators.dagster.automation.records import CheckKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.orchestrators.dagster.asset_graph_view import AssetGraphView, PartitionKeys
    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.automation.records import AssetRecords

    OfAssets = (
        Operand
        | InLatestTimeWindow
        | RunTags
        | Deps
        | Checks
        | AssetMatches
        | AnyDownstreamConditions
    )


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
    conditions: Mapping[str, Condition]
    """Of every asset that has one."""
    ticked: bool = False
    """Whether the tick of a cron condition counted."""


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
    _path: list[Condition] = field(default_factory=list)
    """The conditions around the node that is being evaluated."""

    def of(self, condition: Condition) -> PartitionKeys:
        """Where the whole condition is true."""
        return self._node(condition, (), None, self.root, self.tick.view.full(self.root)).true

    def _node(
        self,
        condition: Condition,
        parent: NodeId,
        index: int | None,
        key: str | CheckKey,
        candidates: PartitionKeys,
    ) -> Answer:
        place = node_id(condition, parent, index, None if key == self.root else str(key))
        order = self.after.next_order()
        self._path.append(condition)
        match condition:
            case And() | Or() | Not():
                answer = Answer(self._boolean(condition, place, key, candidates))
            case NewlyTrue():
                answer = self._newly_true(condition, place, order, key, candidates)
            case Since():
                answer = self._since(condition, place, order, key)
            case CronTickPassed():
                answer = cron_tick(self, condition, candidates)
            case _ if isinstance(key, CheckKey):
                answer = check_operand(self, condition, key, candidates)
            case _:
                answer = self._of_asset(condition, place, order, key, candidates)
        self._path.pop()
        return answer

    def _of_asset(
        self,
        condition: OfAssets,
        place: NodeId,
        order: int,
        key: str,
        candidates: PartitionKeys,
    ) -> Answer:
        """What can only be asked about an asset."""
        match condition:
            case Operand():
                return true_of(self, condition.name, (place, order), key, candidates)
            case InLatestTimeWindow():
                return latest_window(self, condition.lookback_delta, key, candidates)
            case RunTags():
                return tagged(self, condition, key, candidates)
            case Deps():
                return self._deps(condition, place, key, candidates)
            case Checks():
                return self._checks(condition, place, key, candidates)
            case AssetMatches():
                return self._other(condition.key, condition.operand, place, key, candidates)
            case AnyDownstreamConditions():
                return Answer(self._downstream(place, key, candidates))
            case _:
                assert_never(condition)

    def full(self, key: str | CheckKey) -> PartitionKeys:
        """All of an asset or of a check, which has no partitions."""
        return WHOLE if isinstance(key, CheckKey) else self.tick.view.full(key)

    def _boolean(
        self,
        condition: And | Or | Not,
        place: NodeId,
        key: str | CheckKey,
        candidates: PartitionKeys,
    ) -> PartitionKeys:
        match condition:
            case And():
                left = candidates
                for number, operand in enumerate(condition.operands):
                    left = left & self._node(operand, place, number, key, left).true
                return left
            case Or():
                parts = [
                    self._node(operand, place, number, key, candidates).true
                    for number, operand in enumerate(condition.operands)
                ]
                return NOTHING.union(*parts)
            case Not():
                return candidates - self._node(condition.operand, place, 0, key, candidates).true

    def _newly_true(
        self,
        condition: NewlyTrue,
        place: NodeId,
        order: int,
        key: str | CheckKey,
        candidates: PartitionKeys,
    ) -> Answer:
        now = self._node(condition.operand, place, 0, key, self.full(key)).true
        before = self.before.subset(place)
        self.after.remember(place, order, now)
        return Answer(candidates & (now - before))

    def _since(self, condition: Since, place: NodeId, order: int, key: str | CheckKey) -> Answer:
        full = self.full(key)
        trigger = self._node(condition.trigger, place, 0, key, full)
        reset = self._node(condition.reset, place, 1, key, full)
        true = (self.before.subset(place) | trigger.true) - reset.true
        if trigger.times is not None and reset.times is not None:
            # both within this tick: the later one counts, where both say when they were
            for one in trigger.true & reset.true:
                at = trigger.times.get(one)
                if at is not None and at > reset.times.get(one, -1):
                    true |= {one}
        self.after.remember(place, order, true)
        return Answer(true, trigger.times)

    def _deps(self, condition: Deps, place: NodeId, key: str, candidates: PartitionKeys) -> Answer:
        times: dict[str | None, int] = {}
        true = NOTHING if condition.how == "any" else candidates
        for parent in self.tick.view.graph.parents(key):
            if parent in condition.ignore:
                continue
            if condition.allow is not None and parent not in condition.allow:
                continue
            found = self._matches(parent, condition.operand, place, key, candidates)
            true = true | found.true if condition.how == "any" else true & found.true
            for one, at in (found.times or {}).items():
                times[one] = max(at, times.get(one, at))
        return Answer(true & candidates, times if condition.how == "any" and times else None)

    def _checks(
        self, condition: Checks, place: NodeId, key: str, candidates: PartitionKeys
    ) -> Answer:
        true = NOTHING if condition.how == "any" else candidates
        spec = self.tick.view.graph[key]
        for name in sorted(spec.checks):
            if condition.blocking_only and name not in spec.blocking_checks:
                continue
            if key in condition.ignore or (
                condition.allow is not None and key not in condition.allow
            ):
                continue
            check = CheckKey(key, name)
            inner: NodeId = (place, None, str(check))
            self.after.next_order()
            asked = WHOLE if candidates else NOTHING
            passed = self._node(condition.operand, inner, 0, check, asked).true
            found = self.tick.view.full(key) if passed else NOTHING
            true = true | found if condition.how == "any" else true & found
        return Answer(true & candidates)

    def _matches(
        self,
        other: str,
        operand: Condition,
        place: NodeId,
        key: str,
        candidates: PartitionKeys,
    ) -> Answer:
        """`_other` as a node of its own, which `any_deps_match` makes for each dependency."""
        self.after.next_order()
        return self._other(other, operand, (place, None, other), key, candidates)

    def _other(
        self,
        other: str,
        operand: Condition,
        place: NodeId,
        key: str,
        candidates: PartitionKeys,
    ) -> Answer:
        """Ask another asset, and take its answer back to the partitions of this one."""
        view = self.tick.view
        down = other != key and other in view.graph.children(key)
        there = view.mapped(key, other, candidates, down=down)
        found = self._node(operand, place, 0, other, there)
        times: dict[str | None, int] = {}
        for at in sorted(set((found.times or {}).values())):
            some = frozenset(one for one, when in (found.times or {}).items() if when == at)
            times.update(dict.fromkeys(view.mapped(other, key, some, down=not down), at))
        return Answer(view.mapped(other, key, found.true, down=not down), times or None)

    def _downstream(self, place: NodeId, key: str, candidates: PartitionKeys) -> PartitionKeys:
        true = NOTHING
        around = tuple(self._path)
        for number, keys, condition in self._expandable(key, around):
            self.after.next_order()
            inner: NodeId = (place, number, ", ".join(keys))
            true = true | self._node(condition, inner, 0, key, candidates).true
        return true

    def _expandable(
        self, key: str, around: tuple[Condition, ...]
    ) -> Iterator[tuple[int, tuple[str, ...], Condition]]:
        """Conditions downstream but those around this node, which would lead in a circle."""
        found = downstream_conditions(self.tick.view.graph, self.tick.conditions, key)
        for number, (keys, condition) in enumerate(found):
            if condition not in around:
                yield number, keys, condition
