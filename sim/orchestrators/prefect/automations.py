"""Automations at work: triggers see every event, and what fires is acted upon.

Source: Prefect 3.8.8, server/events/triggers.py (composite triggers, the loop over proactive ones).
It only decides that something is to be done; what that does is the server's. Invariant: actions
follow in the order of the automations' names, and of each automation's list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.prefect.automations_config import CompoundTrigger, EventTrigger
from sim.orchestrators.prefect.event_trigger import EventTriggerState, Firing
from sim.orchestrators.prefect.service_loop import TRIGGERS, ServiceLoop
from sim.orchestrators.prefect.settings import micros

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.automations_config import (
        Action,
        Automation,
        SequenceTrigger,
        Trigger,
    )
    from sim.orchestrators.prefect.events import Event
    from sim.orchestrators.prefect.settings import Settings

SWEEP_EVERY = 5_000_000
"""How often closed windows are forgotten (`evaluate_periodically`, its default), microseconds."""


class Automations:
    """All automations of a server that are enabled."""

    def __init__(
        self,
        kernel: Kernel,
        settings: Settings,
        automations: Mapping[str, Automation],
        *,
        act: Callable[[str, Action, Firing], None],
    ) -> None:
        """`act(automation, action, firing)` does what an action says."""
        self._kernel, self._act = kernel, act
        self._automations = automations
        self._leaves: list[_Leaf] = []
        sweep_after = micros(settings.expired_bucket_buffer)
        for name, automation in sorted(automations.items()):
            if automation.enabled:
                self._build(automation.trigger, _Top(name), sweep_after)
        every = micros(settings.proactive_granularity)
        self.loop = ServiceLoop(kernel, every, self._look, rank=TRIGGERS)

    def start(self) -> None:
        """The server is up: windows that it had are still there, and all are looked at."""
        for leaf in self._leaves:
            leaf.state.started = self._kernel.now
            leaf.next_look = self._kernel.now
        self.loop.start()

    def stop(self) -> None:
        """The server is down: it sees no events."""
        self.loop.stop()

    def emit(self, event: Event) -> None:
        """Something happened now."""
        if not self.loop.running:
            return
        for leaf in self._leaves:
            for firing in leaf.state.saw(event):
                self._fired(leaf, firing)
            if leaf.state.proactive and leaf.state.buckets:
                self._plan_look(leaf)

    def _plan_look(self, leaf: _Leaf) -> None:
        """Windows may have begun: looks that found none since the last one were not stepped."""
        now = self._kernel.now
        at = self.loop.first_at(leaf.next_look)
        if at < now:
            # each look that finds nothing is followed by one a window later, at a step of the loop
            turn = -(-leaf.state.within // self.loop.every) * self.loop.every
            at += -(-(now - at) // turn) * turn
        leaf.next_look = at
        self.loop.wake_at(at)

    def _look(self, now: int) -> int | None:
        waiting = []
        for leaf in self._leaves:
            if not leaf.state.proactive:
                continue
            if leaf.next_look <= now and (leaf.state.buckets or not leaf.state.trigger.for_each):
                fired, leaf.next_look = leaf.state.look(now)
                for firing in fired:
                    self._fired(leaf, firing)
            if leaf.state.buckets or not leaf.state.trigger.for_each:
                waiting.append(leaf.next_look)
        return min(waiting, default=None)

    def _fired(self, child: _Leaf | _Composite, firing: Firing) -> None:
        parent = child.parent
        if isinstance(parent, _Top):
            for action in self._automations[parent.automation].actions:
                self._act(parent.automation, action, firing)
        elif parent.fires(child.place, firing):
            self._fired(parent, Firing(firing.at, (), firing.event))

    def _build(self, trigger: Trigger, parent: _Top | _Composite, sweep_after: int) -> None:
        place = 0 if isinstance(parent, _Top) else parent.children_built()
        if isinstance(trigger, EventTrigger):
            state = EventTriggerState(trigger, sweep_every=SWEEP_EVERY, sweep_after=sweep_after)
            self._leaves.append(_Leaf(state, parent, place))
            return
        composite = _Composite(trigger, parent, place)
        for child in trigger.triggers:
            self._build(child, composite, sweep_after)


class _Top:
    """Where an automation's own trigger hangs."""

    def __init__(self, automation: str) -> None:
        self.automation = automation


class _Leaf:
    """An event trigger and its place among the triggers of its parent."""

    def __init__(self, state: EventTriggerState, parent: _Top | _Composite, place: int) -> None:
        self.state, self.parent, self.place = state, parent, place
        self.next_look = 0
        """From when on a proactive trigger is looked at again."""


class _Composite:
    """A compound or a sequence: the newest firing of each of its triggers."""

    def __init__(
        self, trigger: CompoundTrigger | SequenceTrigger, parent: _Top | _Composite, place: int
    ) -> None:
        self.trigger, self.parent, self.place = trigger, parent, place
        self._built = 0
        self._firings: dict[int, int] = {}
        """Which triggers have fired, and when."""

    def children_built(self) -> int:
        """The place of the next child."""
        self._built += 1
        return self._built - 1

    def fires(self, place: int, firing: Firing) -> bool:
        """One of its triggers fired; whether that makes this one fire."""
        if self._required() == 1:
            return True
        within = self.trigger.within
        if within is not None:
            oldest = firing.at - micros(within)
            self._firings = {one: at for one, at in self._firings.items() if at >= oldest}
        # the newest firing of each counts, and stands last among those of one instant
        self._firings.pop(place, None)
        self._firings[place] = firing.at
        ready = len(self._firings) >= self._required()
        if not isinstance(self.trigger, CompoundTrigger):
            order = sorted(self._firings, key=lambda one: self._firings[one])
            ready = order == list(range(len(self.trigger.triggers)))
        if ready:
            self._firings.clear()
        return ready

    def _required(self) -> int:
        if isinstance(self.trigger, CompoundTrigger):
            require = self.trigger.require
            if isinstance(require, int):
                return require
            return 1 if require == "any" else len(self.trigger.triggers)
        return len(self.trigger.triggers)
