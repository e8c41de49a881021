"""When a timer elapses next, and when the machine really wakes up for it.

Source: systemd 252, src/core/timer.c and sd-event's `sleep_between`. Within the accuracy the
machine picks the moment at which it wakes up for other timers, too: always the same second of a
minute on one host, drawn here by the host's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import MILLISECOND, MINUTE, SECOND

if TYPE_CHECKING:
    from sim.kernel.streams import Streams
    from sim.orchestrators.systemd.units import Timer

_GRIDS = (MINUTE, 10 * SECOND, SECOND, 250 * MILLISECOND)


def next_calendar(timer: Timer, after: int) -> int | None:
    """The first elapse of any of its calendar events after an instant; None: there is none."""
    found = (next(event.elapses(after), None) for event in timer.calendar)
    return min((at for at in found if at is not None), default=None)


def wakes(timer: Timer, elapse: int, streams: Streams, host: str) -> int:
    """When the machine wakes up for an elapse: its random delay first, then the accuracy."""
    at = elapse
    if timer.randomized_delay_us:
        key = (host, timer.name) if timer.fixed_random_delay else (host, timer.name, elapse)
        at += round(streams.between(0, timer.randomized_delay_us, "randomized_delay", *key))
    return _together(at, at + timer.accuracy_us, streams.bits("perturb", host) % MINUTE)


def _together(start: int, end: int, perturb: int) -> int:
    """The instant within [start, end] at which machines wake up: on the coarsest grid that fits."""
    if end <= start:
        return start
    for grid in _GRIDS:
        at = end // grid * grid + perturb % grid
        if at >= end:
            at -= grid
        if at >= start:
            return at
    return end
