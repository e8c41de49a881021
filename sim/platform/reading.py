"""What one try takes in: its source as it answers at the start, or what another task left.

The source may let nobody in, or give less than it has; whoever reads it is not told. Invariant:
one SOURCE_READ or FILE_READ fact for each read, with what was true beside what was read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import from_civil, parse_instant, start_of_day
from sim.model.facts import Fact
from sim.model.work import Outcome, Result
from sim.world.templates import TemplateProblem, render

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import date

    from sim.kernel.loop import Kernel
    from sim.model.work import Attempt
    from sim.platform.config import TaskWiring
    from sim.platform.connections import Held
    from sim.platform.site import Site
    from sim.world.outages import OutageNow
    from sim.world.resolved import ResolvedWork
    from sim.world.warehouse.dataset import Dataset


LOOKS_BACK_DAYS = 62
"""How many days back a task looks for the last date that had data."""


class Intake:
    """The reads of one try."""

    def __init__(self, kernel: Kernel, site: Site, attempt: Attempt, day: date) -> None:
        self._kernel = kernel
        self._site = site
        self._attempt = attempt
        self._day = day
        self.held: Held | None = None
        """Its connections to the system it reads, where those are bounded."""

    def enter(self, work: ResolvedWork) -> Generator[Any, Any, OutageNow | Outcome]:
        """How the source answers once it has let this try in, or the outcome when it does not."""
        source = str(work.reads)
        reading = self._site.outage(source, self._kernel.now)
        refusal = yield from self._refused(reading, source)
        if refusal is not None:
            return refusal
        system = self._site.system_of(source)
        if not self._site.rates.admits(system, work.requests, self._kernel.now):
            return self._turned_away(replace(reading, mode="rate_limited"), source)
        if self._site.connections.bounds(system):
            self.held = yield from self._site.connections.connect(system, work.connections)
            if self.held is None:
                row = self._source_fact(replace(reading, mode="refuse"), source, 0)
                return Outcome(Result.FAILED, "source_connections", row)
        return reading

    def take(
        self, reading: OutageNow, source: str, wiring: TaskWiring, macros: Mapping[str, Any]
    ) -> Dataset:
        """What the source gives now, of the dates or the span that the config asks for.

        Raises `TemplateProblem` and `SqlError` for an instant that is none.
        """
        if wiring.since is not None or wiring.watermark is not None:
            return self._read_span(reading, source, wiring, macros)
        data = self._read_source(reading, source)
        if data.rows or wiring.when_empty != "last_date" or reading.mode == "empty":
            return data
        today = self._day
        for back in range(1, LOOKS_BACK_DAYS + 1):
            self._day = today - timedelta(days=back)
            if self._site.true_rows(source, self._day):
                data = self._read_source(reading, source)
                break
        self._day = today
        return data

    def _read_span(
        self, reading: OutageNow, source: str, wiring: TaskWiring, macros: Mapping[str, Any]
    ) -> Dataset:
        site, now = self._site, self._kernel.now
        until = now if wiring.until is None else self._instant(render(wiring.until, macros))
        if wiring.since is not None:
            since = self._instant(render(wiring.since, macros))
        else:
            site.warehouse.set_now(now)
            asked = site.warehouse.query(render(wiring.watermark or "", macros), inputs={})
            found = site.warehouse.instant(asked)
            since = start_of_day(self._day, site.timezone) if found is None else from_civil(found)
        data, true = site.rows_between(source, since, until)
        limit = {"empty": 0, "partial": reading.rows}.get(reading.mode)
        data = data if limit is None else data.head(limit)
        if data.rows < true:
            site.note_bad_read(self._day.isoformat())
        self._source_fact(reading, source, data.rows, true=true, since=since, until=until)
        return data

    def _instant(self, text: str) -> int:
        try:
            return parse_instant(text, self._site.timezone)
        except ValueError:
            message = f"{text!r} is no instant"
            raise TemplateProblem(message) from None

    def _read_source(self, reading: OutageNow, source: str) -> Dataset:
        limit = {"empty": 0, "partial": reading.rows}.get(reading.mode)
        so_far = self._site.rows_so_far(source, self._day)
        if so_far is not None:
            limit = so_far if limit is None else min(limit, so_far)
        attempt = self._attempt
        reader = attempt.task, attempt.run_id, attempt.try_number, self._kernel.now
        data = self._site.warehouse.snapshot(source, self._day, rows=limit, reader=reader)
        mode = reading.mode
        if data.rows < self._site.true_rows(source, self._day):
            self._site.note_bad_read(self._day.isoformat())
            if mode == "ok":
                mode = "partial"  # the day is not over
        self._source_fact(reading, source, data.rows, mode=mode)
        return data

    def read_input(self, path: str) -> Dataset | None:
        """What stands under a path or in a table now; None when there is no such file."""
        if not path.startswith("/") and self._site.warehouse.has_table(path):
            return self._site.warehouse.table_dataset(path)
        view = self._site.files.read(path, self._kernel.now)
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

    def _refused(self, reading: Any, source: str) -> Generator[Any, Any, Outcome | None]:
        """The outcome of a source that lets nobody in, or None when it answers."""
        if reading.mode == "rate_limited":
            return self._turned_away(reading, source)
        if reading.mode not in {"refuse", "timeout"}:
            return None
        if reading.mode == "timeout":
            yield self._kernel.timeout(reading.timeout_us)
        row = self._source_fact(reading, source, 0)
        return Outcome(Result.FAILED, f"source_{reading.mode}", row)

    def _turned_away(self, reading: OutageNow, source: str) -> Outcome:
        """It answers 429 at once."""
        row = self._source_fact(reading, source, 0)
        return Outcome(Result.FAILED, "rate_limited", row)

    def _source_fact(
        self,
        reading: Any,
        source: str,
        rows: int,
        *,
        mode: str = "",
        true: int | None = None,
        **span: int,
    ) -> int:
        in_all = {} if self.held is None else {"connections": self.held.in_all}
        return self._fact(
            Fact.SOURCE_READ,
            rows,
            source=source,
            system=self._site.system_of(source),
            mode=mode or reading.mode,
            rows_true=self._site.true_rows(source, self._day) if true is None else true,
            data_date=self._day.isoformat(),
            **in_all,
            **span,
        )

    def _fact(self, fact: Fact, value: int = 0, **detail: Any) -> int:
        return self._kernel.fact(
            fact, self._attempt.task_instance, value, self._attempt.cause, **detail
        )

    @property
    def _last(self) -> int:
        return len(self._kernel.journal) - 1
