"""Prefect's own rules without a server: schedules, delays, caches, limits, queues."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.calendar import HOUR, SECOND, format_instant, parse_instant
from sim.kernel.cron_expression import CronSyntaxError
from sim.orchestrators.prefect.caching import CachePolicy, CacheSettings, Call, ResultStore
from sim.orchestrators.prefect.clamped_poisson import bounds, clamped_poisson
from sim.orchestrators.prefect.concurrency import ConcurrencyLimit, give, take
from sim.orchestrators.prefect.retry_delays import RetryDelays, exponential_backoff
from sim.orchestrators.prefect.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from sim.orchestrators.prefect.work_queues import priorities

MADRID = "Europe/Madrid"
CALL = Call({"x": 1}, "source", {}, "run")


def hours(schedule: CronSchedule, start: str, count: int) -> list[str]:
    """The first dates of a schedule, times of day in UTC."""
    return [format_instant(at)[11:16] for at in islice(schedule.dates(parse_instant(start)), count)]


def test_a_time_that_does_not_exist_comes_an_hour_early() -> None:
    """02:30 of 31 March in Madrid is taken as 01:30, before the clock has changed."""
    schedule = CronSchedule("30 2 * * *", MADRID)

    assert ["01:30", "00:30", "00:30"] == hours(schedule, "2024-03-30T00:00Z", 3)


def test_an_hour_that_comes_twice_is_planned_once() -> None:
    """At half past each hour, the second 02:30 of 27 October is left out."""
    schedule = CronSchedule("30 * * * *", MADRID)

    assert ["23:30", "00:30", "02:30", "03:30"] == hours(schedule, "2024-10-26T23:00Z", 4)


@pytest.mark.parametrize("cron", ["H * * * *", "R * * * *", "61 * * * *", "* * * *"])
def test_what_the_server_refuses_is_no_schedule(cron: str) -> None:
    """Hashed and random fields, and what croniter cannot read."""
    with pytest.raises(CronSyntaxError):
        CronSchedule(cron)


def test_both_day_fields_count_without_day_or() -> None:
    """Friday the 13th, and not every Friday and every 13th."""
    start = parse_instant("2024-09-01T00:00Z")
    both = CronSchedule("0 0 13 * 5", day_or=False)

    assert "2024-09-13T00:00:00Z" == format_instant(next(both.dates(start)))
    assert "2024-09-06T00:00:00Z" == format_instant(next(CronSchedule("0 0 13 * 5").dates(start)))


@given(
    st.sampled_from(
        [
            CronSchedule("*/20 1-3 * * *", MADRID),
            IntervalSchedule(5400 * SECOND, 0, MADRID),
            IntervalSchedule(25 * HOUR, parse_instant("2024-06-01T00:30Z"), MADRID),
            RRuleSchedule("FREQ=HOURLY;INTERVAL=6", MADRID),
        ]
    ),
    st.integers(parse_instant("2024-01-01T00:00Z"), parse_instant("2024-12-31T00:00Z")),
)
def test_dates_strictly_increase_and_none_is_before_the_start(
    schedule: CronSchedule | IntervalSchedule | RRuleSchedule, start: int
) -> None:
    """Whatever the clock does, the same date is never planned twice in one go."""
    dates = list(islice(schedule.dates(start), 12))

    assert start <= dates[0]
    assert all(before < after for before, after in pairwise(dates))


def test_the_first_delay_of_a_backoff_is_its_factor() -> None:
    """Factor, twice, four times; the last delay of a list stays."""
    delays = RetryDelays(5, exponential_backoff(10, 3))

    assert [10, 20, 40, 40, 40] == [
        wait.delay for retry in range(1, 6) if (wait := delays.before(retry, 0.5))
    ]
    assert delays.before(6, 0.5) is None


@given(st.floats(0.01, 3), st.floats(0, 1))
def test_a_jittered_delay_stays_within_its_clamp(factor: float, draw: float) -> None:
    """Never below the lower bound, which is no mirror of the upper one."""
    low, high = bounds(60, factor)

    assert low - 1e-6 <= clamped_poisson(60, factor, draw) <= high + 1e-6


def test_the_default_policy_keeps_nothing_unless_asked_to() -> None:
    """Results are not persisted by default, so there is nothing to hit."""
    store, settings = ResultStore(), CacheSettings()
    key = settings.key(CALL)
    store.keep(settings, key, "value", 0)

    assert store.hit(settings, key, 0) is None
    assert CacheSettings(persist=True).keeps
    assert CacheSettings(CachePolicy(("inputs",)), persist=False).key(CALL) is None


def test_a_record_is_gone_at_the_instant_at_which_it_expires() -> None:
    """Fixed when it is written, and missed at that very instant."""
    store, settings = ResultStore(), CacheSettings(CachePolicy(("inputs",)), expiration=10)
    key = settings.key(CALL)
    store.keep(settings, key, "value", 100)

    assert [True, False] == [store.hit(settings, key, at) is not None for at in (109, 110)]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3), st.booleans()), max_size=30))
def test_a_limit_that_does_not_decay_is_never_passed(
    steps: list[tuple[int, int, bool]],
) -> None:
    """Whoever takes and gives, and whenever."""
    limit, now, held = ConcurrencyLimit("db", 4), 0, 0
    for wait, slots, gives in steps:
        now += wait * SECOND
        if gives and held >= slots:
            give([limit], slots, 1.0, now)
            held -= slots
        elif take([limit], slots, now) is None:
            held += slots

        assert held == limit.active_slots <= limit.limit


def test_queues_of_one_wish_move_on_to_the_first_gap() -> None:
    """A new queue 2 pushes 2 to 3 and 3 to 4, and leaves 6 where it is."""
    asked = [("a", 2), ("b", 3), ("c", 6), ("d", 2), ("e", None)]

    assert {"default": 1, "a": 3, "b": 4, "c": 6, "d": 2, "e": 5} == priorities(asked)
