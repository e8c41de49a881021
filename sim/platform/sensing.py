"""Sensor pokes: asking a system whether it is ready, without reading the data.

Semantics of waiting (poke, reschedule, timeouts) belong to the orchestrators; a poke here takes
`POKE_US` and answers ready or not, as the world is at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from sim.kernel.calendar import SECOND, parse_span, start_of_day
from sim.model.facts import Fact
from sim.model.work import SUCCESS, Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.kernel.loop import Call, Kernel
    from sim.model.work import Attempt, Running, Workshop
    from sim.world.outages import Outages
    from sim.world.sources import ResolvedSource

POKE_US = 1 * SECOND
"""What one poke takes; a query on a catalogue, not a fact of any orchestrator."""


class Condition(Protocol):
    """What a sensor waits for."""

    system: str
    max_lag: str
    min_rows: int


@dataclass(frozen=True, slots=True)
class SensingWorkshop:
    """A workshop that answers sensors itself and hands every other try on."""

    kernel: Kernel
    outages: Outages
    sources: Mapping[str, ResolvedSource]
    sensors: Mapping[tuple[str, str], Condition]
    """By (pipeline, task)."""
    tasks: Workshop
    timezone: str = "UTC"
    """In which days begin."""

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Running:
        """Start a try; a sensor's ends with SUCCESS or NOT_READY, or FAILED if nobody answers."""
        condition = self.sensors.get((attempt.pipeline, attempt.task))
        if condition is None:
            return self.tasks.begin(attempt, on_end)
        meets = self.outages.mode_at(condition.system, self.kernel.now)
        span_us = meets.timeout_us if meets.mode == "timeout" else POKE_US
        return _Poke(self.kernel.after(span_us, self._poke, attempt, condition, on_end))

    def _poke(
        self, attempt: Attempt, condition: Condition, on_end: Callable[[Outcome], None]
    ) -> None:
        day = date.fromisoformat(str(attempt.macros()["fecha"]))
        into_day = self.kernel.now - start_of_day(day, self.timezone)
        true_rows = sum(
            self._arrived(name, source, day, into_day)
            for name, source in self.sources.items()
            if source.system == condition.system
        )
        now = self.outages.probe(condition.system, self.kernel.now, true_rows=true_rows)
        ready = now.lag_us <= parse_span(condition.max_lag) and now.rows >= condition.min_rows
        row = self.kernel.fact(
            Fact.PROBE,
            attempt.task_instance,
            int(ready),
            attempt.cause,
            system=condition.system,
            lag=now.lag_us,
            rows=now.rows,
        )
        mode = self.outages.mode_at(condition.system, self.kernel.now).mode
        if mode in {"refuse", "timeout", "rate_limited"}:
            # a client that is not let in raises: that is not the answer "not ready"
            on_end(Outcome(Result.FAILED, f"source_{mode}", row))
            return
        on_end(SUCCESS if ready else Outcome(Result.NOT_READY, "not_ready", row))

    def _arrived(self, name: str, source: ResolvedSource, day: date, into_day: int) -> int:
        arrived = source.arrived(self.kernel.streams, day, into_day)
        late = self.outages.late_rows(name, day, self.kernel.now)
        return arrived if late is None else min(arrived, late)


@dataclass(frozen=True, slots=True)
class _Poke:
    call: Call

    def kill(self, reason: str) -> None:  # noqa: ARG002 - a poke has nothing to leave behind
        """Forget the poke."""
        self.call.cancel()
