"""Attempts performed: the shared part beneath every orchestrator.

One try of a task reads its source or its input, takes its time, leaves a file or writes a table
statement by statement, and has its checks evaluated. It can die at every statement boundary; what
it did until then stays done. This module decides nothing about when tries start, and a failure in
it is an `Outcome`, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sim.kernel.loop import Interrupt
from sim.model.facts import Entity, Fact
from sim.model.work import SUCCESS, Outcome, Result
from sim.platform.checks import evaluate
from sim.platform.returning import returned
from sim.world.templates import TemplateProblem, render
from sim.world.warehouse.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from sim.faults.plan import Crashes
    from sim.kernel.loop import Kernel
    from sim.model.work import Attempt
    from sim.platform.config import Check, TaskWiring
    from sim.platform.connections import Held
    from sim.platform.site import Site
    from sim.world.outages import OutageNow
    from sim.world.resolved import ResolvedWork
    from sim.world.warehouse.dataset import Dataset
    from sim.world.warehouse.writes import WritePlan

    Steps = Generator[Any, Any, Outcome]


class TaskWorkshop:
    """Performs the tries of one simulation. Implements `sim.model.work.Workshop`."""

    def __init__(
        self,
        kernel: Kernel,
        site: Site,
        *,
        tasks: Mapping[str, TaskWiring],
        checks: Mapping[str, Check],
        crashes: Crashes,
    ) -> None:
        self._kernel = kernel
        self._site = site
        self._tasks = tasks
        self._checks = checks
        self._crashes = crashes

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> _Run:
        """Start the try now; `on_end` gets its outcome at the instant at which it ends."""
        run = _Run(
            self._kernel,
            self._site,
            attempt,
            self._tasks[attempt.task],
            self._checks,
            self._crashes,
        )
        run.process = self._kernel.process(run.perform(on_end))
        return run


@dataclass(slots=True)
class _Run:
    """One try under way."""

    kernel: Kernel
    site: Site
    attempt: Attempt
    wiring: TaskWiring
    checks: Mapping[str, Check]
    crashes: Crashes
    process: Any = None
    day: date = date.min
    rows: int = 0
    """What it read."""
    path: str = ""
    """The file being written, while it is open."""
    plan: WritePlan | None = None
    """The write under way."""
    held: Held | None = None
    """Its connections to the system it reads, where those are bounded."""

    def kill(self, reason: str) -> None:
        """End the process now; what it did stays, an open transaction rolls back."""
        if self.process.is_alive:
            self.process.interrupt(reason)

    def perform(self, on_end: Callable[[Outcome], None]) -> Generator[Any, Any, None]:
        try:
            outcome = yield from self._steps()
            returns = self.site.work[self.wiring.work].returns
            if outcome is SUCCESS and returns is not None:
                outcome = Outcome(Result.SUCCESS, returned=returned(returns, self.rows))
        except Interrupt:
            self._leave()
            return
        except _Crash:
            self._leave()
            outcome = Outcome(Result.FAILED, "crashed", self._last)
        except (SqlError, TemplateProblem) as problem:
            row = self._fact(Fact.SQL_ERROR, message=str(problem))
            self._leave()
            outcome = Outcome(Result.FAILED, "sql_error", row)
        finally:
            if self.held is not None:
                self.held.release()
        on_end(outcome)

    @property
    def _last(self) -> int:
        return len(self.kernel.journal) - 1

    def _leave(self) -> None:
        """What a dead process leaves behind: half a file, or the statements it had committed."""
        if self.plan is not None:
            self.plan.abandon()
            self.plan = None
            self._published()
        if self.path:
            rows = self.site.files.abandon(self.path, self.kernel.now)
            self._file_fact("abandoned", rows)
            self.path = ""

    def _steps(self) -> Steps:
        wiring, site = self.wiring, self.site
        macros = dict(self.attempt.macros())
        fecha = macros["fecha"] if wiring.fecha is None else render(wiring.fecha, macros)
        macros["fecha"] = fecha
        try:
            self.day = date.fromisoformat(str(fecha))
        except ValueError:
            message = f"fecha is {fecha!r}, which is no date"
            raise TemplateProblem(message) from None
        work = site.work[wiring.work]
        spent_us = work.duration_us(site.streams, self.attempt, self.day)
        inputs: dict[str, Dataset] = {}
        if work.reads is not None:
            entered = yield from self._enter(work)
            if isinstance(entered, Outcome):
                return entered
            inputs["input"] = self._read_source(entered, work.reads)
            spent_us = round(spent_us * entered.factor)
            spent_us += 0 if self.held is None else self.held.slower_us
        if wiring.input is not None:
            data = self._read_input(render(wiring.input, macros))
            if data is None:
                return Outcome(Result.FAILED, "missing_input", self._last)
            inputs["input"] = data
        if not inputs and wiring.sql is None and not wiring.checks:
            yield self.kernel.timeout(spent_us)  # work on nothing that this world knows of
            return SUCCESS
        result = self._result(inputs, macros)
        self.rows = inputs["input"].rows if "input" in inputs else result.rows
        if wiring.output is not None:
            yield from self._write_file(render(wiring.output, macros), result, spent_us)
        elif wiring.table is not None:
            outcome = yield from self._write_table(result, spent_us)
            return outcome
        else:
            yield self.kernel.timeout(spent_us)
        judged_us = site.check_us if wiring.output or work.reads else 0
        return (yield from self._judge(result, judged_us))

    # -- reading ----------------------------------------------------------------------------

    def _refused(self, reading: Any, source: str) -> Generator[Any, Any, Outcome | None]:
        """The outcome of a source that lets nobody in, or None when it answers."""
        if reading.mode not in {"refuse", "timeout"}:
            return None
        if reading.mode == "timeout":
            yield self.kernel.timeout(reading.timeout_us)
        row = self._source_fact(reading, source, 0)
        return Outcome(Result.FAILED, f"source_{reading.mode}", row)

    def _enter(self, work: ResolvedWork) -> Generator[Any, Any, OutageNow | Outcome]:
        """How the source answers once it has let this try in, or the outcome when it does not."""
        source = str(work.reads)
        reading = self.site.outage(source, self.kernel.now)
        refusal = yield from self._refused(reading, source)
        if refusal is not None:
            return refusal
        system = self.site.system_of(source)
        if self.site.connections.bounds(system):
            self.held = yield from self.site.connections.connect(system, work.connections)
            if self.held is None:
                row = self._source_fact(replace(reading, mode="refuse"), source, 0)
                return Outcome(Result.FAILED, "source_connections", row)
        return reading

    def _read_source(self, reading: Any, source: str) -> Dataset:
        limit = {"empty": 0, "partial": reading.rows}.get(reading.mode)
        so_far = self.site.rows_so_far(source, self.day)
        if so_far is not None:
            limit = so_far if limit is None else min(limit, so_far)
        data = self.site.warehouse.snapshot(source, self.day, rows=limit)
        mode = reading.mode
        if data.rows < self.site.true_rows(source, self.day):
            self.site.note_bad_read(self.day.isoformat())
            if mode == "ok":
                mode = "partial"  # the day is not over
        self._source_fact(reading, source, data.rows, mode=mode)
        return data

    def _source_fact(self, reading: Any, source: str, rows: int, *, mode: str = "") -> int:
        in_all = {} if self.held is None else {"connections": self.held.in_all}
        return self._fact(
            Fact.SOURCE_READ,
            rows,
            source=source,
            system=self.site.system_of(source),
            mode=mode or reading.mode,
            rows_true=self.site.true_rows(source, self.day),
            data_date=self.day.isoformat(),
            **in_all,
        )

    def _read_input(self, path: str) -> Dataset | None:
        if not path.startswith("/") and self.site.warehouse.has_table(path):
            return self.site.warehouse.table_dataset(path)
        view = self.site.files.read(path, self.kernel.now)
        if view is None:
            self._fact(Fact.FILE_READ, path=path, missing=True)
            return None
        self._fact(
            Fact.FILE_READ,
            view.dataset.rows,
            path=path,
            rows_total=view.rows_total,
            complete=view.complete,
            data_date=view.data_date.isoformat(),
        )
        return view.dataset

    def _result(self, inputs: Mapping[str, Dataset], macros: Mapping[str, Any]) -> Dataset:
        """What this task hands on: its SQL over its input, or the input as it is."""
        self.site.warehouse.set_now(self.kernel.now)
        if self.wiring.sql is not None:
            return self.site.warehouse.query(render(self.wiring.sql, macros), inputs=inputs)
        if "input" not in inputs:
            message = f"task {self.attempt.task} has neither a source, an input nor sql"
            raise TemplateProblem(message)
        return inputs["input"]

    # -- writing ----------------------------------------------------------------------------

    def _write_file(self, path: str, data: Dataset, spent_us: int) -> Generator[Any, Any, None]:
        now = self.kernel.now
        self.path = path
        self.site.files.open(path, data, starts=now, ends=now + spent_us, data_date=self.day)
        self._file_fact("opened", data.rows)
        yield self.kernel.timeout(spent_us)
        self._boundary(1)
        self.site.files.close(path)
        self._file_fact("closed", data.rows)
        self.path = ""
        self._boundary(2)

    def _file_fact(self, phase: str, rows: int) -> None:
        journal = self.kernel.journal
        self.kernel.fact(
            Fact.FILE_WRITE,
            journal.entity(Entity.FILE, self.path),
            rows,
            self.attempt.cause,
            task_instance=self.attempt.task_instance,
            phase=phase,
            data_date=self.day.isoformat(),
        )

    def _write_table(self, data: Dataset, spent_us: int) -> Steps:
        """Statements spread evenly over the task's time, the last one at its end.

        Checks of a task that writes a table look at the staged rows before a swap, and at the same
        rows after the write in every other mode: too late to stop it.
        """
        table, mode = self.wiring.table, self.wiring.write_mode
        assert table is not None
        assert mode is not None
        self.plan = plan = self.site.warehouse.plan_write(table, data, mode, self.day)
        count = len(plan.statements)
        outcome = SUCCESS
        for number, statement in enumerate(plan.statements, start=1):
            if statement.op == "swap":
                outcome = yield from self._judge(
                    data, self.site.check_us if self.wiring.checks else 0
                )
                if outcome is not SUCCESS:
                    break
            yield self.kernel.timeout(spent_us * number // count - spent_us * (number - 1) // count)
            self._boundary(number)
            self.site.warehouse.set_now(self.kernel.now)
            rows = plan.execute(number - 1)
            self._fact(
                Fact.STATEMENT,
                rows,
                number=number,
                of=count,
                op=statement.op,
                table=statement.table,
            )
            self._published()
        else:
            self.plan = None
            self._boundary(count + 1)
            if mode != "stage_and_swap":
                outcome = yield from self._judge(
                    data, self.site.check_us if self.wiring.checks else 0
                )
            return outcome
        plan.abandon()
        self.plan = None
        return outcome

    def _published(self) -> None:
        """Write down a new version of the table if readers see one."""
        table = self.wiring.table
        if table is not None:
            self.site.publish(table, self.attempt, self.attempt.cause)

    def _boundary(self, number: int) -> None:
        if self.crashes.here(
            self.attempt.task,
            self.day.isoformat(),
            try_number=self.attempt.try_number,
            before_statement=number,
        ):
            self._fact(Fact.FAULT, fault="attempt_crash", before_statement=number)
            raise _Crash

    # -- checking ---------------------------------------------------------------------------

    def _judge(self, data: Dataset, spent_us: int) -> Steps:
        """Evaluate the task's checks one after the other; the first that fails hard decides."""
        for name in self.wiring.checks:
            yield self.kernel.timeout(spent_us)
            check = self.checks[name]
            verdict = evaluate(check, data, day=self.day, site=self.site)
            row = self._fact(
                Fact.CHECK,
                int(verdict.passed),
                check=name,
                action=check.on_failure,
                data_date=self.day.isoformat(),
                **verdict.figures(),
            )
            if verdict.passed or check.on_failure == "warn":
                continue
            if check.mark_stale is not None:
                self.site.mark_stale(check.mark_stale, self.day, self.attempt, row)
            return Outcome(_OUTCOME_OF_CHECK[check.on_failure], "check_failed", row)
        return SUCCESS

    def _fact(self, fact: Fact, value: int = 0, **detail: Any) -> int:
        return self.kernel.fact(
            fact, self.attempt.task_instance, value, self.attempt.cause, **detail
        )


class _Crash(Exception):  # noqa: N818 - it is not an error but the simulated death of a process
    """Unwinds a try that dies at a boundary; never leaves this module."""


_OUTCOME_OF_CHECK = {
    "fail": Result.FAILED,
    "fail_no_retry": Result.FAILED_NO_RETRY,
    "skip": Result.SKIPPED,
}
