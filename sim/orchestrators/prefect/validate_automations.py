"""What types cannot say about automations: what their actions are about, and what is simulated.

Every problem in one pass, each with the path in the section, a code, what is wrong and what would
be right. Nothing is raised and nothing is changed.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from sim.orchestrators.prefect.automation_actions import DONE, PROPOSED
from sim.orchestrators.prefect.work_queues import DEFAULT_QUEUE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sim.orchestrators.prefect.automations_config import Action
    from sim.orchestrators.prefect.config import PrefectConfig

    Path = tuple[str | int, ...]
    Found = tuple[Path, str, str, str]


def validate_automations(config: PrefectConfig, alerts: Collection[str]) -> Iterator[Found]:
    """Every problem of the automations of a section."""
    queues = [
        f"{name}/{queue}"
        for name, pool in config.work_pools.items()
        for queue in dict.fromkeys((DEFAULT_QUEUE, *pool.work_queues))
    ]
    known: dict[str, tuple[str, Collection[str]]] = {
        "deployment_id": ("deployment", config.deployments),
        "work_pool_id": ("work pool", config.work_pools),
        "work_queue_id": ("work queue", queues),
        "alert": ("alert", alerts),
    }
    for name, automation in config.automations.items():
        for number, action in enumerate(automation.actions):
            path: Path = ("automations", name, "actions", number)
            yield from _type(action, path)
            for field, (what, names) in known.items():
                value = getattr(action, field)
                if value is not None and value not in names:
                    code = f"E-{what.upper().replace(' ', '-')}-UNKNOWN"
                    close = get_close_matches(value, list(names), n=1)
                    hint = f"did you mean {close[0]}?" if close else f"there is no such {what}"
                    yield (*path, field), code, f'{what} "{value}" is not defined', hint


def _type(action: Action, path: Path) -> Iterator[Found]:
    if action.type not in DONE:
        hint = f"these are: {', '.join(sorted(DONE))}"
        yield (*path, "type"), "E-ACTION", f'"{action.type}" is not simulated', hint
    if action.type == "change-flow-run-state" and action.state not in PROPOSED:
        message = (
            "no state is proposed" if action.state is None else f"{action.state} is not simulated"
        )
        place = path if action.state is None else (*path, "state")
        yield place, "E-ACTION", message, f"state: one of {', '.join(PROPOSED)}"
    if action.type in {"pause-work-queue", "resume-work-queue"} and action.work_queue_id is None:
        yield path, "E-ACTION", "no queue is named", "work_queue_id: POOL/QUEUE"
