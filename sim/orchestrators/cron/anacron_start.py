"""Which jobs one start of anacron takes on, and in which order: a pure function.

Source: cronie 1.7.2, anacron/lock.c (consider_job) and anacron/readtab.c (arrange_jobs). Everything
is decided at once when anacron starts: a job's hour is looked at before its delay has passed, so a
job that then waits for another one may well start outside of START_HOURS_RANGE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import MINUTE, to_civil
from sim.orchestrators.cron.anacron_dates import due

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from sim.orchestrators.cron.anacron_options import Options
    from sim.orchestrators.cron.anacrontab import AnacronJob, Anacrontab


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that a start takes on, unless another anacron has it locked."""

    number: int
    """Its place in the anacrontab, from 0."""
    delay: int
    """Minutes from the start on, the random ones with them."""


def taken_on(
    tab: Anacrontab,
    timestamps: Mapping[str, date],
    options: Options,
    *,
    at: int,
    timezone: str,
    drawn: Callable[[AnacronJob], int],
) -> list[Taken]:
    """The jobs of a start at an instant, in the order in which they are begun.

    `timestamps` are dates by identifier; a job without one has never run. `drawn` gives the random
    minutes of a job.
    """
    today = to_civil(at, timezone).date()
    found: list[tuple[int, Taken]] = []
    for number, job in enumerate(tab.jobs):
        argument = options.argument(job.identifier)
        if argument is None:
            continue
        delay = job.delay + drawn(job)
        last = timestamps.get(job.identifier)
        if last is not None and not options.force:
            hour = to_civil(at + delay * MINUTE, timezone).hour
            if not due(job.period, last, today):
                continue
            if not options.now and not _may_start_in(tab, hour):
                continue
        found.append((argument, Taken(number, delay)))
    ordered = sorted(found, key=lambda one: (one[0] if options.now else 0, one[1].delay))
    return [taken for _, taken in ordered]


def _may_start_in(tab: Anacrontab, hour: int) -> bool:
    """Whether START_HOURS_RANGE and PREFERRED_HOUR let a job start in an hour."""
    in_range = tab.hours is None or tab.hours[0] <= hour < tab.hours[1]
    return in_range and tab.preferred_hour in {None, hour}
