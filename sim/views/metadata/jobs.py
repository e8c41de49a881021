"""The table `job`: schedulers, in 2.x also the process of each try, and their heartbeats.

Heartbeats are no facts: they fall on a grid from the start of their process, so the latest one is
known from when it started and when it fell silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_span
from sim.model.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.views.metadata.instances import Process
    from sim.views.metadata.sight import Sight


def job(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `job`. [A2, A3 jobs/job.py]."""
    for number, row in enumerate(_jobs(sight), 1):
        yield {"id": number, "hostname": sight.config.host, **row}


def job_ids(sight: Sight) -> dict[tuple[int, int], int]:
    """From a task instance and the place of its process to the id of its job; none in 3.x."""
    return {row["process"]: number for number, row in enumerate(_jobs(sight), 1) if row["process"]}


def queued_by(sight: Sight) -> int | None:
    """The scheduler's job, where there has been one alone: who queued what is no fact."""
    schedulers = _schedulers(sight)
    return 1 if len(schedulers) == 1 else None


def heartbeat(process: Process, sight: Sight) -> int | None:
    """When the latest heartbeat of a process arrived, None when it has sent none.

    [A2 `[scheduler] job_heartbeat_sec`, A3 `[workers] min_heartbeat_interval`]
    """
    cfg = sight.config.cfg
    span = cfg.scheduler.job_heartbeat_sec
    every = parse_span(span if sight.version.task_jobs else cfg.workers.min_heartbeat_interval)
    last = min(at for at in (sight.now, process.end, process.silent_since) if at is not None)
    return _on_grid(process.start, last, every)


def _jobs(sight: Sight) -> list[dict[str, Any]]:
    found = [*_schedulers(sight)]
    if sight.version.task_jobs:
        found += _task_jobs(sight)
    return sorted(found, key=lambda row: (row["start_date"], row["process"] or (-1, 0)))


def _schedulers(sight: Sight) -> list[dict[str, Any]]:
    every = parse_span(sight.config.cfg.scheduler.scheduler_heartbeat_sec)
    open_jobs: dict[int, dict[str, Any]] = {
        number: _scheduler(sight.start) for number in range(sight.config.schedulers)
    }
    found = list(open_jobs.values())
    numbers: dict[int, int] = {}
    for row in sight.journal.rows(Fact.SCHEDULER):
        number = numbers.setdefault(row.entity, sight.journal.who(row.entity).number)
        at = open_jobs.pop(number, None)
        if at is not None:
            at["gone"] = row.time
        if row.value:
            open_jobs[number] = _scheduler(row.time)
            found.append(open_jobs[number])
    for one in found:
        gone = one.pop("gone", None)
        one["latest_heartbeat"] = _on_grid(one["start_date"], gone or sight.now, every)
    return found


def _scheduler(start: int) -> dict[str, Any]:
    return {
        "job_type": "SchedulerJob",
        "state": "running",
        "start_date": start,
        "executor_class": "LocalExecutor",
        "process": None,
    }


def _task_jobs(sight: Sight) -> Iterator[dict[str, Any]]:
    for one in sight.instances.values():
        for place, process in enumerate(one.processes):
            yield {
                "job_type": "LocalTaskJob",
                "dag_id": one.run.dag_id,
                "state": process.state,
                "start_date": process.start,
                "end_date": process.end,
                "latest_heartbeat": heartbeat(process, sight) or process.start,
                "process": (one.entity, place),
            }


def _on_grid(start: int, last: int, every: int) -> int:
    return start if every <= 0 else start + max(0, last - start) // every * every
