"""When a message is seen: by day, by night, by a tired person, by nobody."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.kernel.calendar import DAY, HOUR, MINUTE, parse_instant
from sim.kernel.streams import Streams
from sim.world.config import Person
from sim.world.people import ResolvedPerson

NOON = parse_instant("2024-03-14T12:00Z")
THREE = parse_instant("2024-03-14T03:00Z")


def on_call(*, timezone: str = "UTC", **changes: Any) -> ResolvedPerson:
    """An engineer on call who sleeps from 22:00 to 07:00."""
    section: dict[str, Any] = {
        "acknowledges": {
            "pager": {"day": "6m", "night": "14m"},
            "chat": {"day": "55m", "night_until": "08:30"},
        },
        "night": {"from": "22:00", "to": "07:00"},
        "fatigue": {"false_pages": 2, "within": "7d", "factor": 2},
    }
    return ResolvedPerson.of("on_call", msgspec.convert(section | changes, Person), timezone)


def after(person: ResolvedPerson, channel: Any, instant: int, **changes: Any) -> int | None:
    """How long until this person sees a message."""
    usual: dict[str, Any] = {"false_pages": (), "streams": Streams(1), "key": 1}
    return person.acknowledges_after(channel, instant, **usual | changes)


def test_a_page_takes_longer_by_night() -> None:
    """Each has its own median."""
    person = on_call()

    assert (after(person, "pager", NOON), after(person, "pager", THREE)) == (
        6 * MINUTE,
        14 * MINUTE,
    )


def test_chat_waits_for_the_morning() -> None:
    """Nobody reads chat by night: before `night_until` of the next morning."""
    person = on_call()
    late = parse_instant("2024-03-14T23:00Z")

    assert after(person, "chat", THREE) == 5 * HOUR + 30 * MINUTE
    assert after(person, "chat", late) == 9 * HOUR + 30 * MINUTE
    assert after(person, "chat", NOON) == 55 * MINUTE


def test_a_channel_that_is_not_there_is_never_looked_at() -> None:
    """No habit, no acknowledgement."""
    assert after(on_call(), "mail", NOON) is None


def test_false_pages_tire() -> None:
    """After enough false pages within the span everything takes longer; older ones do not count."""
    person = on_call()
    recent, old = (NOON - HOUR, NOON - DAY), (NOON - HOUR, NOON - 8 * DAY)

    assert after(person, "pager", NOON, false_pages=recent) == 12 * MINUTE
    assert after(person, "pager", NOON, false_pages=old) == 6 * MINUTE


def test_a_draw_belongs_to_its_incident() -> None:
    """With a spread, the same incident always takes as long; another one differs."""
    person = on_call(acknowledges={"pager": {"day": "6m", "night": "14m", "sigma": 0.4}})
    first, again, other = (after(person, "pager", NOON, key=key) for key in (1, 1, 2))

    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("night", "at", "dark"),
    [
        (("22:00", "07:00"), "2024-03-14T22:00Z", True),
        (("22:00", "07:00"), "2024-03-14T07:00Z", False),
        (("00:00", "06:00"), "2024-03-14T05:59Z", True),
        (("00:00", "06:00"), "2024-03-14T23:00Z", False),
    ],
)
def test_night_may_cross_midnight(night: tuple[str, str], at: str, *, dark: bool) -> None:
    """Its start belongs to it, its end does not."""
    person = on_call(night={"from": night[0], "to": night[1]})

    assert person.is_night(parse_instant(at)) is dark


def test_night_is_where_the_person_is() -> None:
    """21:30 UTC is 22:30 in Madrid in winter."""
    at = parse_instant("2024-02-14T21:30Z")

    assert [False, True] == [
        on_call(timezone=zone).is_night(at) for zone in ("UTC", "Europe/Madrid")
    ]
