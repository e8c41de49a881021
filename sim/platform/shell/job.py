"""One run of one command line: its process, its tries, its facts in the journal.

A daemon that starts a shell knows none of this, and cron forgets it at once. A run is what an
observer calls that shell, a task instance what it calls the scripts in it. States are those of
docs/journal.md; a try that follows another of the same task in the same run goes through NONE with
the reason `again`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import format_instant, to_civil
from sim.kernel.loop import Interrupt
from sim.model.facts import Entity, Fact
from sim.model.states import RunState, TaskState
from sim.model.work import Attempt, Outcome, Result
from sim.platform.shell.shell import Shell
from sim.platform.shell.wrapper_calls import Expired

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from sim.kernel.loop import Kernel
    from sim.kernel.slots import Slots
    from sim.platform.shell.machine import Machine

TERMINATED = 143
"""Exit status of a process that SIGTERM ended."""
KILLED = 137
"""Exit status of a process that went down with its machine."""


@dataclass(slots=True, kw_only=True)
class Job:
    """A command line that runs. Implements `shell.Surroundings`."""

    host: Machine
    process: int
    """Number of its process on the host."""
    pipeline: str
    run_id: str
    run: int
    """Journal entity of the run."""
    row: int
    """Journal row that created the run."""
    data_date: str | None = None
    """What an operator gave as the date; None under cron."""
    elsewhere: bool = False
    """Whether it runs on another host, with the same files and locks of its own."""
    commands: int = 0
    output: list[str] = field(default_factory=list)
    """What nobody redirected: cron would mail it."""
    last: Attempt | None = None
    """The newest try, which messages are about."""
    last_row: int = -1
    tries: dict[str, int] = field(default_factory=dict)

    @property
    def kernel(self) -> Kernel:
        """Time and journal."""
        return self.host.kernel

    @property
    def timezone(self) -> str:
        """The host's zone."""
        return self.host.timezone

    def execute(self, command: str, variables: Mapping[str, str]) -> Generator[Any, Any, int]:
        """Run the command line to its end; write how it ended; the exit status.

        An interrupt ends the run as failed and goes on to the caller.
        """
        try:
            code = yield from self.run_text(command, variables)
        except Interrupt as stop:
            self.end(KILLED, str(stop.cause))
            raise
        self.end(code, "exit_status")
        return code

    def run_text(self, command: str, variables: Mapping[str, str]) -> Generator[Any, Any, int]:
        """Run one command line of several; its exit status."""
        shell = Shell(
            around=self,
            out=self.output,
            err=self.output,
            arguments=() if self.data_date is None else (self.data_date,),
            variables=dict(variables),
            exported=dict.fromkeys(variables),
        )
        return (yield from shell.run_text(command))

    def end(self, code: int, reason: str, **detail: Any) -> None:
        """Write down how the run ended; success is an exit status of 0."""
        if code == 0:
            self.row = self.kernel.fact(
                Fact.RUN_STATE, self.run, RunState.SUCCESS, self.last_row, **detail
            )
            return
        self.row = self.kernel.fact(
            Fact.RUN_STATE,
            self.run,
            RunState.FAILED,
            self.last_row,
            reason=reason,
            exit_code=code,
            **detail,
        )

    # -- what shells ask for ----------------------------------------------------------------

    def script(self, word: str) -> str | None:
        """The text of the script that a command word names."""
        name = self.host.names.script_name(word)
        return None if name is None else self.host.names.scripts[name]

    def task(self, word: str) -> str | None:
        """The task that a command word names."""
        return self.host.names.task_name(word)

    def program(
        self, word: str
    ) -> Callable[[Sequence[str], Mapping[str, str]], Generator[Any, Any, tuple[int, str]]] | None:
        """The installed program that a command word names."""
        name = self.host.names.program_name(word)
        return None if name is None else partial(self.host.programs[name], self)

    def lock(self, path: str) -> Slots:
        """The lock file at a path of the host."""
        return self.host.lock(f"elsewhere:{path}" if self.elsewhere else path)

    def interrupt(self, cause: object) -> None:
        """Interrupt the process."""
        self.host.interrupt(self.process, cause)

    def notify(self, alert: str) -> bool:
        """Send an alert about the newest try."""
        if alert not in self.host.alerts:
            return False
        cause = self.last_row if self.last_row >= 0 else self.row
        self.host.announcer.send(alert, self.about(), cause=cause)
        return True

    def heartbeat(self, name: str) -> bool:
        """Ping a heartbeat outside; False: there is none of that name."""
        return self.host.ping(name, self.last_row if self.last_row >= 0 else self.row)

    def about(self) -> Attempt:
        """The try that a message is about; the run itself when it has not started any."""
        if self.last is not None:
            return self.last
        return self._attempt(self.pipeline, self._yesterday(), 1, self.row)

    def perform(self, task: str, arguments: Sequence[str]) -> Generator[Any, Any, tuple[int, str]]:
        """One try of a task: its exit status and what it says on its error stream."""
        number = self.tries[task] = self.tries.get(task, 0) + 1
        instance = self._instance(task)
        if number > 1:
            before = TaskState.NONE + 256 * (number - 1)
            self.kernel.fact(Fact.TASK_STATE, instance, before, self.last_row, reason="again")
        running = TaskState.RUNNING + 256 * number
        row = self.kernel.fact(Fact.TASK_STATE, instance, running, self.row)
        attempt = self._attempt(task, self._data_date(arguments), number, row)
        self.last, self.last_row = attempt, row
        done = self.kernel.event()
        process = self.host.workshop.begin(attempt, lambda outcome: _tell(done, outcome))
        try:
            outcome: Outcome = yield done
        except Interrupt as stop:
            timed_out = isinstance(stop.cause, Expired)
            reason = "timeout" if timed_out else str(stop.cause)
            code = TERMINATED if timed_out else KILLED
            self._failed(instance, number, row, reason=reason, exit_code=code)
            process.kill(reason)
            raise
        cause = outcome.cause if outcome.cause >= 0 else row
        if outcome.result in {Result.SUCCESS, Result.SKIPPED}:
            value = TaskState.SUCCESS + 256 * number
            detail = {"reason": outcome.reason} if outcome.reason else {}
            self.last_row = self.kernel.fact(
                Fact.TASK_STATE, instance, value, cause, exit_code=0, **detail
            )
            return 0, ""
        self._failed(instance, number, cause, reason=outcome.reason, exit_code=1)
        return 1, f"{task}: {outcome.reason}"

    def _failed(self, instance: int, number: int, cause: int, **detail: Any) -> None:
        value = TaskState.FAILED + 256 * number
        self.last_row = self.kernel.fact(Fact.TASK_STATE, instance, value, cause, **detail)

    # -- tries ------------------------------------------------------------------------------

    def _instance(self, task: str) -> int:
        return self.kernel.journal.entity(Entity.TASK_INSTANCE, task, self.run, -1)

    def _data_date(self, arguments: Sequence[str]) -> str:
        """The task's first argument that is no option, else the operator's date, else yesterday."""
        for argument in arguments:
            if argument and not argument.startswith("-"):
                try:
                    return date.fromisoformat(argument).isoformat()
                except ValueError:
                    return argument  # the task itself will say what it thinks of it
        return self.data_date or self._yesterday()

    def _yesterday(self) -> str:
        today = to_civil(self.kernel.now, self.timezone).date()
        return (today - timedelta(days=1)).isoformat()

    def _attempt(self, task: str, fecha: str, number: int, row: int) -> Attempt:
        def macros(_: object) -> Mapping[str, Any]:
            return {
                "fecha": fecha,
                "ds": fecha,
                "pipeline": self.pipeline,
                "task": task,
                "run_id": self.run_id,
                "try_number": number,
                "ts": format_instant(self.kernel.now, self.timezone),
                # like Python's own on this host: sums are made on the clock on the wall
                "now": to_civil(self.kernel.now, self.timezone),
            }

        return Attempt(
            task_instance=self._instance(task),
            pipeline=self.pipeline,
            task=task,
            run_id=self.run_id,
            try_number=number,
            names=macros,
            origin=None,
            cause=row,
        )


def _tell(done: Any, outcome: Outcome) -> None:
    """Let the shell that waits for a try go on."""
    done.succeed(outcome)
