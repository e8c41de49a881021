"""What the orchestrator-neutral part of a config means: tasks, checks and alerts.

Names are looked up among the keys of the document, so that an item with a problem of its own is not
called unknown as well; a key that is there but wrong counts as given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.orchestrators.registry import ALERT_NAMES
from sim.scenario.check_calls import check_effect
from sim.scenario.check_spans import check_span_of_source
from sim.scenario.check_text import check_reference, check_select, check_span, check_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.platform.config import Alert, Baseline, Check, TaskWiring
    from sim.scenario.problems import Path, Problems
    from sim.world.config import World


@dataclass(frozen=True, slots=True)
class Draft:
    """A config under examination."""

    world: World
    problems: Problems
    tasks: list[str]
    """Names under `tasks`."""
    checks: list[str]
    """Names under `checks`."""
    alerts: list[str]
    """Names under `alerts`."""
    heartbeats: list[str]
    """Names under `heartbeats`."""
    systems: list[str]
    """Systems of the world's sources."""
    timezone: str
    """The world's zone."""
    macros: frozenset[str]
    """Names that templates may use."""


def check_tasks(tasks: Mapping[str, TaskWiring], draft: Draft) -> None:
    """Each task: its work, table and checks are there, its write can be made, its texts parse."""
    world, problems = draft.world, draft.problems
    for name, task in tasks.items():
        path: Path = ("tasks", name)
        check_reference(
            task.work, world.work, (*path, "work"), problems, code="E-WORK-UNKNOWN", what="work"
        )
        for index, check in enumerate(task.checks):
            place = (*path, "checks", index)
            check_reference(
                check, draft.checks, place, problems, code="E-CHECK-UNKNOWN", what="check"
            )
        _check_write(task, path, world, problems)
        _check_flow(task, path, world, problems)
        _check_texts(task, path, draft)
        check_effect(task, path, world, problems, macros=draft.macros)
        check_span_of_source(task, path, world, problems, macros=draft.macros)


_BY_PARTITION = frozenset(
    {
        *("replace_partition", "replace_partitions", "delete_partition", "delete_insert"),
        *("delete_insert_transaction", "merge_delete"),
    }
)
"""Write modes that need to know which column holds the data date."""


def _check_write(task: TaskWiring, path: Path, world: World, problems: Problems) -> None:
    if not problems.has((*path, "table")):
        if task.write_mode is not None:
            hint = "add table: …, or leave write_mode out"
            problems.at(
                (*path, "write_mode"),
                "E-WRITE-TABLE",
                "write_mode is given, but no table to write",
                hint=hint,
            )
        return
    if task.table is None:
        return
    check_reference(
        task.table, world.tables, (*path, "table"), problems, code="E-TABLE-UNKNOWN", what="table"
    )
    if not problems.has((*path, "write_mode")):
        hint = "add write_mode: append, replace_partition, merge, …"
        problems.at(
            (*path, "table"),
            "E-WRITE-MODE",
            "a table is given, but not how it is written",
            hint=hint,
        )
        return
    table = world.tables.get(task.table)
    if table is None or task.write_mode is None:
        return
    lacking = ["key"] if task.write_mode.startswith("merge") and not table.key else []
    if task.write_mode in _BY_PARTITION and not table.partition:
        lacking.append("partition")
    for attribute in lacking:
        message = f"{task.write_mode} needs a table with a {attribute}, and {task.table} has none"
        problems.at(
            (*path, "write_mode"), "E-WRITE-MODE", message, hint="use append or overwrite_table"
        )


def _check_flow(task: TaskWiring, path: Path, world: World, problems: Problems) -> None:
    """A task with somewhere to write needs something to write."""
    given = {key for key in ("output", "table", "input", "sql") if problems.has((*path, key))}
    if {"output", "table"} <= given:
        hint = "give one of them; a second task can do the other"
        problems.at(
            (*path, "table"),
            "E-TASK-BOTH",
            "a task leaves either an output or a table behind",
            hint=hint,
        )
    work = world.work.get(task.work)
    idle = work is not None and work.reads is None and not {"input", "sql"} & given
    if idle and {"output", "table"} & given:
        message = "nothing to hand on: the work reads no source, and there is neither input nor sql"
        problems.at_key(path, "E-TASK-EMPTY", message, hint="add input: … or sql: …")


def _check_texts(task: TaskWiring, path: Path, draft: Draft) -> None:
    # what `fecha` itself is made from cannot name it
    names = {"fecha": draft.macros - {"fecha"}}
    for key in ("fecha", "input", "output", "sql"):
        text, place = getattr(task, key), (*path, key)
        if text is None:
            continue
        readable = check_template(text, place, draft.problems, names=names.get(key, draft.macros))
        if readable and key == "sql":
            check_select(text, place, draft.problems, tables=_tables(task, draft.world))


def _tables(task: TaskWiring, world: World) -> set[str]:
    work = world.work.get(task.work)
    has_input = task.input is not None or work is None or work.reads is not None
    return {*world.tables, *(["input"] if has_input else [])}


def check_checks(checks: Mapping[str, Check], draft: Draft) -> None:
    """Each check: its metric is one, its bounds can be met, its baseline is there."""
    world, problems = draft.world, draft.problems
    for name, check in checks.items():
        path: Path = ("checks", name)
        kind, _, column = check.metric.partition(":")
        if check.metric != "rows" and not (kind == "sum" and column):
            hint = "a metric is rows, or sum:COLUMN"
            problems.at((*path, "metric"), "E-METRIC", f'"{check.metric}" is no metric', hint=hint)
        for bound in ("min_ratio", "max_ratio", "holiday_min_ratio"):
            if getattr(check, bound) is not None and not problems.has((*path, "baseline")):
                hint = "add baseline: {table: …, column: …}"
                problems.at(
                    (*path, bound),
                    "E-BASELINE",
                    f"{bound} needs a baseline to compare with",
                    hint=hint,
                )
        _check_bounds(check, path, problems)
        if check.baseline is not None:
            _check_baseline(check.baseline, (*path, "baseline"), world, problems)
        if check.mark_stale is not None:
            place = (*path, "mark_stale")
            check_reference(
                check.mark_stale,
                world.tables,
                place,
                problems,
                code="E-TABLE-UNKNOWN",
                what="table",
            )


def _check_bounds(check: Check, path: Path, problems: Problems) -> None:
    for low, high in (("min", "max"), ("min_ratio", "max_ratio")):
        least, most = getattr(check, low), getattr(check, high)
        if least is not None and most is not None and least > most:
            message = f"{low} {least:g} is above {high} {most:g}: nothing can pass"
            problems.at((*path, low), "E-BOUNDS", message, hint="exchange them")
    if not any(problems.has((*path, bound)) for bound in ("min", "max", "min_ratio", "max_ratio")):
        message = "a check without a bound always passes"
        problems.at_key(
            path, "E-BOUNDS", message, hint="add min: …, max: …, min_ratio: … or max_ratio: …"
        )


def _check_baseline(baseline: Baseline, path: Path, world: World, problems: Problems) -> None:
    place = (*path, "table")
    check_reference(
        baseline.table, world.tables, place, problems, code="E-TABLE-UNKNOWN", what="table"
    )
    table = world.tables.get(baseline.table)
    if table is not None:
        place = (*path, "column")
        check_reference(
            baseline.column, table.columns, place, problems, code="E-COLUMN-UNKNOWN", what="column"
        )
        if not table.partition:
            message = f"{baseline.table} has no partition, so it has no earlier days"
            problems.at((*path, "table"), "E-BASELINE", message)
    if baseline.same_weekdays < 1:
        problems.at((*path, "same_weekdays"), "E-RANGE", "same_weekdays must be at least 1")


def check_alerts(alerts: Mapping[str, Alert], draft: Draft) -> None:
    """Each alert: its person is there, its key and its spans parse."""
    world, problems = draft.world, draft.problems
    for name, alert in alerts.items():
        path: Path = ("alerts", name)
        check_reference(
            alert.to, world.people, (*path, "to"), problems, code="E-PERSON-UNKNOWN", what="person"
        )
        check_template(
            alert.dedup_key, (*path, "dedup_key"), problems, names=draft.macros | ALERT_NAMES
        )
        if alert.runbook is not None:
            for key in ("after", "look_every"):
                check_span(getattr(alert.runbook, key), (*path, "runbook", key), problems)
