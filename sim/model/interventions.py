"""What an operator does to a running platform: plain data with a time.

Going back in time is simulating again without an intervention; nothing is ever undone in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """Process one data date again, the way this orchestrator's operator would.

    Airflow: clear the run of that date. Cron: run the chain by hand with the date as its argument.
    """

    at: int
    data_date: str
    """ISO date of the business day to process again."""
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Clear task instances of the run for a data date (Airflow's clear)."""

    at: int
    pipeline: str
    data_date: str
    tasks: tuple[str, ...] = ()
    """Task ids; none means every task."""
    downstream: bool = True
    only_failed: bool = False
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Start a manual run now."""

    at: int
    pipeline: str
    logical_date: int | None = None
    conf: dict[str, str] = field(default_factory=dict)
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """Run every data date from `first` to `last`, both included."""

    at: int
    pipeline: str
    first: str
    last: str
    max_active_runs: int = 10
    reverse: bool = False
    reprocess: str = "none"
    """`none`, `failed` or `completed`, as Airflow 3's reprocess_behavior; in Airflow 2 the flags
    --rerun-failed-tasks and --reset-dagruns."""
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPool:
    """Resize a pool."""

    at: int
    pool: str
    slots: int
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Pause or unpause a pipeline, or one run of it where an orchestrator can do that."""

    at: int
    pipeline: str
    paused: bool = True
    data_date: str | None = None
    """Of one run: ISO date of its business day (Prefect: suspend it, or resume it)."""
    by: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Set the runs of a data date, or tasks of them, to a state by hand."""

    at: int
    pipeline: str
    data_date: str
    state: str
    """`success` or `failed`; of tasks also `skipped`."""
    tasks: tuple[str, ...] = ()
    """Task ids; none means the run itself."""
    downstream: bool = False
    by: str = "operator"


Intervention = Rerun | Clear | Trigger | Backfill | SetPool | Pause | Mark
