"""What a config means, beyond its keys and types: every name leads somewhere, every text parses.

Order of the checks does not matter: problems are sorted by their place. Names are looked up among
the keys of the document, so that an item with a problem of its own is not called unknown as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.scenario.check_text import check_reference, check_span, check_task_texts, check_template
from sim.scenario.convert import convert, convert_parts
from sim.scenario.editable import check_editable
from sim.scenario.schema import ConfigFile
from sim.scenario.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.platform.config import Alert, Baseline, Check, TaskWiring
    from sim.scenario.problems import Path, Problems
    from sim.scenario.schema import Scenario
    from sim.world.config import World


def check_document(root: Any, problems: Problems, *, scenario: Scenario) -> dict[str, Any] | None:
    """Convert and check a config; its parts when all of them are there, each problem in `problems`."""
    parts = convert_parts(root, ConfigFile, (), problems, beside=frozenset(SECTIONS))
    names = {key: _names(root, key) for key in ("tasks", "checks", "alerts")}
    world = scenario.world
    _check_tasks(parts.get("tasks", {}), names, world, problems)
    _check_checks(parts.get("checks", {}), world, problems)
    _check_alerts(parts.get("alerts", {}), world, problems)
    settings = _section(root, parts, names, scenario, problems)
    check_editable(root, problems, scenario=scenario)
    missing = {"orchestrator", "tasks"} - parts.keys()
    return None if missing or settings is None else {**parts, "settings": settings}


def _names(root: Any, key: str) -> list[str]:
    node = root.get(key)
    return [] if node is None else node.names()


# -- tasks, checks, alerts --------------------------------------------------------------------


def _check_tasks(
    tasks: Mapping[str, TaskWiring], names: Mapping[str, list[str]], world: World, problems: Problems
) -> None:
    for name, task in tasks.items():
        path: Path = ("tasks", name)
        check_reference(task.work, world.work, (*path, "work"), problems, code="E-WORK-UNKNOWN", what="work")
        for index, check in enumerate(task.checks):
            place = (*path, "checks", index)
            check_reference(check, names["checks"], place, problems, code="E-CHECK-UNKNOWN", what="check")
        _check_write(task, path, world, problems)
        _check_flow(task, path, world, problems)
        check_task_texts(task, path, problems)


def _check_write(task: TaskWiring, path: Path, world: World, problems: Problems) -> None:
    if task.table is None:
        if task.write_mode is not None:
            hint = "add table: …, or leave write_mode out"
            problems.at((*path, "write_mode"), "E-WRITE-TABLE", "write_mode is given, but no table to write", hint=hint)
        return
    check_reference(task.table, world.tables, (*path, "table"), problems, code="E-TABLE-UNKNOWN", what="table")
    if task.write_mode is None:
        hint = "add write_mode: append, replace_partition, merge, …"
        problems.at((*path, "table"), "E-WRITE-MODE", "a table is given, but not how it is written", hint=hint)
        return
    table = world.tables.get(task.table)
    if table is None:
        return
    needs = {"merge": ("key", table.key)}
    if task.write_mode in {"replace_partition", "delete_insert", "delete_insert_transaction"}:
        needs = {task.write_mode: ("partition", table.partition)}
    attribute, value = needs.get(task.write_mode, ("", True))
    if not value:
        message = f"{task.write_mode} needs a table with a {attribute}, and {task.table} has none"
        problems.at((*path, "write_mode"), "E-WRITE-MODE", message, hint="use append or overwrite_table")


def _check_flow(task: TaskWiring, path: Path, world: World, problems: Problems) -> None:
    """A task with somewhere to write needs something to write."""
    if task.output is not None and task.table is not None:
        hint = "give one of them; a second task can do the other"
        problems.at((*path, "table"), "E-TASK-BOTH", "a task leaves either an output or a table behind", hint=hint)
    work = world.work.get(task.work)
    reads = work is not None and work.reads is not None
    if (task.output is not None or task.table is not None) and not reads and task.input is None and task.sql is None:
        message = "nothing to hand on: the work reads no source, and there is neither input nor sql"
        problems.at_key(path, "E-TASK-EMPTY", message, hint="add input: … or sql: …")


def _check_checks(checks: Mapping[str, Check], world: World, problems: Problems) -> None:
    for name, check in checks.items():
        path: Path = ("checks", name)
        kind, _, column = check.metric.partition(":")
        if check.metric != "rows" and not (kind == "sum" and column):
            hint = "a metric is rows, or sum:COLUMN"
            problems.at((*path, "metric"), "E-METRIC", f'"{check.metric}" is no metric', hint=hint)
        for bound in ("min_ratio", "max_ratio", "holiday_min_ratio"):
            if getattr(check, bound) is not None and check.baseline is None:
                hint = "add baseline: {table: …, column: …}"
                problems.at((*path, bound), "E-BASELINE", f"{bound} needs a baseline to compare with", hint=hint)
        _check_bounds(check, path, problems)
        if check.baseline is not None:
            _check_baseline(check.baseline, (*path, "baseline"), world, problems)
        if check.mark_stale is not None:
            place = (*path, "mark_stale")
            check_reference(check.mark_stale, world.tables, place, problems, code="E-TABLE-UNKNOWN", what="table")


def _check_bounds(check: Check, path: Path, problems: Problems) -> None:
    for low, high in (("min", "max"), ("min_ratio", "max_ratio")):
        least, most = getattr(check, low), getattr(check, high)
        if least is not None and most is not None and least > most:
            message = f"{low} {least:g} is above {high} {most:g}: nothing can pass"
            problems.at((*path, low), "E-BOUNDS", message, hint="exchange them")
    if all(getattr(check, bound) is None for bound in ("min", "max", "min_ratio", "max_ratio")):
        message = "a check without a bound always passes"
        problems.at_key(path, "E-BOUNDS", message, hint="add min: …, max: …, min_ratio: … or max_ratio: …")


def _check_baseline(baseline: Baseline, path: Path, world: World, problems: Problems) -> None:
    place = (*path, "table")
    check_reference(baseline.table, world.tables, place, problems, code="E-TABLE-UNKNOWN", what="table")
    table = world.tables.get(baseline.table)
    if table is not None:
        place = (*path, "column")
        check_reference(baseline.column, table.columns, place, problems, code="E-COLUMN-UNKNOWN", what="column")
        if not table.partition:
            message = f"{baseline.table} has no partition, so it has no earlier days"
            problems.at((*path, "table"), "E-BASELINE", message)
    if baseline.same_weekdays < 1:
        problems.at((*path, "same_weekdays"), "E-RANGE", "same_weekdays must be at least 1")


def _check_alerts(alerts: Mapping[str, Alert], world: World, problems: Problems) -> None:
    for name, alert in alerts.items():
        path: Path = ("alerts", name)
        check_reference(alert.to, world.people, (*path, "to"), problems, code="E-PERSON-UNKNOWN", what="person")
        check_template(alert.dedup_key, (*path, "dedup_key"), problems)
        if alert.runbook is not None:
            for key in ("after", "look_every"):
                check_span(getattr(alert.runbook, key), (*path, "runbook", key), problems)


# -- the orchestrator's own section -----------------------------------------------------------


def _section(
    root: Any, parts: Mapping[str, Any], names: Mapping[str, list[str]], scenario: Scenario, problems: Problems
) -> Any:
    chosen = parts.get("orchestrator")
    for other in SECTIONS:
        if other != chosen and chosen is not None and root.get(other) is not None:
            message = f"the section {other} is not used: the orchestrator is {chosen}"
            problems.at_key((other,), "W-SECTION-UNUSED", message, severity="warning")
    if chosen is None:
        return None
    section, node = SECTIONS[chosen], root.get(chosen)
    if node is None:
        message = f"the section {chosen} is missing: the orchestrator is {chosen}"
        problems.at_key(("orchestrator",), "E-KEY-MISSING", message, hint=f"add {chosen}: …")
        return None
    settings = convert(node, section.struct, (chosen,), problems)
    if settings is not None:
        _validate(section.validate, settings, chosen, names, scenario, problems)
    return settings
