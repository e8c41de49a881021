"""Events and what they are about: resources with labels, and patterns that match them.

Source: Prefect 3.8.8, server/events/schemas/events.py and server/models/events.py. An event is a
value; who reads it, and whether anybody does, is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ID = "prefect.resource.id"
NAME = "prefect.resource.name"
ROLE = "prefect.resource.role"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a resource."""

    occurred: int
    """Instant."""
    event: str
    """Its name: `prefect.flow-run.Late`."""
    resource: Mapping[str, str]
    """Labels of what it happened to."""
    related: tuple[Mapping[str, str], ...] = ()
    """Labels of what has to do with it, each with its role."""
    cause: int = -1
    """Journal row that it stands for."""

    def label(self, label: str) -> str:
        """The value of a label; `related:ROLE:LABEL` asks the first related resource of a role."""
        directive, _, name = label.rpartition(":")
        kind, _, role = directive.partition(":")
        if kind == "related":
            for one in self.related:
                if one.get(ROLE) == role:
                    return one.get(name, "")
        return self.resource.get(label, "")


def flow_run_event(
    occurred: int,
    state_type: str,
    state_name: str,
    *,
    flow_run: str,
    flow: str,
    deployment: str | None = None,
    queue: tuple[str, str] | None = None,
    tags: Sequence[str] = (),
    cause: int = -1,
) -> Event:
    """A flow run came into a state. Ids are the names that a config gives."""
    resource = {
        ID: f"prefect.flow-run.{flow_run}",
        NAME: flow_run,
        "prefect.state-name": state_name,
        "prefect.state-type": state_type,
    }
    related = [_related("flow", "flow", flow)]
    if deployment is not None:
        related.append(_related("deployment", "deployment", deployment))
    if queue is not None:
        related.append(_related("work-queue", "work-queue", "/".join(queue)))
        related.append(_related("work-pool", "work-pool", queue[0]))
    related += [{ID: f"prefect.tag.{tag}", ROLE: "tag"} for tag in sorted(tags)]
    return Event(occurred, f"prefect.flow-run.{state_name}", resource, tuple(related), cause)


def work_pool_event(occurred: int, pool: str, *, is_ready: bool) -> Event:
    """A work pool became ready, or is so no more."""
    status = "ready" if is_ready else "not-ready"
    resource = {ID: f"prefect.work-pool.{pool}", NAME: pool}
    return Event(occurred, f"prefect.work-pool.{status}", resource)


def matches(expected: str, value: str | None) -> bool:
    """Whether a value matches a pattern with wildcards; one with `!` before it must not match."""
    if value is None:
        return False
    found = fnmatchcase(value, expected.removeprefix("!"))
    return found != expected.startswith("!")


def includes(
    specification: Mapping[str, str | Sequence[str]], candidates: Iterable[Mapping[str, str]]
) -> bool:
    """Whether one of some resources has every label that is asked for. Nothing asked: yes."""
    if not specification:
        return True
    return any(
        all(
            any(matches(one, candidate.get(label)) for one in _several(expected))
            for label, expected in specification.items()
        )
        for candidate in candidates
    )


def _several(expected: str | Sequence[str]) -> Sequence[str]:
    return [expected] if isinstance(expected, str) else expected


def _related(role: str, kind: str, name: str) -> dict[str, str]:
    return {ID: f"prefect.{kind}.{name}", NAME: name, ROLE: role}
