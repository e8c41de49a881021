"""What operands say of the partitions of an asset, by what the instance knows of it.

Source: Dagster 1.13.29, _core/definitions/declarative_automation/operands/operands.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import to_micros
from sim.orchestrators.dagster.asset_graph_view import NOTHING
from sim.orchestrators.dagster.cron_ticks import cron_ticks
from sim.orchestrators.dagster.partitions.mapping import IdentityPartitionMapping
from sim.orchestrators.dagster.partitions.time_window import TimeWindowPartitionsDefinition
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.automation.conditions import CronTickPassed, OperandName
    from sim.orchestrators.dagster.automation.evaluation import Answer, Evaluation, Place


def true_of(
    asked: Evaluation, name: OperandName, place: Place, key: str, candidates: PartitionKeys
) -> Answer:
    """Where an operand is true of an asset."""
    from sim.orchestrators.dagster.automation.evaluation import Answer  # noqa: PLC0415 - a circle

    if name == "newly_updated":
        times = _updated(asked, key, candidates)
        return Answer(frozenset(times), times)
    if name in {"code_version_changed", "data_version_changed"}:
        return Answer(_version_changed(asked, name, place, key, candidates))
    return Answer(_OPERANDS[name](asked, key, candidates))


def cron_tick(asked: Evaluation, tick: CronTickPassed, candidates: PartitionKeys) -> Answer:
    """All candidates, when a tick has passed since the previous evaluation, or was just at it."""
    from sim.orchestrators.dagster.automation.evaluation import Answer  # noqa: PLC0415 - a circle

    now, previous = asked.tick.now, asked.tick.previous
    if asked.first or previous is None:
        return Answer(NOTHING, {})
    ticks = cron_ticks(now, tick.cron_schedule, tick.timezone, ascending=False)
    latest = next((at for one in ticks if (at := to_micros(one)) <= now), None)
    if latest is None or latest < previous:
        return Answer(NOTHING, {})
    return Answer(candidates, dict.fromkeys(candidates, latest))


def _updated(asked: Evaluation, key: str, candidates: PartitionKeys) -> dict[str | None, int]:
    """Partitions updated since the previous tick, and when; none at the first evaluation."""
    if asked.first:
        return {}
    found: dict[str | None, int] = {}
    for partition in candidates:
        latest = asked.tick.records.latest(key, partition)
        if latest is not None and latest.number > asked.tick.seen:
            found[partition] = latest.at
    return found


def _missing(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    return candidates - asked.tick.records.materialized(key)


def _newly_requested(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    return candidates & asked.tick.requested_before.get(key, NOTHING)


def _initial(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    del key
    return candidates if asked.first else NOTHING


def _will_be_requested(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    if not _in_one_run(asked.tick.view.graph, asked.root, key):
        return NOTHING
    return candidates & asked.tick.requested.get(key, NOTHING)


def _in_one_run(graph: AssetGraph, child: str, parent: str) -> bool:
    """Whether two assets can be materialized for a partition in the same run."""
    below, above = graph[child], graph[parent]
    if child == parent:
        return True
    if above.observable:
        # a look may find what it found before, so nothing waits for it in one run
        return False
    if below.code_location != above.code_location or below.partitions_def != above.partitions_def:
        return False
    if below.partitions_def is None or parent not in graph.parents(child):
        return True
    mapping = graph.mapping(child, parent)
    if isinstance(mapping, TimeWindowPartitionMapping):
        return mapping.is_identity
    return isinstance(mapping, IdentityPartitionMapping)


def _latest_window(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    definition = asked.tick.view.graph[key].partitions_def
    if not isinstance(definition, TimeWindowPartitionsDefinition):
        return candidates
    last = definition.last_key(asked.tick.view.at)
    return candidates & {last} if last is not None else NOTHING


def _with_root(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    """Whose latest update came from a run that planned the asset of the condition, too."""
    found = {one: asked.tick.records.latest(key, one) for one in candidates}
    return frozenset(
        one for one, latest in found.items() if latest is not None and asked.root in latest.planned
    )


def _version_changed(
    asked: Evaluation, name: str, place: Place, key: str, candidates: PartitionKeys
) -> PartitionKeys:
    """Where a version is another than at the previous tick; it must have been known then."""
    full = asked.tick.view.full(key)
    if name == "code_version_changed":
        code = asked.tick.view.graph[key].code_version
        now: dict[str | None, object] = dict.fromkeys(full, code)
    else:
        latest = {one: asked.tick.records.latest(key, one) for one in full}
        now = {one: None if found is None else found.data_version for one, found in latest.items()}
    asked.after.versions[place] = now
    before = asked.before.versions.get(place, {})
    return frozenset(
        one for one in candidates if before.get(one) is not None and before[one] != now[one]
    )


def _in_state(state: str) -> Callable[[Evaluation, str, PartitionKeys], PartitionKeys]:
    def found(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
        return candidates if asked.tick.records.freshness(key) == state else NOTHING

    return found


_OPERANDS: dict[str, Callable[[Evaluation, str, PartitionKeys], PartitionKeys]] = {
    "missing": _missing,
    "newly_requested": _newly_requested,
    "initial_evaluation": _initial,
    "will_be_requested": _will_be_requested,
    "in_latest_time_window": _latest_window,
    "executed_with_root_target": _with_root,
    "run_in_progress": lambda asked, key, some: some & asked.tick.records.run_in_progress(key),
    "backfill_in_progress": lambda asked, key, some: (
        some & asked.tick.records.backfill_in_progress(key)
    ),
    "execution_failed": lambda asked, key, some: some & asked.tick.records.failed(key),
    "blocking_checks_passed": lambda asked, key, some: (
        some & asked.tick.records.blocking_checks_passed(key)
    ),
    "freshness_passed": _in_state("PASS"),
    "freshness_warned": _in_state("WARN"),
    "freshness_failed": _in_state("FAIL"),
}
"""Operands that need nothing but the records."""
