"""One event trigger: its buckets of counted events, and when it fires.

Source: Prefect 3.8.8, server/events/triggers.py `evaluate`, `reactive_evaluation`,
`proactive_evaluation`. A bucket is a window of time for one value of `for_each`; it
fires at most once in a window. Pure but for its buckets; instants are the caller's. Kept as it is:
a proactive trigger without `for_each` begins to count by itself, even where it names `after`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.kernel.calendar import MINUTE
from sim.orchestrators.prefect.events import includes, matches
from sim.orchestrators.prefect.settings import micros

if TYPE_CHECKING:
    from sim.orchestrators.prefect.automations_config import EventTrigger
    from sim.orchestrators.prefect.events import Event

LOOKBACK = 15 * MINUTE
"""How long before its first event a bucket begins (ordering `PRECEDING_EVENT_LOOKBACK`)."""
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Firing:
    """A trigger fired."""

    at: int
    labels: tuple[tuple[str, str], ...] = ()
    """The labels of `for_each` and their values."""
    event: Event | None = None
    """The event that did it, or the last one before; None: there was none."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A window and what was counted in it."""

    start: int
    end: int
    count: int
    last: Event | None = None


class EventTriggerState:
    """A trigger at work."""

    def __init__(self, trigger: EventTrigger, *, sweep_every: int, sweep_after: int) -> None:
        """Buckets that ended `sweep_after` ago are forgotten at multiples of `sweep_every`."""
        self.trigger = trigger
        self.within = micros(trigger.window)
        self.proactive = trigger.posture == "Proactive"
        self.buckets: dict[Key, Bucket] = {}
        self._sweep_every, self._sweep_after = sweep_every, sweep_after
        self.started = 0
        """Since when the server has swept: the multiples are counted from there."""

    def saw(self, event: Event) -> list[Firing]:
        """An event came: how often it makes the trigger fire, once at most."""
        if not self._covers(event):
            return []
        starts, expects = self._starts_after(event), self._expects(event)
        key = tuple(event.label(label) for label in sorted(self.trigger.for_each))
        self._sweep(event.occurred)
        at = event.occurred
        if starts:
            # the event that starts a window does not count in it
            self._ensure(key, Bucket(at, at + self.within, -1 if expects else 0, event))
        elif not self.trigger.after and expects:
            self._ensure(key, Bucket(at - LOOKBACK, at + self.within, 0, event))
        if not expects or key not in self.buckets:
            return []
        fired: list[Firing] = []
        self._evaluate(key, at, event, fired)
        return fired

    def look(self, now: int) -> tuple[list[Firing], int]:
        """The proactive look at all windows, and when the next one is due at the latest."""
        self._sweep(now)
        if not self.trigger.for_each and () not in self.buckets:
            self.buckets[()] = Bucket(now, now + self.within, 0)
        enough = [key for key, one in self.buckets.items() if one.count >= self.trigger.threshold]
        for key in enough:
            del self.buckets[key]
        again = now + self.within
        fired: list[Firing] = []
        for key, _ in sorted(self.buckets.items(), key=lambda item: item[1].start):
            bucket = self._evaluate(key, now, None, fired)
            if bucket is not None and now < bucket.end < again:
                again = bucket.end
        return fired, again

    def _evaluate(
        self, key: Key, now: int, event: Event | None, fired: list[Firing]
    ) -> Bucket | None:
        bucket, count = self.buckets[key], int(event is not None)
        if now < bucket.start:
            return bucket
        immediate = not self.proactive and self.within == 0
        if count and (immediate or now < bucket.end):
            bucket = self.buckets[key] = replace(bucket, count=bucket.count + 1, last=event)
            count = 0
        meets = self._meets(bucket.count)
        if meets and (not self.proactive or bucket.end <= now):
            labels = zip(sorted(self.trigger.for_each), key, strict=True)
            fired.append(Firing(now, tuple(labels), event or bucket.last))
            del self.buckets[key]
        elif now < bucket.end:
            restarts = event is not None and self._starts_after(event) and self._expects(event)
            if event is not None and restarts and self.proactive and not meets:
                bucket = Bucket(event.occurred, event.occurred + self.within, 0, event)
                self.buckets[key] = bucket
            return bucket
        return self._next_window(key, bucket, now, event if count else None, fired)

    def _next_window(
        self, key: Key, bucket: Bucket, now: int, event: Event | None, fired: list[Firing]
    ) -> Bucket | None:
        """The window after one that is over or has fired; `event` counts in it."""
        if self.within == 0 and not self.trigger.after:
            return None  # what was counted stays, until it is swept
        self.buckets.pop(key, None)
        if self.trigger.after:
            return None
        start = max(bucket.end, now)
        if event is not None and not self.proactive:
            self.buckets[key] = Bucket(start, start + self.within, 0)
            return self._evaluate(key, now, event, fired)
        made = self.buckets[key] = Bucket(start, start + self.within, int(event is not None))
        return made

    def _ensure(self, key: Key, bucket: Bucket) -> None:
        """Begin a window unless there is one, which then only remembers the event."""
        known = self.buckets.get(key)
        self.buckets[key] = bucket if known is None else replace(known, last=bucket.last)

    def _sweep(self, now: int) -> None:
        """Forget windows that were over for long enough when the server last swept."""
        swept = now - (now - self.started) % self._sweep_every - self._sweep_after
        for key in [key for key, one in self.buckets.items() if one.end <= swept]:
            del self.buckets[key]

    def _meets(self, count: int) -> bool:
        return (count >= self.trigger.threshold) != self.proactive

    def _covers(self, event: Event) -> bool:
        trigger = self.trigger
        names = [*trigger.expect, *trigger.after] if trigger.expect else ["*"]
        if not any(matches(name, event.event) for name in names):
            return False
        related = includes(trigger.match_related, event.related)
        return related and includes(trigger.match, [event.resource])

    def _starts_after(self, event: Event) -> bool:
        return any(matches(name, event.event) for name in self.trigger.after)

    def _expects(self, event: Event) -> bool:
        expect = self.trigger.expect
        return not expect or any(matches(name, event.event) for name in expect)
