"""Attempts performed: the shared part beneath every orchestrator.

One try of a task reads its source or its input, takes its time, leaves a file or writes a table
statement by statement, and has its checks evaluated. It can die at every statement boundary; what
it did until then stays done. This module decides nothing about when tries start, and a failure in
it is an `Outcome`, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import to_civil
from sim.kernel.loop import Interrupt
from sim.model.facts import Entity, Fact
from sim.model.work import SUCCESS, Outcome, Result
from sim.platform.boundaries import Boundaries, Crash
from sim.platform.calling import Calling
from sim.platform.checks import evaluate
from sim.platform.reading import Intake
from sim.platform.returning import returned
from sim.platform.sessions import hold_session
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
        self._clocked = frozenset(
            name for name, task in tasks.items() if "now" in msgspec.json.encode(task).decode()
        )

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> _Run:
        """Start the try now; `on_end` gets its outcome at the instant at which it ends."""
        run = _Run(
            self._kernel,
            self._site,
            attempt,
            self._tasks[attempt.task],
            self._checks,
            Boundaries(self._kernel, attempt, self._crashes),
        )
        run.clocked = attempt.task in self._clocked
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
    boundaries: Boundaries
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
    calling: Calling | None = None
    """What it does outside."""
    clocked: bool = False
    """Whether its templates may ask for the time."""

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
            self.site.ended(self.attempt, outcome)
            if late_us := self.boundaries.report_late_us():
                yield self.kernel.timeout(late_us)
        except Interrupt:
            self._leave()
            return
        except Crash:
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
        macros = self._macros()
        fecha = macros["fecha"] if wiring.fecha is None else render(wiring.fecha, macros)
        macros["fecha"] = fecha
        try:
            self.day = date.fromisoformat(str(fecha))
        except ValueError:
            message = f"fecha is {fecha!r}, which is no date"
            raise TemplateProblem(message) from None
        self.boundaries.data_date = self.day.isoformat()
        work = site.work[wiring.work]
        spent_us = work.duration_us(site.streams, self.attempt, self.day)
        inputs: dict[str, Dataset] = {}
        intake = Intake(self.kernel, site, self.attempt, self.day)
        if work.reads is not None:
            entered = yield from intake.enter(work)
            self.held = intake.held
            if isinstance(entered, Outcome):
                return entered
            inputs["input"] = intake.take(entered, work.reads, wiring, macros)
            spent_us = round(spent_us * entered.factor)
            spent_us += 0 if self.held is None else self.held.slower_us
        if wiring.input is not None:
            data = intake.read_input(render(wiring.input, macros))
            if data is None:
                return Outcome(Result.FAILED, "missing_input", self._last)
            inputs["input"] = data
        if wiring.effect is None:
            return (yield from self._hand_on(inputs, macros, spent_us))
        self.calling = Calling(
            self.kernel, site, self.attempt, wiring.effect, day=self.day, macros=macros
        )
        if wiring.effect.when == "before":
            yield from self._call()
        outcome = yield from self._hand_on(inputs, macros, spent_us)
        if wiring.effect.when == "after" and outcome is SUCCESS and not self.calling.in_write:
            yield from self._call()
        return outcome

    def _macros(self) -> dict[str, Any]:
        macros = dict(self.attempt.macros())
        if self.clocked:
            macros.setdefault("now", to_civil(self.kernel.now))
        return macros

    def _hand_on(
        self, inputs: dict[str, Dataset], macros: Mapping[str, Any], spent_us: int
    ) -> Steps:
        """What this task makes of its input, written where it belongs, and judged."""
        wiring = self.wiring
        if not inputs and wiring.sql is None and not wiring.checks:
            yield self.kernel.timeout(spent_us)  # work on nothing that this world knows of
            return SUCCESS
        if wiring.sql is not None:
            yield from hold_session(self.kernel, self.site, self.attempt, 0)
        result = self._result(inputs, macros)
        self.rows = inputs["input"].rows if "input" in inputs else result.rows
        if wiring.output is not None:
            yield from self._write_file(render(wiring.output, macros), result, spent_us)
        elif wiring.table is not None:
            outcome = yield from self._write_table(result, spent_us)
            return outcome
        else:
            yield self.kernel.timeout(spent_us)
        reads = self.site.work[wiring.work].reads
        judged_us = self.site.check_us if wiring.output or reads else 0
        return (yield from self._judge(result, judged_us))

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
        struck = self.boundaries.struck()
        if struck is not None:
            yield self.kernel.timeout(spent_us // 2)
            self.boundaries.note(inside=struck)
            raise Crash
        yield self.kernel.timeout(spent_us)
        self.boundaries.cross()
        self.site.files.close(path)
        self._file_fact("closed", data.rows)
        self.path = ""
        self.boundaries.done += 1
        self.boundaries.cross()

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
        calling = self.calling
        if calling is None or calling.effect.receipt != "in_transaction":
            plan = self.site.warehouse.plan_write(table, data, mode, self.day)
        else:
            receipt = None if calling.effect.when == "before" else calling.receipt
            plan = self.site.warehouse.plan_write(table, data, mode, self.day, receipt=receipt)
            calling.in_write = plan.calls
        self.plan = plan
        judged_us = self.site.check_us if self.wiring.checks else 0
        for index, statement in enumerate(plan.statements):
            if statement.op == "swap":
                outcome = yield from self._judge(data, judged_us)
                if outcome is not SUCCESS:
                    plan.abandon()
                    self.plan = None
                    return outcome
            yield from self._statement(plan, index, spent_us)
            self._published()
        self.plan = None
        self.boundaries.cross()
        if mode.endswith("stage_and_swap"):
            return SUCCESS
        return (yield from self._judge(data, judged_us))

    def _call(self) -> Generator[Any, Any, None]:
        """The call outside with its receipt, in statements of their own."""
        calling = self.calling
        assert calling is not None
        self.plan = plan = self.site.warehouse.plan_call(calling.receipt, calling.effect.receipt)
        for index in range(len(plan.statements)):
            yield from self._statement(plan, index, 0)
        self.plan = None
        self.boundaries.cross()

    def _statement(self, plan: WritePlan, index: int, spent_us: int) -> Generator[Any, Any, None]:
        """Statement `index` of a plan, at the end of its share; a call takes its own time."""
        count = len(plan.statements)
        share_us = spent_us * (index + 1) // count - spent_us * index // count
        struck = self.boundaries.struck()
        if struck is not None:
            yield self.kernel.timeout(share_us // 2)
            self._die_inside(plan, index, struck, share_us - share_us // 2)
        statement = plan.statements[index]
        if statement.op != "call":
            yield from hold_session(self.kernel, self.site, self.attempt, share_us)
        yield self.kernel.timeout(share_us)
        self.boundaries.cross()
        if statement.op == "call":
            assert self.calling is not None
            yield self.kernel.timeout(self.calling.make())
            self.boundaries.done += 1
            return
        rows = self._execute(plan, index)
        if statement.op == "receipt" and self.calling is not None:
            self.calling.kept(rows)

    def _execute(self, plan: WritePlan, index: int) -> int:
        """Have the database do statement `index` now; how many rows it affected."""
        statement = plan.statements[index]
        of = self.boundaries.done - index + len(plan.statements)
        self.site.warehouse.set_now(self.kernel.now)
        rows = plan.execute(index)
        self.boundaries.done += 1
        self._fact(
            Fact.STATEMENT,
            rows,
            number=self.boundaries.done,
            of=of,
            op=statement.op,
            table=statement.table,
        )
        return rows

    def _die_inside(self, plan: WritePlan, index: int, struck: str, left_us: int) -> None:
        """The process dies half-way through a statement, which may go on without it."""
        self.boundaries.note(inside=struck)
        if struck == "completes" and plan.statements[index].op == "call":
            assert self.calling is not None
            self.calling.make()
        elif struck == "completes" and plan.commits(index):
            self.plan = None  # nobody rolls it back
            self.kernel.after(left_us, self._completes, plan, index)
        raise Crash

    def _completes(self, plan: WritePlan, index: int) -> None:
        """The database ends what a dead process had asked it for."""
        try:
            self._execute(plan, index)
        except SqlError as problem:
            self._fact(Fact.SQL_ERROR, message=str(problem))
        self._published()

    def _published(self) -> None:
        """Write down a new version of the table if readers see one."""
        if self.wiring.table is not None:
            self.site.publish(self.wiring.table, self.attempt, self.attempt.cause)

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


_OUTCOME_OF_CHECK = {
    "fail": Result.FAILED,
    "fail_no_retry": Result.FAILED_NO_RETRY,
    "skip": Result.SKIPPED,
}
