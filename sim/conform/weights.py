"""Recorded effective priority weights: one decision a task and weight rule.

A case: `n` tasks `t0 … t{n-1}` with `edges` [above, below], each with its own `priority_weight`,
and for each rule (`mixed`: task by task as in `mixed_rules`) the weight that each task really has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from sim.conform.airflow_version import airflow_of
from sim.conform.decision import ABSENT, Absent, Decision, attempted
from sim.conform.recording import cases_as, malformed
from sim.orchestrators.airflow.weights import effective_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

TASKS_MAX = 10_000
"""Most tasks of one case."""


class Case(msgspec.Struct):
    """One graph and its weights."""

    n: Annotated[int, msgspec.Meta(ge=1, le=TASKS_MAX)]
    edges: list[tuple[int, int]]
    priority_weight: list[int]
    effective: dict[str, dict[str, int]]
    mixed_rules: list[str] = []


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded weight beside ours."""
    airflow_of(recording)
    for place, case in cases_as(recording, Case):
        _check(case, recording.file, place)
        upstream: list[list[int]] = [[] for _ in range(case.n)]
        for above, below in case.edges:
            upstream[below].append(above)
        for rule, recorded in case.effective.items():
            rules = case.mixed_rules if rule == "mixed" else [rule] * case.n
            ours = attempted(
                lambda: effective_weights(case.priority_weight, rules, upstream)  # noqa: B023
            )
            by_name = (
                {}
                if isinstance(ours, Absent)
                else {f"t{number}": weight for number, weight in enumerate(ours)}
            )
            missing = ours if isinstance(ours, Absent) else ABSENT
            for task, weight in recorded.items():
                yield Decision(place, f"{rule} {task}", weight, by_name.get(task, missing))


def _check(case: Case, file: str, place: str) -> None:
    if len(case.priority_weight) != case.n:
        raise malformed(file, f"{place}.priority_weight", f"must hold {case.n} weights")
    if "mixed" in case.effective and len(case.mixed_rules) != case.n:
        raise malformed(file, f"{place}.mixed_rules", f"must hold {case.n} rules")
    for number, edge in enumerate(case.edges):
        if not all(0 <= end < case.n for end in edge):
            raise malformed(file, f"{place}.edges[{number}]", f"there are {case.n} tasks from 0")
