"""Faults as plain data: what a night could bring beyond the scenario's own outages.

Each one is possible in the real systems. A plan is a tuple of faults; the same plan always does
the same thing, since a fault names its point by what it belongs to, never by the order of events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable


class AttemptCrash(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="attempt_crash"
):
    """The process of one try dies (exit status not 0) at a statement boundary."""

    task: str
    data_date: str
    """ISO date of the business day that the try processes."""
    try_number: int = 1
    before_statement: int = 1
    """The boundary: before the n-th statement; one more than there are statements means after the
    last effect and before the report. A task that writes a file has one statement, its close."""


class HostOff(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="host_off"
):
    """The orchestrator's host has no power from `start` until `end` (ISO instants)."""

    start: str
    end: str


class SourceOutage(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="source_outage"
):
    """One more outage of a system, as in the scenario's `world.outages`."""

    system: str
    start: str
    end: str
    mode: Literal["refuse", "empty", "partial", "slow", "timeout"] = "empty"
    rows: int = 0
    factor: float = 2.0


Fault = AttemptCrash | HostOff | SourceOutage


class Crashes:
    """The crashes of a plan, looked up at each boundary."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._points = {
            (fault.task, fault.data_date, fault.try_number, fault.before_statement)
            for fault in faults
            if isinstance(fault, AttemptCrash)
        }

    def here(self, task: str, data_date: str, *, try_number: int, before_statement: int) -> bool:
        """Whether the process dies at this boundary."""
        return (task, data_date, try_number, before_statement) in self._points
