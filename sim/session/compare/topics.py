"""What the facts of a side show of its rules: topics, decided from what happened and nothing else.

A topic is only named when a fact of that side, or a fact of another side that it lacks, bears it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sim.kernel.calendar import DAY, MINUTE, start_of_day
from sim.model.states import TaskState
from sim.orchestrators.registry import ORCHESTRATORS
from sim.session.compare.readings import RETRY
from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sim.session.compare.played import Played
    from sim.session.compare.readings import Message, Published, Readings, Run, Task
    from sim.session.compare.rules.rule import Topic

_OF_REASON: Mapping[Reason, Topic] = {
    Reason.RETRY_DELAY: "retries",
    Reason.SENSOR_POKE: "sensor",
    Reason.RUN_LIMIT: "run_limit",
    Reason.RUN_QUEUE: "run_limit",
    Reason.DEPLOYMENT_LIMIT: "run_limit",
}
_TOLD_WAIT = 1 * MINUTE
"""A shorter wait explains no difference that is told."""


def orders_tasks(played: Played) -> bool:
    """Whether the orchestrator itself starts a task because others are done."""
    return "dependencies" in ORCHESTRATORS[played.side.config.orchestrator].abilities


def of_runs(
    played: Played, night: date, runs: Sequence[Run], others: Sequence[Sequence[Run]]
) -> tuple[Topic, ...]:
    """Of the runs that were created on a night, beside those of the other sides."""
    topics: list[Topic] = ["schedule"]
    zone = played.replay.timezone
    day = start_of_day(night + timedelta(days=1), zone) - start_of_day(night, zone)
    if day != DAY:
        topics.append("clock_change")
    late = any(is_made_up(run) for run in runs)
    if late:
        topics.append("catchup")
    elif any(is_made_up(run) for side in others for run in side):
        topics.append("no_catchup")
    dates = {run.data_dates for run in runs}
    if any(dates != {run.data_dates for run in side} for side in others):
        topics.append("data_date")
    if any(run.run_type == RETRY for run in runs):
        topics.append("retries")
    elif any(len(runs) != len(side) for side in others):
        chained = any(run_tasks(played, run) > 1 for run in runs)
        topics.append("dependencies" if chained else "no_dependencies")
    return tuple(topics)


def is_made_up(run: Run) -> bool:
    """Whether a run was due a day or more before it was created."""
    return run.created - run.due >= DAY


def run_tasks(played: Played, run: Run) -> int:
    """How many task instances a run has."""
    story = played.ledger.story.runs.get(run.entity)
    return 0 if story is None else sum(len(one) for one in story.tasks.values())


def of_task(played: Played, task: Task | None, others: Sequence[Task | None]) -> tuple[Topic, ...]:
    """Of one task on a night, beside the same task of the other sides."""
    topics: list[Topic] = []
    if task is None:
        return ("schedule",)
    if task.retried:
        topics.append("retries")
    elif TaskState.FAILED in task.ends:
        topics.append("no_retries")
    if TaskState.UPSTREAM_FAILED in task.ends:
        topics.append("upstream_failed")
    elif any(other and TaskState.UPSTREAM_FAILED in other.ends for other in others):
        topics.append("dependencies" if orders_tasks(played) else "no_dependencies")
    if "heartbeat_timeout" in task.reasons:
        topics.append("heartbeat")
    if not topics and any(other and len(other.tries) != len(task.tries) for other in others):
        topics += _of_waits(played, played.replay.journal[task.row].entity) or ["schedule"]
    return tuple(topics)


def of_published(
    played: Played, readings: Readings, one: Published | None, others: Sequence[Published | None]
) -> tuple[Topic, ...]:
    """Of one data date of a table, beside the same date of the other sides."""
    if one is None:
        return _of_missing(played, readings, others)
    journal = played.replay.journal
    instance = journal[one.row].detail["task_instance"]
    run = readings.run_of.get(journal.who(instance).parent)
    topics: list[Topic] = ["backfill"] if one.by_hand else []
    if run is not None and is_made_up(run) and not one.by_hand:
        topics.append("catchup")
    if _read_another_day(played, one, others):
        topics.append("data_date")
    topics += _of_waits(played, instance)
    topics.append(_of_order(played, run))
    if not {"data_date", "backfill"} & set(topics) and not set(topics) & set(_OF_REASON.values()):
        topics.insert(0, "schedule")
    return tuple(dict.fromkeys(topics))


def _of_missing(
    played: Played, readings: Readings, others: Sequence[Published | None]
) -> tuple[Topic, ...]:
    """Why a date that others published was not published here."""
    wanted = next(other for other in others if other is not None)
    night = played.replay.night_of(wanted.data_date)
    states = [end for task in readings.tasks.get(night, {}).values() for end in task.ends]
    topics: list[Topic] = []
    if TaskState.FAILED in states:
        topics.append("no_retries")
    if TaskState.UPSTREAM_FAILED in states:
        topics.append("upstream_failed")
    runs = readings.runs.get(night, [])
    worked_on = {day for run in runs for day in run.data_dates}
    if runs and worked_on and wanted.data_date not in worked_on:
        topics.append("data_date")
    before = night < played.replay.nights[0]
    if not runs and before and all(other is None or other.by_hand for other in others):
        topics.append("backfill")
    elif not runs:
        topics += ["schedule", "no_catchup"] if before else ["schedule"]
    return tuple(topics) or ("schedule",)


def _read_another_day(played: Played, one: Published, others: Sequence[Published | None]) -> bool:
    """Whether the day was read before it was over, or others published it on another night."""
    early = played.replay.day_of(one.at).isoformat() <= one.data_date
    return early or any(other is not None and abs(other.at - one.at) > DAY // 2 for other in others)


def _of_waits(played: Played, instance: int) -> list[Topic]:
    """By the reasons for which the task instances of its run waited."""
    ledger = played.ledger
    story = ledger.story.tasks.get(instance)
    if story is None:
        return []
    topics: list[Topic] = []
    for stories in story.run.tasks.values():
        for task in stories:
            topics += [
                _OF_REASON[wait.reason]
                for wait in ledger.waits(task.entity)
                if wait.reason in _OF_REASON and wait.span >= _TOLD_WAIT
            ]
    return list(dict.fromkeys(topics))


def _of_order(played: Played, run: Run | None) -> Topic:
    if run is None or (not orders_tasks(played) and run_tasks(played, run) < 2):  # noqa: PLR2004 - one alone
        return "no_dependencies"
    return "dependencies"


def of_messages(
    messages: Sequence[Message], others: Sequence[Sequence[Message]]
) -> tuple[Topic, ...]:
    """Of what people were told."""
    if messages:
        return ("message",)
    return ("no_message",) if any(others) else ()
