"""Cron expressions: fields in two dialects, the day rule, next and previous."""

# ruff: noqa: DTZ001 - expressions know naive local time only

from __future__ import annotations

from datetime import datetime

import pytest
from croniter import croniter
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.cron_expression import CronSyntaxError, Dialect, parse_cron

MOMENT = datetime(2024, 3, 14, 3, 0)


def element(low: int, high: int) -> st.SearchStrategy[str]:
    """One number, a range, a star, each perhaps with a step."""
    number = st.integers(low, high)
    spans = st.tuples(number, number).filter(lambda pair: pair[0] < pair[1])
    ranges = st.builds("{0[0]}-{0[1]}".format, spans)
    stepped = st.builds("{}/{}".format, st.one_of(ranges, st.just("*")), st.integers(1, 9))
    return st.one_of(st.just("*"), number.map(str), ranges, stepped)


def listed(low: int, high: int) -> st.SearchStrategy[str]:
    """A field: one element or a list without a bare star."""
    several = st.lists(element(low, high).filter(lambda text: text != "*"), min_size=1, max_size=3)
    return st.one_of(st.just("*"), several.map(",".join))


EXPRESSIONS = st.builds(
    "{} {} {} {} {}".format,
    listed(0, 59),
    listed(0, 23),
    listed(1, 28),
    listed(1, 12),
    listed(0, 6),
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))


@given(EXPRESSIONS, MOMENTS)
def test_next_and_previous_are_croniters(text: str, moment: datetime) -> None:
    """The croniter dialect answers what croniter itself answers, for whole days of minutes."""
    moment = moment.replace(microsecond=0)
    expression = parse_cron(text, dialect="croniter")

    assert croniter(text, moment).get_next(datetime) == expression.next_after(moment)
    assert croniter(text, moment).get_prev(datetime) == expression.previous_before(moment)


@given(EXPRESSIONS, MOMENTS)
def test_next_is_cronsims_in_the_vixie_dialect(text: str, moment: datetime) -> None:
    """The vixie dialect agrees with cronsim, which imitates Debian's first-character rule."""
    moment = moment.replace(microsecond=0)
    expression = parse_cron(text, dialect="vixie")

    assert next(CronSim(text, moment)) == expression.next_after(moment)


@given(EXPRESSIONS, MOMENTS)
def test_a_next_matches_and_nothing_lies_between(text: str, moment: datetime) -> None:
    """`matches` holds for the next minute, and previous comes back from beyond it."""
    expression = parse_cron(text, dialect="vixie")
    following = expression.next_after(moment)

    assert following is not None
    assert expression.matches(following)
    assert expression.previous_before(following.replace(second=1)) == following


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("30 2 1-31/2 * sun", "vixie", datetime(2024, 3, 15, 2, 30)),  # odd days or Sundays
        ("30 2 */2 * sun", "vixie", datetime(2024, 3, 17, 2, 30)),  # odd days and Sundays
        ("30 2 */2 * sun", "croniter", datetime(2024, 3, 15, 2, 30)),
        ("0 0 * * 7", "vixie", datetime(2024, 3, 17)),
        ("0 0 * * 5-7", "vixie", datetime(2024, 3, 15)),
        ("*/70 * * * *", "vixie", datetime(2024, 3, 14, 4, 0)),
        ("0 0 29 2 *", "vixie", datetime(2028, 2, 29)),
        ("@weekly", "vixie", datetime(2024, 3, 17)),
        ("0 22-2 * * *", "croniter", datetime(2024, 3, 14, 22)),
        ("10/20 * * * *", "croniter", datetime(2024, 3, 14, 3, 10)),
        ("0 0 L * *", "croniter", datetime(2024, 3, 31)),
        ("0 0 * * 5#3", "croniter", datetime(2024, 3, 15)),
        ("0 0 * * L5", "croniter", datetime(2024, 3, 29)),
        ("0 0 ? * 1", "croniter", datetime(2024, 3, 18)),
    ],
)
def test_what_a_text_means(text: str, dialect: Dialect, expected: datetime) -> None:
    """Dialects differ in the day rule and in what may be written."""
    assert expected == parse_cron(text, dialect=dialect).next_after(MOMENT)


@pytest.mark.parametrize(
    ("text", "dialect", "position", "message"),
    [
        ("60 * * * *", "vixie", 0, "60 is out of range for the minute"),
        ("0 1,2,24 * * *", "vixie", 6, "24 is out of range for the hour"),
        ("0 5-1 * * *", "vixie", 2, '"5-1" runs backwards'),
        ("0 5/2 * * *", "vixie", 2, '"5/2" has a step but no range'),
        ("0 */0 * * *", "vixie", 4, '"0" is no step'),
        ("0 0 L * *", "vixie", 4, '"L" is no day of month'),
        ("0 0 * * mond", "vixie", 8, '"mond" is no day of week'),
        ("0 0 * jan-foo *", "vixie", 10, '"foo" is no month'),
        ("0 0 * * 5#3", "vixie", 8, '"5#3" is no day of week'),
        ("0 0 * * 5#6", "croniter", 8, '"5#6": there is no 6th weekday in a month'),
        ("0 0 15 * 1#2", "croniter", 4, "a numbered weekday and a day of month exclude each other"),
        ("* * *", "vixie", 0, "a schedule has five fields, not 3"),
        ("@dayly", "vixie", 0, '"@dayly" is no schedule'),
        ("@Daily", "vixie", 0, '"@Daily" is no schedule'),
    ],
)
def test_a_refused_text_says_what_and_where(
    text: str, dialect: Dialect, position: int, message: str
) -> None:
    """Position points at the element that is wrong, and there is always a hint."""
    with pytest.raises(CronSyntaxError) as raised:
        parse_cron(text, dialect=dialect)

    assert (position, message) == (raised.value.position, str(raised.value))
    assert raised.value.hint


def test_a_day_that_never_comes() -> None:
    """30 February fires never, 29 February and a Monday does."""
    assert not parse_cron("0 0 30 2 *", dialect="vixie").possible
    assert parse_cron("0 0 */29 2 1", dialect="vixie").possible


def test_wildcard_is_about_the_first_character() -> None:
    """Vixie's wildcard jobs are those whose minute or hour starts with a star."""
    texts = ["0-59 * * * *", "*/30 2 * * *", "@hourly", "0 0-23 * * *", "30 0-23/1 * * *", "@daily"]

    assert [True, True, True, False, False, False] == [
        parse_cron(text, dialect="vixie").wildcard for text in texts
    ]
