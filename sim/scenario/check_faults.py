"""What the faults of a scenario mean beyond keys and types: spans, dates, instants, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.faults.plan import (
    AttemptCrash,
    DispatchLost,
    HostFault,
    LateReport,
    NetworkSplit,
    SchedulerCrash,
    ShellClosed,
    SourceLate,
    SourceOutage,
)
from sim.kernel.calendar import parse_instant
from sim.scenario.check_text import check_date, check_reference, check_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.faults.plan import Fault, WorkerFault
    from sim.scenario.problems import Path, Problems
    from sim.world.config import World


def check_faults(
    faults: Sequence[Fault], problems: Problems, *, world: World | None, timezone: str
) -> None:
    """Report every fault that could not happen as it is written."""
    for index, fault in enumerate(faults):
        path: Path = ("faults", index)
        if isinstance(fault, HostFault | SourceOutage):
            _check_order(
                fault.start, fault.end, path, ("start", "end"), problems, timezone=timezone
            )
        elif isinstance(fault, SchedulerCrash):
            _check_order(
                fault.at, fault.restart, path, ("at", "restart"), problems, timezone=timezone
            )
            _check_least(fault.scheduler, 0, (*path, "scheduler"), problems)
        elif isinstance(fault, ShellClosed):
            _check_order(fault.at, None, path, ("at", "at"), problems, timezone=timezone)
        elif isinstance(fault, SourceLate):
            _check_late_rows(fault, path, problems, world=world, timezone=timezone)
        else:
            _check_try(fault, path, problems)
        if isinstance(fault, SourceOutage) and world is not None:
            systems = sorted({source.system for source in world.sources.values()})
            place = (*path, "system")
            check_reference(
                fault.system, systems, place, problems, code="E-SYSTEM-UNKNOWN", what="system"
            )


def _check_late_rows(
    fault: SourceLate, path: Path, problems: Problems, *, world: World | None, timezone: str
) -> None:
    check_date(fault.data_date, (*path, "data_date"), problems)
    _check_order(fault.until, None, path, ("until", "until"), problems, timezone=timezone)
    _check_least(fault.rows, 0, (*path, "rows"), problems)
    if world is not None:
        place = (*path, "source")
        check_reference(
            fault.source, world.sources, place, problems, code="E-SOURCE-UNKNOWN", what="source"
        )


def _check_try(
    fault: AttemptCrash | LateReport | WorkerFault, path: Path, problems: Problems
) -> None:
    check_date(fault.data_date, (*path, "data_date"), problems)
    _check_least(fault.try_number, 1, (*path, "try_number"), problems)
    if isinstance(fault, AttemptCrash):
        _check_least(fault.before_statement, 1, (*path, "before_statement"), problems)
    elif isinstance(fault, DispatchLost):
        _check_least(fault.times, 1, (*path, "times"), problems)
    elif isinstance(fault, LateReport):
        check_span(fault.late, (*path, "late"), problems)
    else:
        check_span(fault.after, (*path, "after"), problems)
    if isinstance(fault, NetworkSplit) and fault.lasts is not None:
        check_span(fault.lasts, (*path, "lasts"), problems)


def _check_order(
    first: str,
    then: str | None,
    path: Path,
    keys: tuple[str, str],
    problems: Problems,
    *,
    timezone: str,
) -> None:
    instants = []
    for key, text in zip(keys, (first, then), strict=True):
        if text is None:
            continue
        try:
            instants.append(parse_instant(text, timezone))
        except ValueError:
            hint = "write 2024-03-14T02:30Z"
            problems.at((*path, key), "E-INSTANT", f'"{text}" is no instant', hint=hint)
    if len(instants) == len(keys) and instants[0] >= instants[1]:
        message = "the fault is over before it begins"
        problems.at((*path, keys[1]), "E-FAULT", message, hint=f"exchange {keys[0]} and {keys[1]}")


def _check_least(value: int, least: int, path: Path, problems: Problems) -> None:
    if value < least:
        message = f"{value} is out of range: it must be at least {least}"
        problems.at(path, "E-RANGE", message)
