"""Spans of time as systemd writes them: `5min`, `1h 30min`, `90` (seconds), `infinity`.

Source: systemd 252, systemd.time(7).
"""

from __future__ import annotations

import re

from sim.kernel.calendar import DAY, HOUR, MILLISECOND, MINUTE, SECOND

_UNITS = {
    **dict.fromkeys(("usec", "us", "µs"), 1),
    **dict.fromkeys(("msec", "ms"), MILLISECOND),
    **dict.fromkeys(("", "seconds", "second", "sec", "s"), SECOND),
    **dict.fromkeys(("minutes", "minute", "min", "m"), MINUTE),
    **dict.fromkeys(("hours", "hour", "hr", "h"), HOUR),
    **dict.fromkeys(("days", "day", "d"), DAY),
    **dict.fromkeys(("weeks", "week", "w"), 7 * DAY),
}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zµ]*)")


def parse_timespan(text: str) -> int | None:
    """The span in microseconds; None: infinity. Raises `ValueError`."""
    if text.strip() == "infinity":
        return None
    total, at = 0.0, 0
    while at < len(text.rstrip()):
        found = _PART.match(text, at)
        if found is None or found[2] not in _UNITS:
            break
        total += float(found[1]) * _UNITS[found[2]]
        at = found.end()
    if at == 0 or at < len(text.rstrip()):
        message = f"{text!r} is no span of time such as 5min, 1h 30min or 90"
        raise ValueError(message)
    return round(total)
