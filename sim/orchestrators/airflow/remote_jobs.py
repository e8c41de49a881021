"""Deferrable operators: the work happens elsewhere, and a trigger waits for its end.

A worker submits the job and defers at once; the job's outcome is the try's once the task instance
is on a worker again. A dead triggerer does not stop the job; a trigger that is cancelled does, as
`safe_to_cancel` of the providers' triggers has it. Source: the providers' deferrable operators
(`deferrable=True`, `[operators] default_deferrable`), Airflow 2.11.2 and 3.3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.work import Deferral, Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call, Kernel
    from sim.model.work import Attempt, Running, Workshop


def submit(attempt: Attempt, *, kernel: Kernel, workshop: Workshop) -> Deferral:
    """Start the job now and say how to wait for it."""
    job = _Job(kernel)
    job.work = workshop.begin(attempt, job.ended)
    return Deferral(job.watch, job.report, abandon=job.cancel)


@dataclass(slots=True)
class _Job:
    kernel: Kernel
    work: Running | None = None
    outcome: Outcome | None = None
    fire: Callable[[], None] | None = None

    def ended(self, outcome: Outcome) -> None:
        self.outcome, self.work = outcome, None
        if self.fire is not None:
            self.fire()

    def watch(self, fire: Callable[[], None]) -> Running:
        """A trigger looks at the job from now on."""
        self.fire = fire
        return _Watch(self, None if self.outcome is None else self.kernel.after(0, fire))

    def report(self, late: bool, on_end: Callable[[Outcome], None]) -> Running:  # noqa: FBT001
        """The task is on a worker again and says how the job went."""
        outcome = None if late else self.outcome
        if outcome is None:
            outcome = Outcome(Result.FAILED, "trigger_timeout")
        return _Watch(self, self.kernel.after(0, on_end, outcome))

    def cancel(self) -> None:
        """Nobody waits for the job any more."""
        if self.work is not None:
            self.work.kill("trigger_cancelled")
            self.work = None


@dataclass(frozen=True, slots=True)
class _Watch:
    job: _Job
    call: Call | None

    def kill(self, reason: str) -> None:  # noqa: ARG002 - the job itself goes on
        """Look no more."""
        self.job.fire = None
        if self.call is not None:
            self.call.cancel()
