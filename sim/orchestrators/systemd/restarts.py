"""Whether a service that has ended is started again, and how often it may be.

Source: systemd 252, systemd.service(5) `Restart=` and systemd.unit(5) `StartLimitIntervalSec=`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sim.orchestrators.systemd.units import Service

Ending = Literal["success", "exit-code", "timeout", "signal"]

_RESTARTS: dict[str, frozenset[Ending]] = {
    "no": frozenset(),
    "on-success": frozenset({"success"}),
    "on-failure": frozenset({"exit-code", "timeout", "signal"}),
    "on-abnormal": frozenset({"timeout", "signal"}),
    "on-watchdog": frozenset(),
    "on-abort": frozenset({"signal"}),
    "always": frozenset({"success", "exit-code", "timeout", "signal"}),
}
RESTARTS = tuple(_RESTARTS)
"""What `Restart=` may say."""
NOT_ONESHOT = frozenset({"on-success", "always"})
"""What a oneshot refuses."""


def restarts(service: Service, ending: Ending) -> bool:
    """Whether it is started again after it ended so."""
    return ending in _RESTARTS.get(service.restart, frozenset())


@dataclass(slots=True)
class StartLimit:
    """How often one unit was started lately."""

    starts: list[int] = field(default_factory=list)

    def admits(self, service: Service, now: int) -> bool:
        """Whether it may be started once more; every start counts, restarts too."""
        interval = service.start_limit_interval_us
        if not interval or not service.start_limit_burst:
            return True
        self.starts = [at for at in self.starts if at > now - interval]
        if len(self.starts) >= service.start_limit_burst:
            return False
        self.starts.append(now)
        return True
