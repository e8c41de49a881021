"""Liveness: once trouble has ended, every run that the fault-free night ends has ended, in time.

The bound, from the later of the run's usual end and the end of the last trouble:
as long as the longest run of the fault-free night, once for each try there was and once more, times
the factor of a slow source;
plus every wait for a retry that was seen; plus half an hour for each trouble and one more, within
which Airflow's defaults notice a dead process (`task_instance_heartbeat_timeout` 300 s, looked for
every 10 s), a task that is stuck in queued (`task_queued_timeout` 600 s) and a scheduler that is
gone (`scheduler_health_check_threshold` 30 s, orphans looked for every 300 s). Judged only when it
ends within the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.faults.plan import SourceOutage
from sim.kernel.calendar import MINUTE, parse_instant, parse_span
from sim.model.facts import Fact
from sim.model.interventions import Intervention
from sim.model.states import RunState, TaskState
from sim.verify.violation import violated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Row
    from sim.verify.plan import Trouble
    from sim.verify.trial import Trial
    from sim.verify.violation import Violation

_NOTICED_US = 30 * MINUTE


def judge(trial: Trial) -> Iterator[Violation]:
    """Each run that ends in the fault-free night."""
    if not trial.points.runs:
        return
    tries, waits = _tries(trial)
    longest = max(run.end - run.start for run in trial.points.runs)
    slow = max((one.factor for one in trial.troubles if isinstance(one, SourceOutage)), default=1)
    bound = round(longest * slow) * (tries + 1) + waits + _NOTICED_US * (len(trial.troubles) + 1)
    over = max((_end(one, trial) for one in trial.troubles), default=trial.replay.start)
    ended = _ended(trial)
    for run in trial.points.runs:
        due = max(run.end, over) + bound
        end = ended.get((run.pipeline, run.data_date))
        if due >= trial.replay.end or (end is not None and end <= due):
            continue
        yield violated(
            trial,
            "liveness",
            "open" if end is None else "late",
            at=due,
            pipeline=run.pipeline,
            partition=run.data_date,
            bound=bound,
            end=end,
        )


def _ended(trial: Trial) -> dict[tuple[str, str], int | None]:
    """(pipeline, data date) -> when the last of its runs ended; None: one is still open."""
    last: dict[int, Row] = {row.entity: row for row in trial.journal.rows(Fact.RUN_STATE)}
    ended: dict[tuple[str, str], int | None] = {}
    for run, row in last.items():
        day = trial.data_dates.get(run)
        if day is None:
            continue
        key = trial.journal.name(trial.journal.who(run).parent), day
        if row.value not in {RunState.SUCCESS, RunState.FAILED}:
            ended[key] = None
        elif (before := ended.get(key, row.time)) is not None:
            ended[key] = max(before, row.time)
    return ended


def _tries(trial: Trial) -> tuple[int, int]:
    """The most tries that a task instance had, and the sum of all waits for a retry."""
    tries, waits = 1, 0
    for row in trial.journal.rows(Fact.TASK_STATE):
        tries = max(tries, row.value // 256)
        if row.value % 256 == TaskState.UP_FOR_RETRY:
            waits += max(0, row.detail.get("until", row.time) - row.time)
    return tries, waits


def _end(one: Trouble, trial: Trial) -> int:
    """When a trouble is over; of one that hits a try, when that try usually ends."""
    if isinstance(one, Intervention):
        return one.at
    for field in ("end", "restart", "at", "until"):
        text = getattr(one, field, None)
        if text is not None:
            return parse_instant(text, trial.replay.timezone)
    ends = [
        row.time
        for row in trial.journal.rows(Fact.FAULT)
        if trial.journal.name(row.entity) == getattr(one, "task", "")
    ]
    lasts = getattr(one, "lasts", None) or getattr(one, "late", None) or 0
    return max(ends, default=trial.replay.start) + parse_span(lasts)
