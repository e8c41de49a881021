"""People who look at a dashboard: what they are shown, whether they notice, whom they tell.

A reader compares the figure with what she remembers, the median of the same weekday, and knows the
holidays; she never sees the truth.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from sim.kernel.calendar import at_time_of_day, date_of, parse_span, parse_time_of_day
from sim.model.facts import Entity, Fact

if TYPE_CHECKING:
    from sim.kernel.loop import Kernel
    from sim.platform.site import Site
    from sim.world.config import Reads
    from sim.world.people import ResolvedPerson

_REMEMBERED_WEEKS = 4


class Readers:
    """Schedules and performs every read of one simulation."""

    def __init__(self, kernel: Kernel, site: Site) -> None:
        self._kernel = kernel
        self._site = site

    def start(self, *, end: int) -> None:
        """Schedule the reads from now until `end`, excluded."""
        timezone = self._site.timezone
        for name, person in self._site.people.items():
            if person.reads is None:
                continue
            offset = parse_time_of_day(person.reads.at)
            day = date_of(self._kernel.now, timezone)
            while (at := at_time_of_day(day, offset, timezone)) < end:
                if at >= self._kernel.now:
                    self._kernel.at(at, self._read, name, person, day - timedelta(days=1))
                day += timedelta(days=1)

    def _read(self, name: str, person: ResolvedPerson, data_date: date) -> None:
        reads = person.reads
        assert reads is not None
        warehouse = self._site.warehouse
        warehouse.set_now(self._kernel.now)
        now = warehouse.read(reads.table, reads.figure, data_date)
        shown, stale = now.shown, False
        if shown is None and self._site.is_stale(reads.table, data_date):
            stale = True
            shown = self._last_good(reads, data_date)
        who = self._kernel.journal.entity(Entity.PERSON, name)
        row = self._kernel.fact(
            Fact.READ,
            who,
            now.version,
            table=reads.table,
            partition=data_date.isoformat(),
            figure=reads.figure,
            shown=None if shown is None else str(shown),
            stale=stale,
        )
        if not stale:
            self._judge(who, person, data_date, shown, row)

    def _last_good(self, reads: Reads, data_date: date) -> Decimal | None:
        for days in range(1, 8):
            shown = self._site.warehouse.read(
                reads.table, reads.figure, data_date - timedelta(days=days)
            ).shown
            if shown is not None:
                return shown
        return None

    def _judge(
        self, who: int, person: ResolvedPerson, data_date: date, shown: Decimal | None, row: int
    ) -> None:
        if person.notices is None or person.reads is None or data_date in self._site.holidays:
            return
        reads = person.reads
        weeks = [data_date - timedelta(weeks=week) for week in range(1, _REMEMBERED_WEEKS + 1)]
        totals = self._site.warehouse.day_totals(reads.table, reads.figure, weeks)
        known = [total for total in totals if total is not None]
        expected = Decimal(median(known)) if known else Decimal(0)
        if shown is not None and shown >= Decimal(str(person.notices.below)) * expected:
            return
        noticed = self._kernel.fact(
            Fact.NOTICED,
            who,
            0,
            row,
            shown=None if shown is None else str(shown),
            expected=str(expected),
            partition=data_date.isoformat(),
        )
        if person.escalates is not None:
            self._kernel.after(
                parse_span(person.escalates.after),
                self._escalate,
                person.escalates.to,
                who,
                data_date,
                noticed,
            )

    def _escalate(self, to: str, who: int, data_date: date, cause: int) -> None:
        journal = self._kernel.journal
        self._kernel.fact(
            Fact.ESCALATED,
            journal.entity(Entity.PERSON, to),
            0,
            cause,
            by=journal.name(who),
            partition=data_date.isoformat(),
        )
