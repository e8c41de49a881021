"""What calls outside mean: services of the world, effects of tasks, objectives about both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.check_text import check_reference, check_span, check_template

if TYPE_CHECKING:
    from sim.objectives.config import Objective
    from sim.platform.config import TaskWiring
    from sim.scenario.problems import Path, Problems
    from sim.world.config import World

SCHEDULES_MAX = 300
"""Most generated schedules of trouble under which a window is replayed."""
PLANS_MAX = 1_000
"""Most plans that the search of an objective may try."""


def check_services(world: World, problems: Problems) -> None:
    """Each service: its spans parse, and keys are kept only by one that honours them."""
    for name, service in world.services.items():
        path: Path = ("world", "services", name)
        check_span(service.takes, (*path, "takes"), problems)
        if service.keeps_keys is not None:
            check_span(service.keeps_keys, (*path, "keeps_keys"), problems)
            if not service.honours_keys:
                message = "keeps_keys is given, but the service honours no keys"
                hint = "add honours_keys: true, or leave keeps_keys out"
                problems.at((*path, "keeps_keys"), "E-SERVICE", message, hint=hint)


def check_effect(
    task: TaskWiring, path: Path, world: World, problems: Problems, *, macros: frozenset[str]
) -> None:
    """The effect of a task: its service is there, its key is a template."""
    effect, path = task.effect, (*path, "effect")
    if effect is None:
        return
    _check_service(effect.service, (*path, "service"), world, problems)
    if effect.idempotency_key is not None:
        place = (*path, "idempotency_key")
        check_template(effect.idempotency_key, place, problems, names=macros)
    if effect.kind is not None and effect.receipt == "none":
        message = "kind names a receipt, and none is kept"
        hint = "add receipt: before, after or in_transaction"
        problems.at((*path, "kind"), "E-EFFECT", message, hint=hint)


def check_external_calls(
    objective: Objective, path: Path, world: World | None, problems: Problems
) -> None:
    """An objective about calls: its service is there and its bounds can be met."""
    asked, path = objective.external_calls, (*path, "external_calls")
    if asked is None:
        return
    if world is not None:
        _check_service(asked.service, (*path, "service"), world, problems)
    for key in ("at_least", "at_most", "except_max"):
        value = getattr(asked, key)
        if value is not None and value < 0:
            message = f"{value} is out of range: it must be at least 0"
            problems.at((*path, key), "E-RANGE", message)
    if asked.at_most is not None and asked.at_most < asked.at_least:
        message = f"at_least {asked.at_least} is above at_most {asked.at_most}: nothing can pass"
        problems.at((*path, "at_most"), "E-BOUNDS", message, hint="exchange them")
    if not 0 <= asked.schedules <= SCHEDULES_MAX:
        message = f"{asked.schedules} is out of range: it must be from 0 to {SCHEDULES_MAX}"
        problems.at((*path, "schedules"), "E-RANGE", message)


def _check_service(name: str, path: Path, world: World, problems: Problems) -> None:
    check_reference(name, world.services, path, problems, code="E-SERVICE-UNKNOWN", what="service")
