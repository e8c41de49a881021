"""What a person does, as files say it: the actions of a runbook and of a fault file.

Each is one of `sim.model.interventions` with an instant in words. The keys of a backfill are the
options of `airflow backfill create` (3.x). What an orchestrator would refuse is no error here: it
is refused when it happens, for all to see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sim.kernel.calendar import format_instant, parse_instant
from sim.model.interventions import (
    Backfill,
    Clear,
    Intervention,
    Mark,
    Pause,
    Rerun,
    SetPool,
    Trigger,
)
from sim.scenario.check_text import check_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.problems import Path, Problems


class _Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    at: str
    """Instant, ISO."""


class RerunAction(_Action, frozen=True, tag="rerun"):
    """Process one data date again, the way this orchestrator's operator would."""

    data_date: str
    """ISO date of the business day."""
    by: str = "operator"


class ClearAction(_Action, frozen=True, tag="clear"):
    """Clear tasks of the run for a data date (Airflow)."""

    pipeline: str
    data_date: str
    """ISO date of the business day."""
    tasks: tuple[str, ...] = ()
    """Task ids; none means every task."""
    downstream: bool = True
    """What follows them too."""
    only_failed: bool = False
    """Only those that failed."""
    by: str = "operator"


class TriggerAction(_Action, frozen=True, tag="trigger"):
    """Start a manual run (Airflow)."""

    pipeline: str
    logical_date: str | None = None
    """Instant, ISO. Default: none in 3.x, the instant of the action in 2.x."""
    conf: dict[str, str] = {}
    """What the run is told."""
    by: str = "operator"


class BackfillAction(_Action, frozen=True, tag="backfill"):
    """Run every date of a range again, or for the first time.

    Airflow 3.x: the scheduler does it. 2.x: a process of its own, which keeps to the DAG's own
    max_active_runs. Cron: a loop in a shell, one date after the other.
    """

    pipeline: str
    first: str = msgspec.field(name="from_date")
    """First data date, ISO."""
    last: str = msgspec.field(name="to_date")
    """Last data date, ISO, included."""
    max_active_runs: int = 10
    """How many of its runs may run at once (3.x)."""
    reverse: bool = msgspec.field(name="run_backwards", default=False)
    """From the last date to the first."""
    reprocess: Literal["none", "failed", "completed"] = msgspec.field(
        name="reprocess_behavior", default="none"
    )
    """Which dates that have a run are run again; in 2.x `failed` is --rerun-failed-tasks and
    `completed` is --reset-dagruns."""
    by: str = "operator"


class SetPoolAction(_Action, frozen=True, tag="set_pool"):
    """Resize a pool (Airflow)."""

    pool: str
    slots: int
    by: str = "operator"


class PauseAction(_Action, frozen=True, tag="pause"):
    """Pause a pipeline, or let it go on (Airflow, Dagster, Prefect, systemd)."""

    pipeline: str
    paused: bool = True
    data_date: str | None = None
    """ISO date of the business day: only the run of that day is suspended or resumed (Prefect)."""
    by: str = "operator"


class MarkAction(_Action, frozen=True, tag="mark"):
    """Set the runs of a data date, or tasks of them, to a state by hand (Airflow)."""

    pipeline: str
    data_date: str
    """ISO date of the business day."""
    state: Literal["success", "failed", "skipped"]
    tasks: tuple[str, ...] = ()
    """Task ids; none means the run itself."""
    downstream: bool = False
    """What follows them too."""
    by: str = "operator"


Action = (
    RerunAction
    | ClearAction
    | TriggerAction
    | BackfillAction
    | SetPoolAction
    | PauseAction
    | MarkAction
)

_MEANT: dict[type[Action], type[Intervention]] = {
    RerunAction: Rerun,
    ClearAction: Clear,
    TriggerAction: Trigger,
    BackfillAction: Backfill,
    SetPoolAction: SetPool,
    PauseAction: Pause,
    MarkAction: Mark,
}
_DATES = ("data_date", "first", "last")
_UNBOUNDED = -1
_INSTANT_HINT = "write 2024-03-14T02:30Z"


def interventions_of(
    actions: Sequence[Action], path: Path, problems: Problems, *, timezone: str
) -> tuple[Intervention, ...]:
    """What is meant by a list of actions at `path`; what is no date or instant is reported."""
    meant = [
        _meant(action, (*path, index), problems, timezone) for index, action in enumerate(actions)
    ]
    return tuple(one for one in meant if one is not None)


def action_of(one: Intervention) -> Action:
    """An intervention as a file says it."""
    action = next(kind for kind, meant in _MEANT.items() if isinstance(one, meant))
    fields = {name: getattr(one, name) for name in action.__struct_fields__}
    fields["at"] = format_instant(one.at)
    if isinstance(one, Trigger) and one.logical_date is not None:
        fields["logical_date"] = format_instant(one.logical_date)
    return action(**fields)


def _meant(action: Action, path: Path, problems: Problems, timezone: str) -> Intervention | None:
    before = len(problems.found)
    fields: dict[str, Any] = msgspec.structs.asdict(action)
    for one in msgspec.structs.fields(action):
        if one.name in _DATES and fields[one.name] is not None:
            check_date(fields[one.name], (*path, one.encode_name), problems)
    for name in ("at", "logical_date"):
        if fields.get(name) is not None:
            fields[name] = _instant(fields[name], (*path, name), problems, timezone)
    if isinstance(action, BackfillAction):
        _check_backfill(action, path, problems)
    if isinstance(action, SetPoolAction) and action.slots < _UNBOUNDED:
        problems.at((*path, "slots"), "E-VALUE", "slots is less than -1, which means no bound")
    return _MEANT[type(action)](**fields) if len(problems.found) == before else None


def _instant(text: str, path: Path, problems: Problems, timezone: str) -> int | None:
    try:
        return parse_instant(text, timezone)
    except ValueError:
        problems.at(path, "E-INSTANT", f'"{text}" is no instant', hint=_INSTANT_HINT)
        return None


def _check_backfill(action: BackfillAction, path: Path, problems: Problems) -> None:
    if action.max_active_runs < 1:
        problems.at((*path, "max_active_runs"), "E-VALUE", "max_active_runs is less than 1")
    if action.last < action.first:
        message = f"to_date {action.last} is before from_date {action.first}"
        problems.at((*path, "to_date"), "E-VALUE", message)
