"""Recorded outcomes of trigger rules: one decision a row.

A row: the rule, how many direct upstream task instances there are, how many of them are in which
finished state, and what the real rule decided: run, wait, skipped or upstream_failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from sim.conform.airflow_version import airflow_of
from sim.conform.decision import Absent, Decision, attempted
from sim.conform.recording import cases_as, columns_are
from sim.model.states import TaskState
from sim.orchestrators.airflow.trigger_rules import RUN, WAIT, Counts, decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

_STATES = ("success", "failed", "upstream_failed", "skipped", "removed")
_OUTCOMES = {
    RUN: "run",
    WAIT: "wait",
    int(TaskState.SKIPPED): "skipped",
    int(TaskState.UPSTREAM_FAILED): "upstream_failed",
}


class Row(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """One question and its answer."""

    rule: str
    total: Annotated[int, msgspec.Meta(ge=0)]
    counts: dict[str, int]
    outcome: str


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded outcome beside ours."""
    columns_are(recording, "trigger_rule", "n_upstream", "counts", "outcome")
    version = airflow_of(recording)
    for place, row in cases_as(recording, Row):
        ended = Counts(row.total, *(row.counts.get(state, 0) for state in _STATES))
        decided = attempted(lambda: decide(row.rule, ended, version=version))  # noqa: B023
        outcome = decided if isinstance(decided, Absent) else _OUTCOMES.get(decided)
        ends = " ".join(f"{state} {count}" for state, count in row.counts.items())
        what = f"{row.rule} of {row.total}: {ends or 'none ended'}"
        yield Decision(place, what, row.outcome, outcome)
