"""Rates: so many requests in a span, and silence for who asks for more."""

from __future__ import annotations

from sim.platform.rates import Rates
from sim.world.resolved import ResolvedRate


def asked(rates: Rates, *calls: tuple[int, int]) -> list[bool]:
    """Whether each (instant, requests) is answered."""
    return [rates.admits("api", requests, now) for now, requests in calls]


def test_no_span_holds_more_than_the_rate() -> None:
    """A request leaves the span just as long after it came."""
    rates = Rates({"api": ResolvedRate(30, 60, 0)})

    assert [True, True, False, False, True] == asked(
        rates, (0, 10), (10, 20), (20, 1), (59, 1), (60, 10)
    )


def test_who_asks_for_too_much_is_banned_for_a_while() -> None:
    """Nobody is answered meanwhile, and a ban is not made longer by asking."""
    rates = Rates({"api": ResolvedRate(1, 10, 100)})

    assert [True, False, False, False, True] == asked(
        rates, (0, 1), (5, 1), (50, 1), (104, 1), (105, 1)
    )


def test_a_system_without_a_rate_answers_everybody() -> None:
    """No rate, no bound."""
    assert [True, True] == asked(Rates({}), (0, 1_000), (0, 1_000))
