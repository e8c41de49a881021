"""One activation of a service: its command lines one after the other, its timeouts, its restarts.

Source: systemd 252, systemd.service(5). An activation is one run; a restart is the same run going
on with further tries of its tasks. Where 252 shows `failed` for the blink before an automatic
restart, this shows `auto-restart` alone, so OnFailure= comes once restarts are exhausted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel.loop import Interrupt
from sim.model.facts import Fact
from sim.orchestrators.systemd.restarts import restarts
from sim.platform.shell.job import KILLED, TERMINATED, Job
from sim.platform.shell.machine import HOST_OFF

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sim.orchestrators.systemd.jobs import StartJob
    from sim.orchestrators.systemd.restarts import Ending, StartLimit
    from sim.orchestrators.systemd.units import Command, Service
    from sim.platform.shell.machine import Machine

    Steps = Generator[Any, Any, int]


class TimedOut:
    """Why a process is told to end: it took too long."""

    def __str__(self) -> str:
        return "timeout"


@dataclass(slots=True)
class Activation:
    """A unit that runs."""

    machine: Machine
    start: StartJob
    process: int
    limit: StartLimit
    started: Callable[[], None]
    """Called once the start is over and went well, while it may still run."""

    def perform(self) -> Generator[Any, Any, tuple[bool, Job]]:
        """Run it to its end, restarts included; whether it ended well, and its job."""
        service, start = self.start.unit, self.start
        job = Job(
            host=self.machine,
            process=self.process,
            pipeline=pipeline_of(service.name),
            run_id=start.run_id,
            run=start.run,
            row=start.row,
            data_date=start.asked.data_date,
            last=start.asked.about,
        )
        while True:
            try:
                ending, code = yield from self._once(job, service)
            except Interrupt as stop:
                job.end(KILLED, str(stop.cause))
                raise
            if not restarts(service, ending):
                job.end(code, ending)
                return ending == "success", job
            yield from self._wait(job, service.restart_us)
            if not self.limit.admits(service, self.machine.kernel.now):
                job.end(code or 1, "start-limit-hit")
                return False, job

    def _wait(self, job: Job, span: int) -> Generator[Any, Any, None]:
        kernel = self.machine.kernel
        kernel.fact(
            Fact.NATIVE_STATE,
            job.run,
            0,
            job.last_row,
            state="auto-restart",
            until=kernel.now + span,
        )
        try:
            yield kernel.timeout(span)
        except Interrupt as stop:
            job.end(KILLED, str(stop.cause))
            raise

    def _once(self, job: Job, service: Service) -> Generator[Any, Any, tuple[Ending, int]]:
        """One go: how it ended, and with which exit status."""
        clock = self._limited(service.timeout_start_us)
        try:
            code = yield from self._lines(job, service.before_main, service)
            if code == 0 and not service.oneshot:
                clock.cancel()
                clock = self._limited(service.runtime_max_us)
                self.started()
            if code == 0:
                code = yield from self._lines(job, service.main, service)
            if code == 0:
                code = yield from self._lines(job, service.after_main, service)
        except Interrupt as stop:
            if not isinstance(stop.cause, TimedOut):
                raise
            return "timeout", TERMINATED
        finally:
            clock.cancel()
        return ("success" if code == 0 else "exit-code"), code

    def _lines(self, job: Job, commands: tuple[Command, ...], service: Service) -> Steps:
        for command in commands:
            code = yield from job.run_text(command.text, service.environment)
            if code != 0 and not command.ignores_failure:
                return code
        return 0

    def _limited(self, span: int | None) -> _Clock:
        return _Clock(self.machine, self.process, span)


class _Clock:
    """Tells a process to end after a while, unless it is stopped first."""

    def __init__(self, machine: Machine, process: int, span: int | None) -> None:
        self._call = (
            None
            if span is None
            else machine.kernel.after(span, machine.interrupt, process, TimedOut())
        )

    def cancel(self) -> None:
        """Nobody waits any more."""
        if self._call is not None:
            self._call.cancel()
            self._call = None


def pipeline_of(unit: str) -> str:
    """What a service goes by in the journal: its name without the ending."""
    return unit.removesuffix(".service")


__all__ = ["HOST_OFF", "Activation", "pipeline_of"]
