"""What operands say of the partitions of an asset, by what the instance knows of it.

Source: Dagster 1.13.29, _core/definitions/declarative_automation/operands/operands.py and
run_operands.py. An operand that has no candidates is asked nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import to_micros
from sim.orchestrators.dagster.asset_graph_view import NOTHING
from sim.orchestrators.dagster.automation.answers import Answer
from sim.orchestrators.dagster.cron_ticks import cron_ticks
from sim.orchestrators.dagster.partitions.definition import MultiPartitionsDefinition
from sim.orchestrators.dagster.partitions.mapping import IdentityPartitionMapping
from sim.orchestrators.dagster.partitions.time_window import TimeWindowPartitionsDefinition
from sim.orchestrators.dagster.partitions.window_mapping import TimeWindowPartitionMapping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.dagster.asset_graph import AssetGraph
    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.automation.conditions import (
        CronTickPassed,
        OperandName,
        RunTags,
    )
    from sim.orchestrators.dagster.automation.evaluation import Evaluation
    from sim.orchestrators.dagster.automation.identity import NodeId
    from sim.orchestrators.dagster.automation.records import Update

TIMES_MAX = 100
"""DAGSTER_MAX_PARTITIONS_FOR_DA_TIMESTAMP_FETCH: of more partitions updated in one tick Dagster
does not look up when each was; they count as updated at the tick."""


def true_of(
    asked: Evaluation,
    name: OperandName,
    place: tuple[NodeId, int],
    key: str,
    candidates: PartitionKeys,
) -> Answer:
    """Where an operand is true of an asset. `place`: the node's id and its number."""
    match name:
        case "code_version_changed":
            return Answer(_code_version_changed(asked, place, key, candidates))
        case _ if not candidates:
            return Answer(NOTHING)
        case "newly_updated":
            return _newly_updated(asked, key)
        case "newly_requested":
            return newly_requested(asked, asked.tick.requested_before.get(key, NOTHING))
        case _:
            return Answer(_OPERANDS[name](asked, key, candidates))


def cron_tick(asked: Evaluation, tick: CronTickPassed, candidates: PartitionKeys) -> Answer:
    """All candidates, when a tick has passed since the previous evaluation, or was just at it."""
    now, previous = asked.tick.now, asked.tick.previous
    if not candidates or asked.first or previous is None:
        return Answer(NOTHING)
    ticks = cron_ticks(now, tick.cron_schedule, tick.timezone, ascending=False)
    latest = next((at for one in ticks if (at := to_micros(one)) <= now), None)
    if latest is None or latest < previous:
        return Answer(NOTHING)
    asked.tick.ticked = True
    return Answer(candidates, dict.fromkeys(candidates, latest))


def latest_window(
    asked: Evaluation, lookback: int | None, key: str, candidates: PartitionKeys
) -> Answer:
    """The newest partition in time, or those in `lookback` microseconds before its end."""
    at, full = asked.tick.view.at, asked.tick.view.full(key)
    definition = asked.tick.view.graph[key].partitions_def
    dimension = None
    if isinstance(definition, MultiPartitionsDefinition):
        dimension = next((name for name, one in definition.dimensions if _timed(one)), None)
    windows = definition if dimension is None else definition.dimension(dimension)  # type: ignore[union-attr]
    if not candidates:
        return Answer(NOTHING)
    if not isinstance(windows, TimeWindowPartitionsDefinition):
        return Answer(full)
    last = windows.last(at)
    if last is None:
        return Answer(NOTHING)
    keys: set[str] = {last.key}
    if lookback is not None:
        keys = set(windows.keys_in_window(max(windows.start, last.end - lookback), last.end))
    if dimension is None:
        return Answer(full & keys)
    assert isinstance(definition, MultiPartitionsDefinition)
    return Answer(
        frozenset(
            one for one in full if one is not None and definition.split(one)[dimension] in keys
        )
    )


def tagged(asked: Evaluation, condition: RunTags, key: str, candidates: PartitionKeys) -> Answer:
    """Where the latest run, or any or every run since the previous tick, has the tags."""
    if not candidates:
        return Answer(NOTHING)

    def fits(update: Update) -> bool:
        return condition.tag_keys <= update.tags.keys() and all(
            update.tags.get(name) == value for name, value in condition.tag_values
        )

    if condition.name == "executed_with_tags":
        return Answer(_last_run(asked, key, candidates, fits))
    if asked.first:
        return Answer(NOTHING)
    runs: dict[str | None, list[bool]] = {}
    for partition, update in _since_previous(asked, key):
        runs.setdefault(partition, []).append(update.run_id is not None and fits(update))
    chosen = any if condition.name == "any_new_update_has_run_tags" else all
    full = asked.tick.view.full(key)
    return Answer(full & {partition for partition, found in runs.items() if chosen(found)})


def newly_requested(asked: Evaluation, requested: PartitionKeys) -> Answer:
    """What the previous tick requested, at its instant."""
    previous = asked.tick.previous
    if not requested or previous is None:
        return Answer(requested)
    return Answer(requested, dict.fromkeys(requested, previous))


def _newly_updated(asked: Evaluation, key: str) -> Answer:
    """Partitions updated since the previous tick, and when; none at the first evaluation."""
    if asked.first:
        return Answer(NOTHING)
    full = asked.tick.view.full(key)
    times = {one: update.at for one, update in _since_previous(asked, key) if one in full}
    if len(times) > TIMES_MAX:
        times = dict.fromkeys(times, asked.tick.now)
    return Answer(frozenset(times), times or None)


def _since_previous(asked: Evaluation, key: str) -> list[tuple[str | None, Update]]:
    """The updates of an asset since the previous tick, in order."""
    found = []
    for one in reversed(asked.tick.records.updates(key)):
        if one[1].number <= asked.tick.seen:
            break
        found.append(one)
    return found[::-1]


def _code_version_changed(
    asked: Evaluation, place: tuple[NodeId, int], key: str, candidates: PartitionKeys
) -> PartitionKeys:
    """Where the code is another than at the previous tick; it must have had a version then."""
    before, now = asked.before.version(place[0]), asked.tick.view.graph[key].code_version
    asked.after.remember(*place, now)
    return NOTHING if before in {None, now} else candidates


def _data_version_changed(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    """Updated since the previous tick, and with another version than the latest one up to then.

    Of an asset with partitions updates that have no version do not count at all.
    """
    del candidates
    new = _since_previous(asked, key)
    if asked.first or not new:
        return NOTHING
    full = asked.tick.view.full(key)
    if not asked.tick.seen:
        # nothing had happened to any asset: there is nothing to compare with
        return full & {partition for partition, _ in new}
    whole = asked.tick.view.graph[key].partitions_def is None
    before: dict[str | None, str | None] = {}
    now: dict[str | None, str | None] = {}
    for partition, update in asked.tick.records.updates(key):
        if whole or update.data_version is not None:
            (before if update.number <= asked.tick.seen else now)[partition] = update.data_version
    return full & {one for one, version in now.items() if before.get(one) != version}


def _missing(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    return candidates - asked.tick.records.materialized(key)


def _initial(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    del key
    return candidates if asked.first else NOTHING


def _will_be_requested(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    del candidates
    if not _in_one_run(asked.tick.view.graph, asked.root, key):
        return NOTHING
    return asked.tick.requested.get(key, NOTHING)


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
    if below.partitions_def is None:
        return True
    mapping = graph.mapping(child, parent)
    return isinstance(mapping, TimeWindowPartitionMapping | IdentityPartitionMapping)


def _with_root(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    """Whose latest update came from a run that planned the asset of the condition, too."""
    if key == asked.root:
        # one that reads itself: its partitions are not made together
        return NOTHING
    return _last_run(asked, key, candidates, lambda update: asked.root in update.planned)


def _last_run(
    asked: Evaluation, key: str, candidates: PartitionKeys, fits: Callable[[Update], bool]
) -> PartitionKeys:
    """The partition of the asset's latest update of all, if its run fits."""
    updates = asked.tick.records.updates(key)
    if not updates:
        return NOTHING
    partition, update = updates[-1]
    if update.run_id is None or not fits(update):
        return NOTHING
    return candidates & {partition}


def _in_state(state: str) -> Callable[[Evaluation, str, PartitionKeys], PartitionKeys]:
    def found(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
        del candidates
        whole = asked.tick.records.freshness(key) == state
        return asked.tick.view.full(key) if whole else NOTHING

    return found


def _timed(definition: object) -> bool:
    return isinstance(definition, TimeWindowPartitionsDefinition)


def _of_assets_only(asked: Evaluation, key: str, candidates: PartitionKeys) -> PartitionKeys:
    """Results of checks: no asset has one."""
    del asked, key, candidates
    return NOTHING


_OPERANDS: Mapping[str, Callable[[Evaluation, str, PartitionKeys], PartitionKeys]] = {
    "missing": _missing,
    "initial_evaluation": _initial,
    "will_be_requested": _will_be_requested,
    "data_version_changed": _data_version_changed,
    "executed_with_root_target": _with_root,
    "run_in_progress": lambda asked, key, _: asked.tick.records.run_in_progress(key),
    "backfill_in_progress": lambda asked, key, _: asked.tick.records.backfill_in_progress(key),
    "execution_failed": lambda asked, key, _: asked.tick.records.failed(key),
    "freshness_passed": _in_state("PASS"),
    "freshness_warned": _in_state("WARN"),
    "freshness_failed": _in_state("FAIL"),
    "check_passed": _of_assets_only,
    "check_failed": _of_assets_only,
}
"""Operands that need nothing but the records."""
