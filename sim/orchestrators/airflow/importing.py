"""Workers import a task's DAG file before they do anything else, and may not find the DAG there.

2.x fails such a try. 3.x gives it back to the scheduler some times, which costs no try; reschedules
of a sensor count among them. Source: Airflow 2.11.2, utils/cli.py `get_dag`; 3.3.2, task SDK
execution_time/task_runner.py, `[workers] missing_dag_retries`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.model.work import Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call
    from sim.model.work import Attempt, Running, Workshop
    from sim.orchestrators.airflow.config_cfg import Workers
    from sim.orchestrators.airflow.dag_files import DagFile, DagFiles
    from sim.orchestrators.airflow.metadata import Metadata


@dataclass(slots=True)
class _Process:
    """The latest process of a task instance."""

    attempt: Attempt
    again: int = 0
    """How many there were before it in the same try."""
    imported: bool = False


@dataclass(slots=True)
class Importing:
    """A workshop in which each process imports its DAG file first."""

    metadata: Metadata
    others: Workshop
    options: Workers
    files: Callable[[], DagFiles]
    """The files, which are there once the deployment is put together."""
    _processes: dict[int, _Process] = field(default_factory=dict)

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Running:
        """Start a try, or a further poke of one whose process lives."""
        file = self.files().file_of(attempt.pipeline)
        if file is None:
            return self.others.begin(attempt, on_end)
        process = self._process(attempt)
        if process.imported:
            return self.others.begin(attempt, on_end)
        started = _Import()
        started.call = self.metadata.kernel.after(
            file.took, self._imported, started, file, process, on_end
        )
        return started

    def _process(self, attempt: Attempt) -> _Process:
        known = self._processes.get(attempt.task_instance)
        if known is not None and known.attempt is attempt:
            return known
        same = known is not None and known.attempt.try_number == attempt.try_number
        again = known.again + 1 if known is not None and same else 0
        process = self._processes[attempt.task_instance] = _Process(attempt, again)
        return process

    def _imported(
        self,
        started: _Import,
        file: DagFile,
        process: _Process,
        on_end: Callable[[Outcome], None],
    ) -> None:
        definition = file.definitions.get(process.attempt.pipeline)
        there = definition is None or process.attempt.task in definition.tasks
        if there and not file.error:
            process.imported = True
            started.work = self.others.begin(process.attempt, on_end)
            return
        reason = "import_error" if file.error else "task_missing"
        if self._begins_anew(process):
            delay = parse_span(self.options.missing_dag_retry_delay)
            on_end(Outcome(Result.RESCHEDULED, reason, delay=delay))
        else:
            on_end(Outcome(Result.FAILED, reason))

    def _begins_anew(self, process: _Process) -> bool:
        return (
            self.metadata.version.missing_dag_reschedules
            and process.again < self.options.missing_dag_retries
        )


@dataclass(slots=True)
class _Import:
    """A process that imports its file, and then its work."""

    call: Call | None = None
    work: Running | None = None

    def kill(self, reason: str) -> None:
        """End whichever of the two is under way."""
        if self.work is not None:
            self.work.kill(reason)
        elif self.call is not None:
            self.call.cancel()
