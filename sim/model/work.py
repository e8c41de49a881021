"""What an orchestrator hands to a worker and what comes back: values only.

An orchestrator decides when an attempt starts; the platform performs it (durations, reads, SQL,
checks) and answers once with an `Outcome`. Neither knows the other's insides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

import msgspec


class Result(IntEnum):
    """How an attempt ended, as the worker reports it."""

    SUCCESS = 1
    FAILED = 2
    FAILED_NO_RETRY = 3
    """Airflow's AirflowFailException: the remaining retries are not used."""
    SKIPPED = 4
    """Airflow's AirflowSkipException: green, and nothing was done."""
    NOT_READY = 5
    """A sensor's poke was false."""
    KILLED = 6
    """The orchestrator or a fault ended the process."""
    DEFERRED = 7
    """The try gave its worker back and goes on when its trigger fires (Airflow's TaskDeferred)."""
    RESCHEDULED = 8
    """The try gave its worker back and begins anew later (Airflow's AirflowRescheduleException)."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What a task returned: its XCom `return_value`."""

    size: int
    """Bytes, as stored."""
    length: int | None = None
    """Entries of a list; None for any other value."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt."""

    result: Result
    reason: str = ""
    """Stable code of why, `check_failed`, `source_refused`; empty for success."""
    cause: int = -1
    """Index of the journal row that decided it, -1 for none."""
    follow: tuple[str, ...] | None = None
    """A branch task's chosen task ids; None for a task that does not branch."""
    short_circuit: bool = False
    """True: a short-circuit task found its condition false."""
    returned: Returned | None = None
    """What a task that succeeded returned; None: nothing."""
    deferral: Deferral | None = None
    """What a deferred try waits for, and how it goes on."""
    delay: int = 0
    """After how long a rescheduled try may begin anew, microseconds."""


SUCCESS = Outcome(Result.SUCCESS)


class Attempt(msgspec.Struct, frozen=True):
    """One try of one task instance, as its worker sees it.

    A struct since one is made for each try; a frozen dataclass costs ten times as much. It stays
    visible to the garbage collector: `origin` may lead back to whoever holds the attempt.
    """

    task_instance: int
    """Journal entity of the task instance."""
    pipeline: str
    task: str
    """Name of the task, a key of the config's `tasks`."""
    run_id: str
    try_number: int
    """From 1."""
    names: Callable[[Any], Mapping[str, Any]]
    """Makes `macros` of `origin`, once they are asked for."""
    origin: Any
    """What this is a try of, as its orchestrator knows it."""
    cause: int = -1
    """Journal row that started the attempt."""
    map_index: int = -1
    """Which of the task instances of a mapped task; -1 for a task that is not mapped."""

    def macros(self) -> Mapping[str, Any]:
        """The names that a template may use, such as `ds` and `data_interval_start`.

        `fecha` is always there: the ISO data date that the orchestrator gives it by default.
        """
        return self.names(self.origin)


@dataclass(frozen=True, slots=True)
class Deferral:
    """A try without a worker: what wakes it, and the rest of it (Airflow's TaskDeferred)."""

    trigger: Callable[[Callable[[], None]], Running]
    """Watches from now on and calls back when it fires; a dead triggerer's is begun anew, and sees
    what had happened meanwhile."""
    resume: Callable[[bool, Callable[[Outcome], None]], Running]
    """Performs the rest on a worker; True: not since the trigger fired but since it timed out."""
    timeout: int | None = None
    """Microseconds that the trigger may take. None: for ever."""
    abandon: Callable[[], None] = lambda: None
    """Called when the try is over without ever having been resumed."""


class Running(Protocol):
    """An attempt under way."""

    def kill(self, reason: str) -> None:
        """End the process now; effects already made stay, `on_end` is not called."""


class Workshop(Protocol):
    """Performs attempts."""

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Running:
        """Start an attempt at the current instant; `on_end` is called once, at its end."""


class Announcer(Protocol):
    """Sends alerts to people."""

    def send(self, alert: str, attempt: Attempt, *, cause: int) -> None:
        """Send the config's alert of that name, about this attempt, because of a journal row."""
