"""What types cannot say about the deadlines of a DAG: references, spans, versions.

Part of `validate`; every problem in one pass as (path, code, message, hint), nothing is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_instant, parse_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.config import Dag, DeadlineAlert

Path = tuple[str | int, ...]
Found = tuple[Path, str, str, str]


def deadline_problems(dag: Dag, path: Path, *, version: int) -> Iterator[Found]:
    """Every problem with the deadlines of one DAG."""
    if dag.deadline and version < 3:  # noqa: PLR2004 - Airflow 3
        message = "deadlines came with Airflow 3.1"
        yield (*path, "deadline"), "E-DEADLINE", message, "give the tasks an sla, or set version: 3"
    for number, deadline in enumerate(dag.deadline):
        yield from _deadline(deadline, (*path, "deadline", number), dag.timezone)


def _deadline(deadline: DeadlineAlert, path: Path, timezone: str) -> Iterator[Found]:
    try:
        parse_span(deadline.interval)
    except ValueError:
        message = f'"{deadline.interval}" is no span of time'
        yield (*path, "interval"), "E-SPAN", message, "such as 45m, 1h30m or 20s"
    fixed = deadline.reference == "FIXED_DATETIME"
    if fixed and deadline.datetime is None:
        message = "FIXED_DATETIME needs an instant"
        yield (*path, "reference"), "E-DEADLINE", message, "add datetime: 2024-03-14T09:00Z"
    elif not fixed and deadline.datetime is not None:
        message = f"{deadline.reference} does not look at datetime"
        yield (*path, "datetime"), "E-DEADLINE", message, "set reference: FIXED_DATETIME"
    elif deadline.datetime is not None:
        try:
            parse_instant(deadline.datetime, timezone)
        except ValueError:
            message = f'"{deadline.datetime}" is no date or instant'
            yield (*path, "datetime"), "E-DATE", message, "such as 2024-03-14T09:00Z"
    least = deadline.max_runs if deadline.min_runs is None else deadline.min_runs
    if deadline.max_runs < 1 or not 1 <= least <= deadline.max_runs:
        message = f"min_runs {least} of max_runs {deadline.max_runs}"
        yield (*path, "max_runs"), "E-RANGE", message, "1 <= min_runs <= max_runs"
