"""What a config says of automations, in Prefect's words: triggers and actions.

Source: Prefect 3.8.8, events/schemas/automations.py and events/actions.py. Ids are the names that
the config itself gives to deployments, pools and queues. Spans are seconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

PROACTIVE_WITHIN_MIN = 10.0
"""Shortest window of a proactive trigger, seconds, and the one it gets when it names none."""

Labels = dict[str, str | list[str]]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class EventTrigger(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="event"
):
    """Fires when enough events come (Reactive), or when too few do (Proactive)."""

    posture: Literal["Reactive", "Proactive"]
    """Whether what is expected fires it, or its absence."""
    expect: list[str] = []
    """Names of events that count, with wildcards; any event when there are none."""
    after: list[str] = []
    """Names of events after which it begins to count."""
    match: Labels = {}
    """Labels that the resource of an event must have."""
    match_related: Labels = {}
    """Labels that one of the related resources must have."""
    for_each: list[str] = []
    """Labels for each of whose values it counts separately."""
    threshold: Count = 1
    """How many events it takes."""
    within: NotNegative = 0
    """Seconds in which they must come."""

    @property
    def window(self) -> float:
        """`within` as it counts: a proactive trigger has one, named or not."""
        if self.posture == "Proactive" and not self.within:
            return PROACTIVE_WITHIN_MIN
        return self.within


class CompoundTrigger(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="compound"
):
    """Fires when some of its triggers have fired."""

    triggers: list[Trigger]
    """Its triggers."""
    require: Literal["any", "all"] | Count = "all"
    """How many of them."""
    within: NotNegative | None = None
    """Seconds in which they must fire; null: however long it takes."""


class SequenceTrigger(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="sequence"
):
    """Fires when all of its triggers have fired in their order."""

    triggers: list[Trigger]
    """Its triggers."""
    within: NotNegative | None = None
    """Seconds in which they must fire; null: however long it takes."""


Trigger = EventTrigger | CompoundTrigger | SequenceTrigger

ActionType = Literal[
    "do-nothing",
    "run-deployment",
    "pause-deployment",
    "resume-deployment",
    "cancel-flow-run",
    "suspend-flow-run",
    "resume-flow-run",
    "change-flow-run-state",
    "pause-work-pool",
    "resume-work-pool",
    "pause-work-queue",
    "resume-work-queue",
    "send-notification",
    "call-webhook",
]


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is done."""

    type: ActionType
    """What is done."""
    deployment_id: str | None = None
    """Which deployment; null: the one that the event is about (`source: inferred`)."""
    work_pool_id: str | None = None
    """Which work pool; null: the one that the event is about."""
    work_queue_id: str | None = None
    """Which queue, as pool/queue; null: the one that the event is about."""
    parameters: dict[str, str | int | float | bool | None] | None = None
    """Parameters of the run that `run-deployment` makes."""
    state: str | None = None
    """Type of the state that `change-flow-run-state` proposes."""
    name: str | None = None
    """Name of that state."""
    alert: str | None = None
    """Alert of the config that `send-notification` and `call-webhook` send."""


class Automation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A trigger and what is done when it fires."""

    trigger: Trigger
    """What it looks at."""
    actions: list[Action]
    """What is done, in order."""
    enabled: bool = True
    """Whether it is looked at."""
