"""Services outside: what they were asked for, and the idempotency keys that they remember.

A call does its work at once or, when the service honours keys and knows this one, does nothing.
Nothing here can be undone; that is the point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.world.resolved import ResolvedService


class Services:
    """The services of one simulation."""

    def __init__(self, services: Mapping[str, ResolvedService]) -> None:
        self._services = services
        self._known: dict[tuple[str, str], int] = {}

    def takes_us(self, service: str) -> int:
        """From a call to its answer, microseconds."""
        return self._services[service].takes_us

    def call(self, service: str, key: str | None, now: int) -> bool:
        """Whether this call does anything: False when the service knows its key.

        A key counts from the call that did something; a repeated call does not renew it.
        """
        asked = self._services[service]
        if key is None or not asked.honours_keys:
            return True
        since = self._known.get((service, key))
        kept = asked.keeps_keys_us
        if since is not None and (kept is None or now - since < kept):
            return False
        self._known[service, key] = now
        return True
