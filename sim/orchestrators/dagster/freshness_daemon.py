"""The freshness daemon: every 30 s it looks how fresh each asset is, and writes what has changed.

Source: Dagster 1.13.29, _daemon/freshness.py. It launches nothing and tells nobody. An iteration is
stepped when a policy can have changed its mind: at the end of a window, at a deadline, and after a
materialization.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.model.facts import Entity, Fact
from sim.orchestrators.dagster.daemon_loop import DaemonLoop
from sim.orchestrators.dagster.freshness import DAEMON_INTERVAL_US, CronDeadline, TimeWindow

if TYPE_CHECKING:
    from sim.orchestrators.dagster.asset_catalog import Materialization
    from sim.orchestrators.dagster.config_freshness import FreshnessPolicyConfig
    from sim.orchestrators.dagster.freshness import FreshnessPolicy
    from sim.orchestrators.dagster.instance import Instance


def policy_of(config: FreshnessPolicyConfig) -> FreshnessPolicy:
    """A policy. Raises `ValueError` for a span that is none."""
    if config.deadline_cron is not None:
        delta = parse_span(config.lower_bound_delta or "0s")
        return CronDeadline(config.deadline_cron, delta, config.timezone)
    warn = None if config.warn_window is None else parse_span(config.warn_window)
    return TimeWindow(parse_span(config.fail_window or "0s"), warn)


class FreshnessDaemon:
    """Every asset with a freshness policy."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._policies = {
            key: policy_of(asset.freshness_policy)
            for key, asset in instance.definitions.assets.items()
            if asset.freshness_policy is not None
        }
        self._states = instance.freshness
        self.loop = DaemonLoop(instance.kernel, DAEMON_INTERVAL_US, self._iterate)
        instance.catalog.listeners.append(self._materialized)

    @property
    def needed(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self._policies)

    def _materialized(self, event: Materialization) -> None:
        if event.asset in self._policies:
            self.loop.wake()

    def _iterate(self) -> int:
        kernel = self._instance.kernel
        if self._instance.database_off:
            return 0
        for key, policy in self._policies.items():
            events = self._instance.catalog.events.get(key)
            latest = None if not events else events[-1]
            state = policy.state(kernel.now, None if latest is None else latest.time)
            if state != self._states.get(key, "UNKNOWN"):
                asset = kernel.journal.entity(Entity.ASSET, key)
                cause = -1 if latest is None else latest.row
                kernel.fact(Fact.NATIVE_STATE, asset, 0, cause, state=state)
                self._states[key] = state
                self._instance.note_news()
        self._plan()
        return 0

    def _plan(self) -> None:
        """The next instant at which a state may change by itself."""
        now = self._instance.kernel.now
        due = [
            at
            for key, policy in self._policies.items()
            if (events := self._instance.catalog.events.get(key))
            for at in policy.changes(events[-1].time, after=now)
        ]
        if due:
            self.loop.wake(min(due))
