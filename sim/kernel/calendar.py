"""Civil time: the one place where instants meet time zones and the words people write.

An instant is an `int`: microseconds since 1970-01-01T00:00:00Z. A span is an `int` of
microseconds. Nothing here reads a clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROSECOND = 1
MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d)")
_UNITS = {"us": 1, "ms": MILLISECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The time zone called `name` (IANA). Raises `ValueError` for one that does not exist."""
    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        message = f"unknown time zone {name!r}"
        raise ValueError(message) from error


def parse_instant(text: str, tz: str = "UTC") -> int:
    """The instant written as ISO 8601; text without an offset is civil time in `tz`.

    Raises `ValueError` when `text` is no date or time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return from_civil(moment, tz)
    return to_micros(moment)


def to_micros(moment: datetime) -> int:
    """The instant of an aware `moment`."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


def to_civil(instant: int, tz: str = "UTC") -> datetime:
    """The aware civil time of `instant` in `tz`."""
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment if tz == "UTC" else moment.astimezone(zone(tz))


def from_civil(moment: datetime, tz: str = "UTC") -> int:
    """The instant of a naive civil time in `tz`; `moment.fold` picks one of a repeated hour.

    A time inside a spring gap counts with the offset before the gap, as PEP 495 defines it.
    """
    return to_micros(moment.replace(tzinfo=zone(tz)))


def date_of(instant: int, tz: str = "UTC") -> date:
    """The civil date of `instant` in `tz`."""
    return to_civil(instant, tz).date()


def start_of_day(day: date, tz: str = "UTC") -> int:
    """The instant at which the civil date `day` begins in `tz`."""
    return from_civil(datetime(day.year, day.month, day.day), tz)  # noqa: DTZ001 - zone follows


def at_time_of_day(day: date, offset_us: int, tz: str = "UTC") -> int:
    """The instant of wall-clock time `offset_us` after midnight on `day` in `tz`."""
    wall = datetime(day.year, day.month, day.day) + timedelta(microseconds=offset_us)  # noqa: DTZ001
    return from_civil(wall, tz)


def parse_time_of_day(text: str) -> int:
    """`"07:00"` or `"07:00:30"` as microseconds after midnight. Raises `ValueError`."""
    parts = text.removesuffix("Z").split(":")
    if len(parts) not in {2, 3} or not all(part.isdigit() for part in parts):
        message = f"{text!r} is no time of day such as 07:00"
        raise ValueError(message)
    hours, minutes, seconds = (*map(int, parts), 0)[:3]
    offset = hours * HOUR + minutes * MINUTE + seconds * SECOND
    if offset >= DAY or minutes * MINUTE >= HOUR or seconds * SECOND >= MINUTE:
        message = f"{text!r} is no time of day such as 07:00"
        raise ValueError(message)
    return offset


def parse_span(text: str | float) -> int:
    """`"45m"`, `"1h30m"`, `"20s"` or a bare number of seconds, as microseconds.

    Raises `ValueError`.
    """
    if isinstance(text, int | float):
        return round(text * SECOND)
    compact = text.replace(" ", "")
    parts = _SPAN.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        message = f"{text!r} is no span of time such as 45m, 1h30m or 20s"
        raise ValueError(message)
    return sum(round(float(number) * _UNITS[unit]) for number, unit in parts)


def format_instant(instant: int, tz: str = "UTC") -> str:
    """ISO 8601 with an offset (`Z` for UTC); microseconds only when there are any."""
    if tz == "UTC":
        return (_NAIVE_EPOCH + timedelta(microseconds=instant)).isoformat() + "Z"
    text = to_civil(instant, tz).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def format_span(span_us: int) -> str:
    """A span as people write it: `45m`, `1h 30m`, `20s`, `0s`."""
    sign, rest = ("-", -span_us) if span_us < 0 else ("", span_us)
    parts = []
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", MILLISECOND)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + (" ".join(parts[:2]) if parts else "0s")
