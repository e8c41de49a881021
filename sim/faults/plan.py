"""Faults as plain data: what a night could bring beyond the scenario's own outages.

Each one is possible in the real systems. A plan is a tuple of faults; the same plan always does
the same thing, since a fault names its point by what it belongs to, never by the order of events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from sim.kernel.calendar import parse_span

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
    last effect and before the report. A task that writes a file has one statement, its close; a
    call outside and its receipt are statements, too, where they happen."""
    inside: Literal["undone", "completes"] | None = None
    """Dies half-way through that statement instead. `undone`: nothing comes of it. `completes`: the
    database, or the service that was called, still does what it was asked for, unless a transaction
    stays open. A file is left half written either way."""


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
    mode: Literal["refuse", "empty", "partial", "slow", "timeout", "rate_limited"] = "empty"
    rows: int = 0
    factor: float = 2.0


class SourceLate(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="source_late"
):
    """The rows of one business day come late to a source that is well, and nobody says so."""

    source: str
    data_date: str
    """ISO date of the business day whose rows are late."""
    until: str
    """ISO instant from which all of them are there."""
    rows: int = 0
    """How many are there before."""


class LateReport(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="late_report"
):
    """One try has done everything and its process lives on: the word of its end comes late.

    Such as a session that does not close, or a server that is asked again and again. Heartbeats go
    on; what ends a try that takes too long ends this one as well.
    """

    task: str
    data_date: str
    try_number: int = 1
    late: str | int | float = "10m"
    """From the last effect to the report."""


class DoubleDelivery(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="double_delivery"
):
    """The broker delivers the message of one try a second time.

    Celery alone has a broker: elsewhere, and once the message is acknowledged, nothing happens. The
    second delivery meets a row that is not queued any more, and does not start (Airflow 2.11.2 and
    3.3.2; Celery provider 3.26.0, `execute_workload`).
    """

    task: str
    data_date: str
    try_number: int = 1
    after: str | int | float = 0
    """From the first delivery."""


class DoubleCron(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="double_cron"
):
    """A second cron daemon has the same crontab from `start` until `end` (ISO instants).

    Every line then starts twice. Airflow's schedulers lock rows of their database, so that two of
    them never start one task instance twice: nothing happens there.
    """

    start: str
    end: str
    same_host: bool = True
    """On the same host both see the same locks (`flock`); on another one each has its own."""


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


class WarehouseRestart(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="warehouse_restart"
):
    """The warehouse restarts: every session ends at `start`, and until `end` none can be opened.

    What was committed stays, an open transaction rolls back, a statement under way does nothing.
    Readers wait for it: they see what they would have seen.
    """

    start: str
    end: str


class ShellClosed(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="shell_closed"
):
    """The machine at which people work goes to sleep (an ISO instant), and their shells with it.

    `airflow dags backfill` of 2.x is a process in such a shell. What a server does goes on, and so
    does what people run on cron's own host.
    """

    at: str


WorkerFault = WorkerLost | WorkerCrash | NetworkSplit | DispatchLost | DoubleDelivery
HostFault = HostOff | WorkerOff | BrokerOff | DatabaseOff | DoubleCron | WarehouseRestart
SourceFault = SourceOutage | SourceLate
MachineFault = HostFault | SchedulerCrash | ShellClosed
Fault = AttemptCrash | LateReport | SourceFault | WorkerFault | MachineFault


class Crashes:
    """What befalls the processes of a plan's tries, looked up at each boundary."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._points: set[tuple[str, str, int, int]] = set()
        self._inside: dict[tuple[str, str, int, int], Literal["undone", "completes"]] = {}
        self._late: dict[tuple[str, str, int], int] = {}
        for fault in faults:
            if isinstance(fault, LateReport):
                key = fault.task, fault.data_date, fault.try_number
                self._late.setdefault(key, parse_span(fault.late))
            elif isinstance(fault, AttemptCrash):
                point = fault.task, fault.data_date, fault.try_number, fault.before_statement
                if fault.inside is None:
                    self._points.add(point)
                else:
                    self._inside.setdefault(point, fault.inside)

    def here(self, task: str, data_date: str, *, try_number: int, before_statement: int) -> bool:
        """Whether the process dies at this boundary."""
        return (task, data_date, try_number, before_statement) in self._points

    def inside(
        self, task: str, data_date: str, *, try_number: int, statement: int
    ) -> Literal["undone", "completes"] | None:
        """Whether it dies half-way through a statement, and what then becomes of that."""
        return self._inside.get((task, data_date, try_number, statement))

    def report_late_us(self, task: str, data_date: str, *, try_number: int) -> int:
        """How long after its end a try reports it, microseconds."""
        return self._late.get((task, data_date, try_number), 0)
