"""Runs as rows of `dag_run`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_instant
from sim.model.facts import Entity, Fact
from sim.model.states import RunState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Journal, Row
    from sim.views.metadata.sight import Sight


@dataclass(slots=True)
class Run:
    """One run, folded from its facts."""

    number: int
    """Its id: the order of creation, from 1."""
    dag_id: str
    run_id: str
    ordinal: int
    created: int
    first: Row
    """Its creation."""
    told: Row
    """The latest fact that says what it is: a backfill may make another run its own."""
    state: RunState = RunState.QUEUED
    queued_at: int | None = None
    start: int | None = None
    end: int | None = None
    updated: int = 0
    cleared: int = 0
    """How often it was queued again."""
    instances: list[int] = field(default_factory=list)
    """Entities of its task instances."""

    def cleared_while_running(self, at: int) -> None:
        """A task instance was cleared, which in 3.x makes a running run look queued anew.

        [A3 models/taskinstance.py `clear_task_instances`]
        """
        running = self.start is not None and self.start <= at
        if running and (self.end is None or at < self.end):
            self.queued_at = at


def runs_of(journal: Journal) -> dict[int, Run]:
    """Every run of a journal by its entity, in order of creation."""
    runs: dict[int, Run] = {}
    for row in journal.rows(Fact.RUN_STATE):
        run = runs.get(row.entity)
        if run is None:
            who = journal.who(row.entity)
            dag_id = journal.name(who.parent)
            run = Run(len(runs) + 1, dag_id, who.name, who.number, row.time, row, row)
            runs[row.entity] = run
        if "run_type" in row.detail:
            run.told = row
        _step(run, RunState(row.value), row.time)
    for entity in range(journal.entity_count):
        who = journal.who(entity)
        if who.type is Entity.TASK_INSTANCE and who.parent in runs:
            runs[who.parent].instances.append(entity)
    return runs


def _step(run: Run, state: RunState, at: int) -> None:
    if state is RunState.QUEUED:
        run.cleared += run.queued_at is not None
        run.queued_at, run.start, run.end = at, None, None
    elif state is RunState.RUNNING:
        run.start, run.end = at, None
    else:
        run.end = at
    run.state, run.updated = state, at


def dag_run(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `dag_run`. [A2, A3 models/dagrun.py]."""
    backfills = backfill_of_runs(sight)
    for entity, run in sight.runs.items():
        told = run.told.detail
        kind = told["run_type"]
        yield {
            "id": run.number,
            "dag_id": run.dag_id,
            "queued_at": run.queued_at,
            "execution_date": told["logical_date"],
            "logical_date": told["logical_date"],
            "start_date": run.start,
            "end_date": run.end,
            "state": run.state.word,
            "run_id": run.run_id,
            "external_trigger": kind == "manual",
            "run_type": kind,
            "triggered_by": _TRIGGERED_BY.get(kind),
            "data_interval_start": told["data_interval_start"],
            "data_interval_end": told["data_interval_end"],
            "run_after": told["run_after"],
            "created_at": run.created,
            "updated_at": run.updated,
            "clear_number": run.cleared,
            "backfill_id": backfills.get(entity),
            "log_template_id": 1,
        }


_TRIGGERED_BY = {
    "scheduled": "TIMETABLE",
    "asset_triggered": "ASSET",
    "backfill": "BACKFILL",
}
"""Who asked for a run of each type [A3 utils/types.py `DagRunTriggeredByType`]; by which door a
person came is not known."""


def backfill_of_runs(sight: Sight) -> dict[int, int]:
    """The number of the backfill that each run belongs to; only 3.x keeps backfills."""
    asked = {row.index: number for number, row in enumerate(backfills_of(sight), 1)}
    return {
        entity: asked[run.told.cause]
        for entity, run in sight.runs.items()
        if run.told.cause in asked
    }


def backfills_of(sight: Sight) -> list[Row]:
    """What people asked of backfills that was not refused."""
    return [
        row
        for row in sight.journal.rows(Fact.INTERVENTION)
        if row.detail.get("action") == "backfill" and "refused" not in row.detail
    ]


def backfill(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `backfill`. [A3 models/backfill.py]."""
    of_runs = backfill_of_runs(sight)
    for number, row in enumerate(backfills_of(sight), 1):
        mine = [run for entity, run in sight.runs.items() if of_runs.get(entity) == number]
        ends = [run.end for run in mine]
        done = max((end for end in ends if end is not None), default=row.time)
        over = all(end is not None for end in ends)
        yield {
            "id": number,
            "dag_id": sight.journal.name(row.entity),
            "from_date": parse_instant(row.detail["first"]),
            "to_date": parse_instant(row.detail["last"]),
            "dag_run_conf": "{}",
            "is_paused": False,
            "reprocess_behavior": row.detail["reprocess"],
            "max_active_runs": row.detail["max_active_runs"],
            "created_at": row.time,
            "completed_at": done if over else None,
            "updated_at": done if over else row.time,
        }


def backfill_dag_run(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `backfill_dag_run`. [A3 models/backfill.py]."""
    ordinals: dict[int, int] = {}
    for number, (entity, backfill_id) in enumerate(backfill_of_runs(sight).items(), 1):
        run = sight.runs[entity]
        ordinals[backfill_id] = ordinals.get(backfill_id, 0) + 1
        yield {
            "id": number,
            "backfill_id": backfill_id,
            "dag_run_id": run.number,
            "logical_date": run.told.detail["logical_date"],
            "sort_ordinal": ordinals[backfill_id],
        }
