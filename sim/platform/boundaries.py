"""The statements of one try, counted, and the places among them at which its process dies.

Invariant: the number of a boundary is one more than the statements behind it, whatever they were:
a write, the close of a file, a call outside, a receipt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact

if TYPE_CHECKING:
    from sim.faults.plan import Crashes
    from sim.kernel.loop import Kernel
    from sim.model.work import Attempt


class Crash(Exception):  # noqa: N818 - it is not an error but the simulated death of a process
    """Unwinds a try that dies; never leaves `sim.platform.attempts`."""


class Boundaries:
    """The boundaries of one try."""

    def __init__(self, kernel: Kernel, attempt: Attempt, crashes: Crashes) -> None:
        self._kernel = kernel
        self._attempt = attempt
        self._crashes = crashes
        self.data_date = ""
        """ISO date that the try turned out to process."""
        self.done = 0
        """How many statements are behind it."""

    def cross(self) -> None:
        """The boundary before the next statement. Raises `Crash` when the process dies there."""
        attempt = self._attempt
        if self._crashes.here(
            attempt.task,
            self.data_date,
            try_number=attempt.try_number,
            before_statement=self.done + 1,
        ):
            self.note()
            raise Crash

    def struck(self) -> str | None:
        """Whether the process dies inside of the next statement: what becomes of that, or None."""
        attempt = self._attempt
        return self._crashes.inside(
            attempt.task, self.data_date, try_number=attempt.try_number, statement=self.done + 1
        )

    def note(self, **detail: Any) -> None:
        """Write down that the process dies."""
        number = self.done + 1
        self._fact(fault="attempt_crash", before_statement=number, **detail)

    def report_late_us(self) -> int:
        """How long its report is late, microseconds; written down when it is."""
        attempt = self._attempt
        late_us = self._crashes.report_late_us(
            attempt.task, self.data_date, try_number=attempt.try_number
        )
        if late_us:
            self._fact(fault="late_report", late=late_us)
        return late_us

    def _fact(self, **detail: Any) -> None:
        attempt = self._attempt
        self._kernel.fact(Fact.FAULT, attempt.task_instance, 0, attempt.cause, **detail)
