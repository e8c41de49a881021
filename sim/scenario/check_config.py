"""What a config means, beyond its keys and types: every name leads somewhere, every text parses.

The orchestrator's own section is converted and checked by what the orchestrator itself says of it.
The order of the checks does not matter: problems are sorted by their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.orchestrators.registry import ORCHESTRATORS, template_names
from sim.scenario.actions import interventions_of
from sim.scenario.check_heartbeats import check_heartbeats
from sim.scenario.check_text import check_reference
from sim.scenario.check_wiring import Draft, check_alerts, check_checks, check_tasks
from sim.scenario.convert import convert, convert_parts
from sim.scenario.editable import check_editable
from sim.scenario.schema import ConfigFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.scenario.actions import Action
    from sim.scenario.problems import Problems
    from sim.scenario.schema import Scenario
    from sim.scenario.yaml_nodes import Node


def check_document(root: Node, problems: Problems, *, scenario: Scenario) -> dict[str, Any] | None:
    """Convert and check a config; its parts when all are there, every problem in `problems`."""
    parts = convert_parts(root, ConfigFile, (), problems, beside=frozenset(ORCHESTRATORS))
    chosen = parts.get("orchestrator")
    draft = Draft(
        scenario.world,
        problems,
        tasks=_names(root, "tasks"),
        checks=_names(root, "checks"),
        alerts=_names(root, "alerts"),
        heartbeats=_names(root, "heartbeats"),
        systems=sorted({source.system for source in scenario.world.sources.values()}),
        timezone=scenario.clock.timezone,
        macros=template_names(chosen),
    )
    check_tasks(parts.get("tasks", {}), draft)
    check_checks(parts.get("checks", {}), draft)
    check_alerts(parts.get("alerts", {}), draft)
    check_heartbeats(parts.get("heartbeats", {}), parts.get("tasks", {}), draft)
    settings = None if chosen is None else _section(root, chosen, draft)
    check_editable(root, problems, scenario=scenario)
    runbook = parts.pop("runbook", [])
    meant = interventions_of(runbook, ("runbook",), problems, timezone=scenario.clock.timezone)
    if settings is None or "tasks" not in parts:
        return None
    if runbook and chosen is not None and all(one.severity != "error" for one in problems.found):
        known = ORCHESTRATORS[chosen].package.shape(settings, tasks=parts["tasks"])
        _check_pipelines(runbook, known, problems)
    return {**parts, "settings": settings, "runbook": meant}


def _check_pipelines(
    runbook: Sequence[Action], known: Mapping[str, object], problems: Problems
) -> None:
    """Each action is about a pipeline that is there."""
    for index, action in enumerate(runbook):
        name = getattr(action, "pipeline", None)
        if name is not None:
            check_reference(
                name,
                known,
                ("runbook", index, "pipeline"),
                problems,
                code="E-PIPELINE-UNKNOWN",
                what="pipeline",
            )


def _names(root: Node, key: str) -> list[str]:
    node = root.get(key)
    return [] if node is None else node.names()


def _section(root: Node, chosen: str, draft: Draft) -> Any:
    """The section of the orchestrator chosen; None when it is missing or wrong."""
    problems = draft.problems
    for other in ORCHESTRATORS:
        if other != chosen and root.get(other) is not None:
            message = f"the section {other} is not used: the orchestrator is {chosen}"
            problems.at_key((other,), "W-SECTION-UNUSED", message, severity="warning")
    node, section = root.get(chosen), ORCHESTRATORS[chosen]
    if node is None:
        message = f"the section {chosen} is missing: the orchestrator is {chosen}"
        problems.at_key(("orchestrator",), "E-KEY-MISSING", message, hint=f"add {chosen}: …")
        return None
    settings = convert(node, section.struct, (chosen,), problems)
    if settings is not None:
        told = {name: getattr(draft, name) for name in section.told}
        for found in section.validate(settings, **told):
            _report(found, chosen, problems)
    return settings


def _report(found: tuple[Any, ...], chosen: str, problems: Problems) -> None:
    """Give what an orchestrator says of its section a place in the file."""
    path, *place, code, message, hint = found
    severity: Any = "warning" if code.startswith("W-") else "error"
    if place:
        line, column = place
        problems.in_text((chosen, *path), line, column, code, message, hint=hint, severity=severity)
    else:
        problems.at_item((chosen, *path), code, message, hint=hint, severity=severity)
