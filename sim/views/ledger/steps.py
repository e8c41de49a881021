"""Step functions of time: a value from each instant on until the next one."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class Steps(Generic[T]):
    """Instants in order, each with the value from then on."""

    __slots__ = ("times", "values")

    def __init__(self, first: T) -> None:
        self.times: list[int] = [-(2**62)]
        self.values: list[T] = [first]

    def put(self, at: int, value: T) -> None:
        """The value from `at` on, which is not before the last one."""
        if self.times[-1] == at:
            self.values[-1] = value
            if len(self.values) > 1 and self.values[-2] == value:
                self.times.pop()
                self.values.pop()
        elif self.values[-1] != value:
            self.times.append(at)
            self.values.append(value)

    @property
    def last(self) -> T:
        """The value at the end."""
        return self.values[-1]

    def at(self, instant: int) -> T:
        """The value at an instant."""
        return self.values[bisect_right(self.times, instant) - 1]

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int, T]]:
        """(from, to, value) of every stretch within [start, end)."""
        place = bisect_right(self.times, start) - 1
        while start < end:
            after = self.times[place + 1] if place + 1 < len(self.times) else end
            to = min(after, end)
            yield start, to, self.values[place]
            start, place = to, place + 1

    def free_before(self, end: int, *, empty: T) -> int:
        """Since when the value just before `end` is `empty`; `end` when it is not."""
        place = bisect_right(self.times, end - 1) - 1
        return self.times[place] if self.values[place] == empty else end

    def filled(self, gap: int, *, empty: T) -> Steps[T]:
        """The same without stretches of `empty` that are no longer than `gap`.

        Each takes the value before it: whoever gets what came free does so in the next loop, and
        for all others it never was.
        """
        made: Steps[T] = Steps(self.values[0])
        for place in range(1, len(self.times)):
            last = place + 1 == len(self.times)
            short = not last and self.times[place + 1] - self.times[place] <= gap
            if self.values[place] == empty and short:
                continue
            made.put(self.times[place], self.values[place])
        return made
