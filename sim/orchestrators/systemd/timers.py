"""The timers of a machine: each waits for its next elapse and starts its unit, if that is idle.

Source: systemd 252, systemd.timer(5). An elapse that finds its unit active or activating is lost,
and not made up for. The last trigger survives the machine being off only with Persistent=true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sim.model.facts import Entity, Fact
from sim.orchestrators.systemd.elapses import next_calendar, wakes
from sim.orchestrators.systemd.units import Timer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.loop import Call, Kernel
    from sim.orchestrators.systemd.units import Unit


class Starter(Protocol):
    """What a timer asks of its machine."""

    def idle(self, unit: str) -> bool:
        """Whether a unit is neither started nor being started."""

    def elapsed(self, timer: Timer, due: int, row: int) -> None:
        """Start a timer's unit."""


@dataclass(slots=True, eq=False)
class TimerState:
    """One timer."""

    timer: Timer
    last_trigger: int | None = None
    enabled: bool = True
    call: Call | None = None


class Timers:
    """Every timer of a machine."""

    def __init__(
        self, kernel: Kernel, units: Mapping[str, Unit], starter: Starter, *, host: str, end: int
    ) -> None:
        self._kernel = kernel
        self._starter = starter
        self._host = host
        self._end = end
        self.states = [TimerState(unit) for unit in units.values() if isinstance(unit, Timer)]
        self._booted = kernel.now
        self._activated: dict[str, int] = {}
        self._ended: dict[str, int] = {}

    def start(self) -> None:
        """The clock starts, on a machine that has been up: what counts from a boot is long over."""
        for state in self.states:
            # when a unit last ran before the clock started is not known: as if it were just now
            self._activated[state.timer.unit] = self._ended[state.timer.unit] = self._kernel.now
            self._arm(state, self._kernel.now - 1)

    def off(self) -> None:
        """The machine goes off."""
        for state in self.states:
            self._cancel(state)
        self._activated.clear()
        self._ended.clear()

    def on(self, off_since: int) -> None:
        """The machine boots: timers are activated, and those that remember look back."""
        now = self._booted = self._kernel.now
        for state in self.states:
            missed = None
            if state.timer.persistent and state.timer.calendar:
                since = off_since if state.last_trigger is None else state.last_trigger
                missed = next_calendar(state.timer, since)
            if not state.timer.persistent:
                state.last_trigger = None
            if missed is not None and missed <= now and state.enabled:
                self._schedule(state, now, now)
            else:
                self._arm(state, now)

    def unit_started(self, unit: str) -> None:
        """A unit was activated: OnUnitActiveSec= counts from now."""
        self._activated[unit] = self._kernel.now
        self._again(unit, "OnUnitActiveSec")

    def unit_ended(self, unit: str) -> None:
        """A unit was deactivated: OnUnitInactiveSec= counts from now."""
        self._ended[unit] = self._kernel.now
        self._again(unit, "OnUnitInactiveSec")

    def enable(self, unit: str, *, on: bool) -> bool:
        """Start or stop the timers of a unit; whether there are any."""
        found = [state for state in self.states if state.timer.unit == unit]
        for state in found:
            self._cancel(state)
            state.enabled = on
            if on:
                self._arm(state, self._kernel.now)
        return bool(found)

    def _again(self, unit: str, directive: str) -> None:
        for state in self.states:
            counts = any(name == directive for name, _ in state.timer.monotonic)
            if state.timer.unit == unit and counts:
                self._arm(state, self._kernel.now)

    def _arm(self, state: TimerState, after: int) -> None:
        """Wait for the next elapse after an instant."""
        self._cancel(state)
        timer = state.timer
        candidates = [next_calendar(timer, after)] if timer.calendar else []
        bases = {
            "OnBootSec": self._booted,
            "OnStartupSec": self._booted,
            "OnActiveSec": self._booted,
            "OnUnitActiveSec": self._activated.get(timer.unit),
            "OnUnitInactiveSec": self._ended.get(timer.unit)
            if self._starter.idle(timer.unit)
            else None,
        }
        candidates += [
            base + span
            for name, span in timer.monotonic
            if (base := bases[name]) is not None and base + span > after
        ]
        elapse = min((at for at in candidates if at is not None), default=None)
        if elapse is not None and elapse < self._end and state.enabled:
            self._schedule(state, elapse, elapse)

    def _schedule(self, state: TimerState, elapse: int, due: int) -> None:
        at = wakes(state.timer, elapse, self._kernel.streams, self._host)
        state.call = self._kernel.at(max(at, self._kernel.now), self._elapse, state, due)

    def _elapse(self, state: TimerState, due: int) -> None:
        state.call, state.last_trigger = None, self._kernel.now
        timer = state.timer
        entity = self._kernel.journal.entity(Entity.INSTIGATOR, timer.name)
        idle = self._starter.idle(timer.unit)
        detail: dict[str, Any] = {"kind": "TIMER", "scheduled": due, "job": timer.unit}
        if idle:
            row = self._kernel.fact(Fact.TICK, entity, 1, **detail)
            self._starter.elapsed(timer, due, row)
        else:
            self._kernel.fact(Fact.TICK, entity, 0, reason="unit_active", **detail)
        if state.call is None:
            self._arm(state, self._kernel.now)

    @staticmethod
    def _cancel(state: TimerState) -> None:
        if state.call is not None:
            state.call.cancel()
            state.call = None
