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


class WorkerLost(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="worker_lost"
):
    """The worker of one try is gone without a trace: no end, no heartbeat, no word to anybody."""

    task: str
    data_date: str
    """ISO date of the business day that the try processes."""
    try_number: int = 1
    after: str | int | float = 0
    """From the start of the try: `90s`, or seconds."""


class WorkerCrash(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="worker_crash"
):
    """The worker of one try dies with what supervises it, and the executor sees it.

    Such as a pod killed for its memory, or a broken process of a pool.
    """

    task: str
    data_date: str
    try_number: int = 1
    after: str | int | float = 0
    """From the start of the try: `90s`, or seconds."""


class NetworkSplit(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="network_split"
):
    """The heartbeats of one try vanish while its work goes on, and its result is still reported."""

    task: str
    data_date: str
    try_number: int = 1
    after: str | int | float = 0
    """From the start of the try: `90s`, or seconds."""
    lasts: str | int | float | None = None
    """How long heartbeats vanish. Default: until the end."""


class DispatchLost(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="dispatch_lost"
):
    """The message that hands one try over to a worker vanishes: it stays queued."""

    task: str
    data_date: str
    try_number: int = 1
    times: int = 1
    """How many hand-overs of that try vanish, one after the other."""


class SchedulerCrash(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="scheduler_crash"
):
    """A scheduler dies at an instant (ISO), and perhaps another one is started later."""

    at: str
    scheduler: int = 0
    """Which one, in order of start, from 0."""
    workers: Literal["die", "survive"] = "die"
    """What becomes of the work that its executor had under way."""
    restart: str | None = None
    """ISO instant at which another one is started. Default: never."""


class WorkerOff(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="worker_off"
):
    """A worker (or triggerer) with a host of its own is off from `start` until `end`."""

    worker: str
    """Its name, `worker-1` or `triggerer-1`."""
    start: str
    end: str


class BrokerOff(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="broker_off"
):
    """The broker between scheduler and workers does not answer from `start` until `end`."""

    start: str
    end: str


class DatabaseOff(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="database_off"
):
    """The orchestrator's own database does not answer from `start` until `end`."""

    start: str
    end: str


WorkerFault = WorkerLost | WorkerCrash | NetworkSplit | DispatchLost
HostFault = HostOff | WorkerOff | BrokerOff | DatabaseOff
Fault = AttemptCrash | SourceOutage | WorkerFault | HostFault | SchedulerCrash


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
