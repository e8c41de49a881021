"""Dead-man's switches outside: each expects pings in time, and sends an alert when none came.

What runs nowhere can tell nobody: a host that is off, a daemon that is gone, a line that somebody
took out. A heartbeat stands outside of all of them and knows only its pings. Source: Healthchecks,
hc/api/models.py (timeout, grace, `get_grace_start`, `going_down_after`). Invariant: from one ping
to the next it sends at most one alert.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import date_of, from_civil, parse_span, to_civil
from sim.kernel.cron_expression import CronExpression, parse_cron
from sim.kernel.loop import DECIDE_LAST
from sim.model.facts import Entity, Fact
from sim.model.work import Attempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.loop import Call, Kernel
    from sim.platform.alerts import Alerts
    from sim.platform.config import Heartbeat, TaskWiring

PERIOD = "24h"
"""How long after a ping the next is expected, where nothing else is said (Healthchecks)."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """When a heartbeat expects its next ping."""

    period_us: int
    schedule: CronExpression | None
    timezone: str

    def after(self, ping: int) -> int | None:
        """The instant at which the ping after one at `ping` is expected; None: never."""
        if self.schedule is None:
            return ping + self.period_us
        moment = to_civil(ping, self.timezone).replace(tzinfo=None)
        while (found := self.schedule.next_after(moment)) is not None:
            at = from_civil(found, self.timezone)
            if at > ping:
                return at
            moment = found  # the repeated hour of a clock change: this one was before the ping
        return None


@dataclass(slots=True, eq=False)
class _Monitor:
    """One heartbeat."""

    name: str
    heartbeat: Heartbeat
    expects: Expectation
    grace_us: int
    task: str
    """The task that pings it; its own name when a script does."""
    down: bool = False
    call: Call | None = None


class Heartbeats:
    """The heartbeats of one simulation."""

    def __init__(
        self,
        kernel: Kernel,
        alerts: Alerts,
        heartbeats: Mapping[str, Heartbeat],
        *,
        tasks: Mapping[str, TaskWiring],
        timezone: str,
    ) -> None:
        self._kernel = kernel
        self._alerts = alerts
        self._timezone = timezone
        self._monitors = {
            name: _Monitor(
                name,
                one,
                expectation_of(one, timezone=timezone),
                parse_span(one.grace),
                next((task for task, wired in tasks.items() if wired.heartbeat == name), name),
            )
            for name, one in heartbeats.items()
        }

    def start(self) -> None:
        """Watch from now on; the last ping before the clock started was in time."""
        for monitor in self._monitors.values():
            self._expect(monitor)

    def ping(self, name: str, cause: int) -> bool:
        """All is well, because of a journal row; False: there is no heartbeat of that name."""
        monitor = self._monitors.get(name)
        if monitor is None:
            return False
        self._kernel.fact(Fact.HEARTBEAT, self._entity(name), 1, cause)
        if monitor.down:
            monitor.down = False
            self._alerts.recovered(name)
        self._expect(monitor)
        return True

    def _expect(self, monitor: _Monitor) -> None:
        if monitor.call is not None:
            monitor.call.cancel()
            monitor.call = None
        expected = monitor.expects.after(self._kernel.now)
        if expected is not None:
            # what pings at the very end of the grace is in time
            monitor.call = self._kernel.at(
                expected + monitor.grace_us, self._missed, monitor, expected, priority=DECIDE_LAST
            )

    def _missed(self, monitor: _Monitor, expected: int) -> None:
        """No ping came: the alert is about the day before the one on which it was expected."""
        monitor.call, monitor.down = None, True
        entity = self._entity(monitor.name)
        row = self._kernel.fact(Fact.HEARTBEAT, entity, 0, expected=expected)
        day = date_of(expected, monitor.expects.timezone) - timedelta(days=1)
        names: dict[str, Any] = {"fecha": day.isoformat(), "ds": day.isoformat()}
        about = Attempt(entity, monitor.name, monitor.task, "", 1, dict, names, row)
        self._alerts.send(monitor.heartbeat.alert, about, cause=row)

    def _entity(self, name: str) -> int:
        return self._kernel.journal.entity(Entity.HEARTBEAT, name)


def expectation_of(heartbeat: Heartbeat, *, timezone: str) -> Expectation:
    """When a heartbeat expects pings; `timezone`: the world's."""
    schedule = heartbeat.schedule
    return Expectation(
        parse_span(heartbeat.period or PERIOD),
        None if schedule is None else parse_cron(schedule, dialect="vixie"),
        heartbeat.timezone or timezone,
    )
