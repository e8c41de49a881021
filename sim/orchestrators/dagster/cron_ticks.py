"""The ticks of a cron string in a time zone, one after another, by Dagster's own arithmetic.

Not croniter's ticks: hourly, daily, weekly and monthly strings have arithmetic of their own, the
rest asks for naive local times and then looks where they fall. A tick is a civil time and not only
an instant, because partition keys are written from it: midnight inside a gap keeps its date.
Source: Dagster 1.13.29, _utils/schedules.py. Invariant: ticks of one string are in order of time.
"""

from __future__ import annotations

import calendar
from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sim.kernel.calendar import HOUR, MINUTE, to_civil, to_micros
from sim.kernel.cron_expression import CronExpression, parse_cron

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    Step = Callable[[datetime, bool, bool], datetime]
    """From a time to the next tick: upward or downward, and whether the time is a tick itself."""

LEAP_DAY = " 29 2 *"
_SUREST_DAY = 28
"""The last day that each month has."""
_CHANGE_HOURS = frozenset({1, 2, 3})
"""Hours in which Dagster looks for a change of clocks (DAYLIGHT_SAVINGS_HOURS)."""
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def cron_ticks(
    instant: int, text: str, timezone: str = "UTC", *, ascending: bool = True
) -> Iterator[datetime]:
    """Every tick from an instant on, or back from it; a tick at the instant itself counts.

    Raises `CronSyntaxError`, and `ValueError` for a zone that does not exist.
    """
    if text.endswith(LEAP_DAY):
        yield from _leap_days(instant, text, timezone, ascending=ascending)
        return
    expression = parsed(text)
    step = _step(expression, timezone)
    start = to_civil(instant, timezone)
    if step is None:
        behind = next(_by_croniter(expression, start, ascending=not ascending), None)
        if behind is not None:
            yield from _by_croniter(expression, behind, ascending=ascending)
        return
    if _on_the_mark(text, start):
        tick = start
        yield tick
    else:
        tick = step(start, not ascending, False)  # noqa: FBT003 - see Step
    while True:
        tick = step(tick, ascending, True)  # noqa: FBT003 - see Step
        yield tick


def schedule_ticks(
    instant: int,
    cron_schedule: str | Sequence[str],
    timezone: str = "UTC",
    *,
    ascending: bool = True,
) -> Iterator[datetime]:
    """Every tick of one cron string, or of several together.

    Several are merged by their civil time, as Dagster compares them: in a repeated hour the same
    wall-clock time of two strings is one tick (schedule_execution_time_iterator).
    """
    if isinstance(cron_schedule, str):
        yield from cron_ticks(instant, cron_schedule, timezone, ascending=ascending)
        return
    sources = [cron_ticks(instant, text, timezone, ascending=ascending) for text in cron_schedule]
    heads = [next(source, None) for source in sources]
    while any(head is not None for head in heads):
        known = [head for head in heads if head is not None]
        chosen = min(known) if ascending else max(known)
        yield chosen
        heads = [
            next(source, None) if head == chosen else head
            for head, source in zip(heads, sources, strict=True)
        ]


@lru_cache(maxsize=256)
def parsed(text: str) -> CronExpression:
    """The expression of a cron string. Raises `CronSyntaxError`."""
    return parse_cron(text, dialect="croniter")


def _leap_days(instant: int, text: str, timezone: str, *, ascending: bool) -> Iterator[datetime]:
    """29 February, found as the day after the 28th of leap years, as Dagster does."""
    day_before = text.removesuffix(LEAP_DAY) + " 28 2 *"
    for tick in cron_ticks(instant, day_before, timezone, ascending=ascending):
        if calendar.isleap(tick.year):
            yield tick + _DAY


def _on_the_mark(text: str, moment: datetime) -> bool:
    """Dagster's short cut for a start that is a tick already (_is_simple_cron)."""
    if text not in {"0 0 * * *", "0 * * * *"}:
        return False
    fine = moment.minute == moment.second == moment.microsecond == 0
    return fine and (text == "0 * * * *" or moment.hour == 0)


# -- Strings with arithmetic of their own ------------------------------------------------------


@lru_cache(maxsize=512)
def _step(expression: CronExpression, timezone: str) -> Step | None:
    """The arithmetic of a simple string; None: there is none, it is left to croniter."""
    minute, hour, dom = expression.minute, expression.hour, expression.day_of_month
    month, dow = expression.month, expression.day_of_week
    if dow.nth or not month.full or minute.full or dom.last_day:
        return None
    any_day = dom.text in {"*", "?"} or (dom.full and "*" in dow.text)
    any_weekday = dow.text in {"*", "?"} or (dow.full and "*" in dom.text)
    if hour.full:
        return _hourly(minute.values, timezone) if any_day and any_weekday else None
    if len(minute.values) != 1 or len(hour.values) != 1:
        return None
    at = hour.values[0], minute.values[0]
    if any_weekday and len(dom.values) == 1 and dom.values[0] <= _SUREST_DAY:
        return _monthly(*at, dom.values[0])
    if not any_day:
        return None
    if any_weekday:
        return _daily(*at, ())
    return _weekly(*at, dow.values[0]) if len(dow.values) == 1 else _daily(*at, dow.values)


def _hourly(minutes: tuple[int, ...], timezone: str) -> Step:
    """Minutes of each hour: absolute time, so that clock changes shift nothing."""

    def step(moment: datetime, ascending: bool, on_tick: bool) -> datetime:  # noqa: FBT001
        instant = to_micros(moment)
        fits = moment.minute == minutes[0] and moment.second == moment.microsecond == 0
        if len(minutes) == 1 and (on_tick or fits):
            return to_civil(instant + HOUR if ascending else instant - HOUR, timezone)
        start = -(-instant // MINUTE) * MINUTE if ascending else instant // MINUTE * MINUTE
        now = (start + _minute_shift(timezone, moment.year)) // MINUTE % 60
        found = []
        for minute in minutes:
            away = (minute - now) % 60 if ascending else -((now - minute) % 60)
            tick = start + away * MINUTE
            if ascending and tick <= instant:
                tick += HOUR
            if not ascending and tick >= instant:
                tick -= HOUR
            found.append(tick)
        return to_civil(min(found) if ascending else max(found), timezone)

    return step


@lru_cache(maxsize=256)
def _minute_shift(timezone: str, year: int) -> int:
    """By how much minutes of the hour differ from UTC's, in microseconds.

    Dagster asks for the offset of the day on which it runs and counts minutes in UTC when that is
    whole hours (has_nonzero_minute_offset). Only Lord Howe, whose clocks move by half an hour, has
    two answers: ours is that of 1 January.
    """
    january = to_civil(0, timezone).replace(
        year=year, month=1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    offset = january.utcoffset()
    assert offset is not None
    return round(offset.total_seconds()) * 1_000_000 % HOUR


def _daily(hour: int, minute: int, weekdays: tuple[int, ...]) -> Step:
    """One time of day, on every day or on some weekdays."""

    def step(moment: datetime, ascending: bool, on_tick: bool) -> datetime:  # noqa: FBT001
        while True:
            if on_tick and _reads(moment, hour, minute):
                tick = moment
            else:
                tick = _at(moment, hour, minute, moment.day)
            if on_tick or _must_move(tick, moment, ascending=ascending):
                tick = tick + _DAY if ascending else tick - _DAY
            if (tick.hour, tick.minute) != (hour, minute):
                tick = _at(tick, hour, minute, tick.day)
            moment, on_tick = _settled(tick), True
            if not weekdays or moment.isoweekday() % 7 in weekdays:
                return moment

    return step


def _weekly(hour: int, minute: int, weekday: int) -> Step:
    """One time of day on one weekday."""

    def step(moment: datetime, ascending: bool, on_tick: bool) -> datetime:  # noqa: FBT001
        tick = moment
        if not on_tick:
            tick = _at(moment, hour, minute, moment.day)
            ahead = weekday - tick.isoweekday() % 7
            if ahead:
                tick += timedelta(days=ahead % 7 if ascending else -(-ahead % 7))
        if on_tick or _must_move(tick, moment, ascending=ascending):
            tick = tick + 7 * _DAY if ascending else tick - 7 * _DAY
        if (tick.hour, tick.minute) != (hour, minute):
            tick = _at(tick, hour, minute, tick.day)
        return _settled(tick)

    return step


def _monthly(hour: int, minute: int, day: int) -> Step:
    """One time of day on one day of each month."""

    def step(moment: datetime, ascending: bool, on_tick: bool) -> datetime:  # noqa: FBT001
        tick = moment if on_tick else _at(moment, hour, minute, day)
        if on_tick or _must_move(tick, moment, ascending=ascending):
            months = tick.year * 12 + tick.month - 1 + (1 if ascending else -1)
            tick = tick.replace(year=months // 12, month=months % 12 + 1, fold=0)
        if (tick.hour, tick.minute) != (hour, minute):
            tick = _at(tick, hour, minute, day)
        return _settled(tick)

    return step


def _reads(moment: datetime, hour: int, minute: int) -> bool:
    """Whether a clock shows this time of day, to the microsecond."""
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (hour, minute, 0, 0)


def _at(moment: datetime, hour: int, minute: int, day: int) -> datetime:
    return _settled(moment.replace(day=day, hour=hour, minute=minute, second=0, microsecond=0))


def _must_move(tick: datetime, moment: datetime, *, ascending: bool) -> bool:
    """Whether a tick is not yet beyond the moment it is looked for from."""
    if ascending:
        return to_micros(tick) <= to_micros(moment)
    return to_micros(tick) >= to_micros(moment)


# -- Clock changes -----------------------------------------------------------------------------


def _settled(moment: datetime) -> datetime:
    """Where a local time falls: the end of a gap, the second of two (apply_fold_and_...)."""
    moment = _after_gap(moment)
    if moment.fold == 0 and moment.hour in _CHANGE_HOURS and _ambiguous(moment):
        return moment.replace(fold=1)
    return moment


def _after_gap(moment: datetime) -> datetime:
    """The end of the gap for a local time that does not exist between 1:00 and 4:00."""
    if moment.hour not in _CHANGE_HOURS or _exists(moment):
        return moment
    assert moment.tzinfo is not None
    gap = moment.tzinfo.dst(moment + _HOUR)
    assert gap is not None
    return moment.replace(minute=0, second=0, microsecond=0) + gap


def _exists(moment: datetime) -> bool:
    there_and_back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return there_and_back.replace(tzinfo=None) == moment.replace(tzinfo=None)


def _ambiguous(moment: datetime) -> bool:
    """Whether both folds differ; that holds inside a gap too."""
    first, second = moment.replace(fold=0), moment.replace(fold=1)
    return first.utcoffset() != second.utcoffset() or first.dst() != second.dst()


# -- Everything else ---------------------------------------------------------------------------


def _by_croniter(
    expression: CronExpression, start: datetime, *, ascending: bool
) -> Iterator[datetime]:
    """Naive local times, each where it falls; strictly beyond the start."""
    ahead = expression.next_after if ascending else expression.previous_before
    # croniter sees wall time: an hour more is looked at, so as to see both of a repeated hour
    naive: datetime | None = start.replace(tzinfo=None, fold=0)
    assert naive is not None
    naive = ahead(naive - _HOUR if ascending else naive + _HOUR)
    last = to_micros(start)
    while naive is not None:
        moment = naive.replace(tzinfo=start.tzinfo)
        if not _exists(moment):
            candidates = [] if expression.hour.full else [_after_gap(moment)]
        elif not _ambiguous(moment):
            candidates = [moment]
        elif not expression.hour.full:
            candidates = [moment.replace(fold=1)]
        else:
            candidates, naive = _whole_fold(expression, moment, ascending=ascending)
        for tick in candidates if ascending else reversed(candidates):
            instant = to_micros(tick)
            if instant > last if ascending else instant < last:
                last = instant
                yield tick
        naive = ahead(naive)


def _whole_fold(
    expression: CronExpression, moment: datetime, *, ascending: bool
) -> tuple[list[datetime], datetime]:
    """Both turns of every tick of a repeated hour in order, and the last naive time looked at."""
    first, second = moment.replace(fold=0), moment.replace(fold=1)
    found, naive = [second, first], moment.replace(tzinfo=None)
    early, late = first, second
    while True:
        if ascending:
            if to_micros(early) >= to_micros(second):
                break
            following = expression.next_after(naive)
        else:
            if to_micros(late) <= to_micros(first):
                break
            following = expression.previous_before(naive)
        if following is None:
            break
        naive = following
        early = naive.replace(tzinfo=moment.tzinfo, fold=0)
        late = early.replace(fold=1)
        found += [early, late]
    return sorted(found, key=to_micros), naive


__all__ = ["cron_ticks", "parsed", "schedule_ticks"]
