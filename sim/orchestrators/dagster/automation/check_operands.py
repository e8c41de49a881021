"""What operands say of an asset check, which has no partitions.

Source: Dagster 1.13.29, _core/asset_graph_view/asset_graph_view.py (`compute_subset_with_status`
and what calls it). A check counts as missing, and has neither passed nor failed, while the latest
materialization of its asset was not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.asset_graph_view import NOTHING, WHOLE
from sim.orchestrators.dagster.automation.answers import Answer
from sim.orchestrators.dagster.automation.conditions import InLatestTimeWindow, Operand

if TYPE_CHECKING:
    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.automation.evaluation import Evaluation
    from sim.orchestrators.dagster.automation.records import CheckKey, CheckState

_STATUSES = {
    "missing": None,
    "check_passed": "SUCCEEDED",
    "check_failed": "FAILED",
    "run_in_progress": "IN_PROGRESS",
    "execution_failed": "EXECUTION_FAILED",
}
"""The status of which each of these is true."""
OF_CHECKS = frozenset(
    {
        *_STATUSES,
        "backfill_in_progress",
        "will_be_requested",
        "newly_requested",
        "newly_updated",
        "initial_evaluation",
    }
)
"""Operands that may be asked about a check."""


def check_operand(
    asked: Evaluation, condition: Condition, key: CheckKey, candidates: PartitionKeys
) -> Answer:
    """Whether an operand is true of a check: everywhere or nowhere."""
    if not candidates:
        return Answer(NOTHING)
    if isinstance(condition, InLatestTimeWindow):
        return Answer(WHOLE)
    assert isinstance(condition, Operand)
    assert condition.name in OF_CHECKS
    found = asked.tick.records.check(key)
    return Answer(WHOLE if _true(asked, condition.name, found) else NOTHING)


def _true(asked: Evaluation, name: str, found: CheckState) -> bool:
    match name:
        case "initial_evaluation":
            return asked.first
        case "newly_updated":
            previous = asked.tick.previous
            if asked.first or previous is None or found.evaluated is None:
                return False
            newly = found.evaluated >= previous
            # one that fell on the instant of this very tick counts at the next one, too
            asked.tick.ticked = asked.tick.ticked or newly
            return newly
        case _ if name in _STATUSES:
            return found.status == _STATUSES[name]
        case _:
            # no check has a condition of its own, and backfills do not target checks
            return False
