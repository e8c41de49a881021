"""The registry of kinds of objective: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.objectives import alerting, published, punctual, survival, tasks_on_time
from sim.objectives.always_equals_truth import always_equals_truth
from sim.objectives.connections import connections
from sim.objectives.cost import cost
from sim.objectives.external_calls import external_calls
from sim.objectives.idempotent import idempotent
from sim.objectives.source_reads import source_reads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.objectives.config import Objective
    from sim.objectives.finding import Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay

JUDGES: Mapping[str, Callable[[Any, Replay, Nights], Finding]] = {
    "never_published": published.never_published,
    "read_equals_truth": published.read_equals_truth,
    "equals_truth": published.equals_truth,
    "no_gap": published.no_gap,
    "rerun_equals_truth": published.rerun_equals_truth,
    "rerun_reads": published.rerun_reads,
    "paged_within": alerting.paged_within,
    "false_pages": alerting.false_pages,
    "pages": alerting.pages,
    "done_by": punctual.done_by,
    "always_equals_truth": always_equals_truth,
    "idempotent": idempotent,
    "survives": published.no_gap,
    "lost_tasks": survival.lost_tasks,
    "retried_within": survival.retried_within,
    "cost": cost,
    "ended_by": tasks_on_time.ended_by,
    "slot_wait": tasks_on_time.slot_wait,
    "starts_within": tasks_on_time.starts_within,
    "connections": connections,
    "source_reads": source_reads,
    "external_calls": external_calls,
}
"""Key of the kind -> what judges it on one replay."""


def evaluate(objective: Objective, replay: Replay, nights: Nights) -> Finding:
    """Judge one objective on one replay; `nights` is that replay's journal, sorted."""
    return JUDGES[objective.kind](getattr(objective, objective.kind), replay, nights)
