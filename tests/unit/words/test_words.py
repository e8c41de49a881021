"""Sentences and formats of each language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sim.kernel.calendar import parse_instant
from tui.words import Words
from tui.words.formats import Formats
from tui.words.templates import parse


def formats(lang: str = "en", timezone: str = "UTC") -> Formats:
    """Formats with defaults."""
    return Formats(lang, timezone)


@pytest.mark.parametrize(
    ("lang", "value", "shown"),
    [
        ("en", 15432, "15,432"),
        ("es", 15432, "15.432"),
        ("en", 0.5, "0.5"),
        ("es", "1234.25", "1.234,25"),
        ("en", None, "-"),
        ("en", "many", "many"),
    ],
)
def test_numbers(lang: str, value: object, shown: str) -> None:
    """Thousands are grouped and decimals marked as the language does; text stays text."""
    assert formats(lang).number(value) == shown


@pytest.mark.parametrize(
    ("lang", "value", "shown"),
    [
        ("en", "655860.1", "$655,860.10"),
        ("es", "655860.1", "655.860,10 $"),
        ("en", Decimal(-2), "-$2.00"),
        ("es", 0, "0,00 $"),
    ],
)
def test_money(lang: str, value: object, shown: str) -> None:
    """Dollars with cents; the sign of the currency stands where the language puts it."""
    assert formats(lang).money(value) == shown


def test_times() -> None:
    """Instants are civil time in the zone asked for; seconds only when there are any."""
    instant = parse_instant("2024-03-14T03:45:20Z")

    assert formats().clock(instant) == "03:45:20"
    assert formats(timezone="Europe/Madrid").clock(instant - 20_000_000) == "04:45"
    assert formats("es").day(instant) == "jue 14 mar"
    assert formats().day("2024-03-17") == "Sun 17 Mar"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(19_620, "5 h 27 min"), (20, "20 s"), (0, "0 s"), (-90, "-1 min 30 s"), (90_000, "1 d 1 h")],
)
def test_spans(seconds: int, shown: str) -> None:
    """The two largest units."""
    assert formats().span(seconds * 1_000_000) == shown


def test_shares() -> None:
    """A ratio is shown as a percentage."""
    assert formats().percent(0.015) == "1.5%"
    assert formats("es").percent(0.5) == "50 %"


def test_plural() -> None:
    """One is singular, everything else plural."""
    assert Words("en").say("watch.problems", count=1).startswith("1 problem;")
    assert Words("es").say("watch.problems", count=2).startswith("2 problemas;")


def test_condition() -> None:
    """Text depends on whether a parameter is given, and shows other parameters inside."""
    words = Words("en")
    piece = parse("{late:given late by <late:span>|in time}")[0]

    assert words.fill([piece], {"late": 60_000_000}) == "late by 1 min"
    assert words.fill([piece], {"late": None}) == "in time"


def test_lists() -> None:
    """Items are joined as people say them."""
    assert formats().listed(["a", "b", "c"]) == "a, b and c"
    assert formats("es").listed(["a", "b"]) == "a y b"


def test_unknown_code_hides_nothing() -> None:
    """A code without a sentence is shown with its parameters."""
    assert Words("en").say("no.such", rows=3) == "no.such (rows=3)"


def test_unknown_language_is_english() -> None:
    """A language that there is not falls back to English."""
    assert Words("fr").say("yes") == "yes"
