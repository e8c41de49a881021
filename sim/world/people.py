"""People: when a message is seen. Pure functions of a person, an instant and keyed draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sim.kernel.calendar import (
    at_time_of_day,
    date_of,
    parse_span,
    parse_time_of_day,
    start_of_day,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.kernel.streams import Streams
    from sim.world.config import Acknowledges, Channel, Escalates, Fatigue, Notices, Person, Reads


@dataclass(frozen=True, slots=True)
class ResolvedPerson:
    """A person, resolved."""

    name: str
    reads: Reads | None
    notices: Notices | None
    escalates: Escalates | None
    acknowledges: Mapping[Channel, Acknowledges]
    night: tuple[int, int]
    """Times of day, microseconds after midnight, at which night begins and ends."""
    fatigue: Fatigue | None
    timezone: str

    @classmethod
    def of(cls, name: str, person: Person, timezone: str) -> ResolvedPerson:
        """From the author's section."""
        return cls(
            name=name,
            reads=person.reads,
            notices=person.notices,
            escalates=person.escalates,
            acknowledges=person.acknowledges,
            night=(parse_time_of_day(person.night.start), parse_time_of_day(person.night.to)),
            fatigue=person.fatigue,
            timezone=timezone,
        )

    def is_night(self, instant: int) -> bool:
        """Whether it is night for this person."""
        offset = instant - start_of_day(date_of(instant, self.timezone), self.timezone)
        begin, end = self.night
        return begin <= offset or offset < end if begin > end else begin <= offset < end

    def acknowledges_after(
        self,
        channel: Channel,
        instant: int,
        *,
        false_pages: Sequence[int],
        streams: Streams,
        key: str,
    ) -> int | None:
        """How long until a message sent now is acknowledged, microseconds; None: never.

        `false_pages` are the instants of earlier pages without an incident: they tire. `key` is the
        name of the incident, by which the draw is made.
        """
        habit = self.acknowledges.get(channel)
        if habit is None:
            return None
        night = self.is_night(instant)
        if night and habit.night is None:
            return self._in_the_morning(habit, instant)
        median_us = parse_span(habit.night if night and habit.night else habit.day)
        drawn = median_us
        if habit.sigma:
            drawn = round(
                streams.lognormal(median_us, habit.sigma, "acknowledge", self.name, channel, key)
            )
        return round(drawn * self._tired(instant, false_pages))

    def _in_the_morning(self, habit: Acknowledges, instant: int) -> int:
        if habit.night_until is None:
            return self._until_night_ends(instant, self.night[1])
        return self._until_night_ends(instant, parse_time_of_day(habit.night_until))

    def _until_night_ends(self, instant: int, offset: int) -> int:
        day = date_of(instant, self.timezone)
        morning = at_time_of_day(day, offset, self.timezone)
        if morning <= instant:
            morning = at_time_of_day(day + timedelta(days=1), offset, self.timezone)
        return morning - instant

    def _tired(self, instant: int, false_pages: Sequence[int]) -> float:
        if self.fatigue is None:
            return 1.0
        since = instant - parse_span(self.fatigue.within)
        recent = sum(since <= page < instant for page in false_pages)
        return self.fatigue.factor if recent >= self.fatigue.false_pages else 1.0
