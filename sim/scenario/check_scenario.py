"""What a scenario means beyond keys and types: names lead somewhere, nights and files are there.

The world, the largest part, is looked at by `check_world`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sim.objectives.config import KINDS
from sim.scenario.actions import interventions_of
from sim.scenario.check_calls import PLANS_MAX, SCHEDULES_MAX, check_external_calls
from sim.scenario.check_faults import check_faults
from sim.scenario.check_text import check_date, check_reference, check_time_of_day, check_zone
from sim.scenario.check_world import check_statements, check_world
from sim.scenario.content import CONFIG_FILE
from sim.scenario.problems import did_you_mean
from sim.scenario.schema import CONFIG_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path as FilePath

    from sim.model.interventions import Intervention
    from sim.objectives.config import Objective
    from sim.scenario.problems import Path, Problems
    from sim.scenario.schema import Clock, Expect, Window
    from sim.world.config import World

NIGHTS_MAX = 400
"""Most nights in one window."""


def check_scenario_parts(
    parts: Mapping[str, Any],
    problems: Problems,
    *,
    folder: FilePath,
    traps: Mapping[str, FilePath],
    statements: bool,
) -> tuple[Intervention, ...]:
    """What is done by hand. Report what is wrong with the parts that could be converted.

    SQL is looked at only with `statements`.
    """
    timezone = _check_clock(parts["clock"], problems) if "clock" in parts else "UTC"
    if "world" in parts:
        check_world(parts["world"], problems, timezone=timezone)
        if statements:
            check_statements(parts["world"], problems)
    check_faults(parts.get("faults", []), problems, world=parts.get("world"), timezone=timezone)
    actions = interventions_of(parts.get("by_hand", []), ("by_hand",), problems, timezone=timezone)
    ids = _check_objectives(parts, problems)
    if "expect" in parts:
        _check_expect(parts["expect"], ids, traps, problems)
    for index, part in enumerate(parts.get("editable", [])):
        if part.split(".")[0] not in CONFIG_KEYS:
            hint = did_you_mean(part, CONFIG_KEYS)
            problems.at(
                ("editable", index), "E-EDITABLE", f'"{part}" is no part of config.yaml', hint=hint
            )
    if not (folder / CONFIG_FILE).is_file():
        message = f"there is no {CONFIG_FILE} in the scenario's folder"
        problems.at((), "E-FILE-MISSING", message, hint="it is what the player finds and mends")
    name = parts.get("id")
    if name is not None and folder.resolve().name not in {name, "_template"}:
        message = f'the id is "{name}", the folder is called "{folder.resolve().name}"'
        problems.at(("id",), "W-ID-FOLDER", message, hint="give both one name", severity="warning")
    return actions


# -- clock ------------------------------------------------------------------------------------


def _check_clock(clock: Clock, problems: Problems) -> str:
    """The zone to read civil times in; UTC when the clock's own is none."""
    known = check_zone(clock.timezone, ("clock", "timezone"), problems)
    if not clock.windows:
        problems.at(
            ("clock", "windows"),
            "E-WINDOW",
            "there is no window",
            hint="add name: {from: …, to: …}",
        )
    nights: set[date] = set()
    for name, window in clock.windows.items():
        nights |= _check_window(window, ("clock", "windows", name), problems)
    for index, text in enumerate(clock.shown):
        night = check_date(text, ("clock", "shown", index), problems)
        if night is not None and nights and night not in nights:
            message = f"the night {text} is in no window that is shown"
            problems.at(
                ("clock", "shown", index),
                "E-SHOWN",
                message,
                hint="name a night of a window that is not hidden",
            )
    if not clock.shown:
        problems.at(
            ("clock", "shown"), "E-SHOWN", "no night is shown", hint="add the night of the incident"
        )
    return clock.timezone if known else "UTC"


def _check_window(window: Window, path: Path, problems: Problems) -> set[date]:
    """Its nights that a player may see; empty when they cannot be told."""
    first = check_date(window.start, (*path, "from"), problems)
    last = check_date(window.to, (*path, "to"), problems)
    if first is None or last is None:
        return set()
    if first > last:
        message = f"the window ends on {last}, before it begins on {first}"
        problems.at((*path, "to"), "E-WINDOW", message, hint="exchange from and to")
        return set()
    if (last - first).days >= NIGHTS_MAX:
        count = (last - first).days + 1
        message = f"the window has {count} nights, at most {NIGHTS_MAX} can be simulated"
        problems.at((*path, "to"), "E-WINDOW", message)
        return set()
    return set() if window.hidden else set(window.nights)


# -- objectives and what is expected of them ----------------------------------------------------


def _check_objectives(parts: Mapping[str, Any], problems: Problems) -> list[str]:
    """The ids in the order of the file."""
    ids: list[str] = []
    for index, objective in enumerate(parts.get("objectives", [])):
        if objective.id in ids:
            message = f'the objective "{objective.id}" is there twice'
            problems.at(("objectives", index, "id"), "E-OBJECTIVE-TWICE", message)
        ids.append(objective.id)
        _check_kind(objective, ("objectives", index), problems)
        if "world" in parts:
            _check_names(objective, ("objectives", index), parts["world"], problems)
            _check_truth(objective, ("objectives", index), parts["world"], problems)
        _check_tasks_on_time(objective, ("objectives", index), problems)
        check_external_calls(objective, ("objectives", index), parts.get("world"), problems)
        asked = objective.idempotent
        if asked is not None and not 1 <= asked.schedules <= SCHEDULES_MAX:
            place = ("objectives", index, "idempotent", "schedules")
            message = f"{asked.schedules} is out of range: it must be from 1 to {SCHEDULES_MAX}"
            problems.at(place, "E-RANGE", message)
        searched = asked or objective.survives
        if searched is not None and not 0 <= searched.plans <= PLANS_MAX:
            place = ("objectives", index, objective.kind, "plans")
            message = f"{searched.plans} is out of range: it must be from 0 to {PLANS_MAX}"
            problems.at(place, "E-RANGE", message)
    if "objectives" in parts and not ids:
        problems.at_key(
            ("objectives",), "E-OBJECTIVES", "there is no objective", hint="add at least one"
        )
    return ids


def _check_kind(objective: Objective, path: Path, problems: Problems) -> None:
    given = [kind for kind in KINDS if problems.has((*path, kind))]
    if not given:
        hint = f"add one of {', '.join(KINDS)}"
        problems.at_key(path, "E-OBJECTIVE-KIND", "the objective expects nothing", hint=hint)
    elif len(given) > 1:
        message = f"an objective expects one thing, here it is {' and '.join(given)}"
        hint = "make an objective of each"
        problems.at_key((*path, given[1]), "E-OBJECTIVE-KIND", message, hint=hint)
    asked = objective.never_published
    bounds = ("equals", "below_truth", "above_truth")
    place = (*path, "never_published")
    if asked is not None and not any(problems.has((*place, bound)) for bound in bounds):
        message = "it is not said which figure must never be published"
        hint = "add equals: …, below_truth: … or above_truth: …"
        problems.at_key(place, "E-OBJECTIVE-KIND", message, hint=hint)


def _check_tasks_on_time(objective: Objective, path: Path, problems: Problems) -> None:
    for kind in ("ended_by", "slot_wait", "starts_within"):
        asked = getattr(objective, kind)
        if asked is not None and not asked.tasks:
            hint = "name at least one task"
            problems.at((*path, kind, "tasks"), "E-RANGE", "it is about no task", hint=hint)
    wait = objective.slot_wait
    if wait is not None and not 0 < wait.percentile <= 100:  # noqa: PLR2004 - per cent
        message = f"{wait.percentile:g} is out of range: it must be above 0 and at most 100"
        problems.at((*path, "slot_wait", "percentile"), "E-RANGE", message)


def _check_names(objective: Objective, path: Path, world: World, problems: Problems) -> None:
    """The tables, figures, people and times that an objective of any type names."""
    for kind in objective.__struct_fields__:
        asked = getattr(objective, kind)
        if not isinstance(asked, Struct):
            continue
        place = (*path, kind)
        table, figure = getattr(asked, "table", None), getattr(asked, "figure", None)
        if table is not None:
            check_reference(
                table,
                world.tables,
                (*place, "table"),
                problems,
                code="E-TABLE-UNKNOWN",
                what="table",
            )
        source = getattr(asked, "source", None)
        if source is not None:
            check_reference(
                source,
                world.sources,
                (*place, "source"),
                problems,
                code="E-SOURCE-UNKNOWN",
                what="source",
            )
        if figure is not None and table in world.tables:
            columns = world.tables[table].columns
            check_reference(
                figure,
                columns,
                (*place, "figure"),
                problems,
                code="E-COLUMN-UNKNOWN",
                what="column",
            )
        person = getattr(asked, "person", None)
        if person is not None:
            check_reference(
                person,
                world.people,
                (*place, "person"),
                problems,
                code="E-PERSON-UNKNOWN",
                what="person",
            )
        for index, night in enumerate(getattr(asked, "nights", ())):
            check_date(night, (*place, "nights", index), problems)
        since = getattr(asked, "since", None)
        if since is not None:
            check_date(since, (*place, "since"), problems)
        at = getattr(asked, "at", None)
        if isinstance(at, str):
            check_time_of_day(at, (*place, "at"), problems)


_COMPARED = (
    "equals_truth",
    "rerun_equals_truth",
    "rerun_reads",
    "always_equals_truth",
    "idempotent",
    "survives",
    "never_published",
)
"""Kinds of objective that compare a table with its truth."""


def _check_truth(objective: Objective, path: Path, world: World, problems: Problems) -> None:
    """An objective that compares with the truth is about a table that has one."""
    compared: dict[str, str | None] = {}
    for kind in _COMPARED:
        asked = getattr(objective, kind)
        if kind == "never_published" and asked is not None:
            asked = asked if {asked.below_truth, asked.above_truth} != {None} else None
        if asked is not None:
            compared[kind] = asked.table
    person = objective.read_equals_truth and world.people.get(objective.read_equals_truth.person)
    if person:
        compared["read_equals_truth"] = None if person.reads is None else person.reads.table
    for kind, name in compared.items():
        if name is None:
            message, hint = "this person reads nothing", "add reads: {table: …, figure: …, at: …}"
            problems.at((*path, kind, "person"), "E-TRUTH-MISSING", message, hint=hint)
        elif name in world.tables and world.tables[name].truth is None:
            message = f'the table "{name}" has no truth to compare with'
            hint = f"add world.tables.{name}.truth, a SELECT over the sources"
            problems.at_key((*path, kind), "E-TRUTH-MISSING", message, hint=hint)


def _check_expect(
    expect: Expect, ids: list[str], traps: Mapping[str, FilePath], problems: Problems
) -> None:
    for key, named in (("fails", expect.config.fails), ("passes", expect.config.passes)):
        _check_ids(named, ids, ("expect", "config", key), problems)
    both = [name for name in expect.config.fails if name in expect.config.passes]
    for name in both:
        place = ("expect", "config", "passes", expect.config.passes.index(name))
        problems.at(place, "E-EXPECT", f"{name} cannot both fail and pass")
    for name, named in expect.traps.items():
        path: Path = ("expect", "traps", name)
        _check_ids(named, ids, path, problems)
        if not named:
            problems.at(path, "E-EXPECT", f"the trap {name} names no objective that it misses")
        if name not in traps:
            message = f"there is no file traps/{name}.yaml"
            problems.at_key(
                path, "W-FILE-MISSING", message, hint=did_you_mean(name, traps), severity="warning"
            )
    for name in traps:
        if name not in expect.traps:
            hint = f"add {name}: [objectives that it misses]"
            message = f"traps/{name}.yaml is not proved: expect.traps does not name it"
            problems.at_key(
                ("expect", "traps"), "W-TRAP-UNPROVED", message, hint=hint, severity="warning"
            )


def _check_ids(named: Iterable[str], ids: list[str], path: Path, problems: Problems) -> None:
    for index, name in enumerate(named):
        if name not in ids:
            hint = did_you_mean(name, ids)
            problems.at(
                (*path, index),
                "E-OBJECTIVE-UNKNOWN",
                f'objective "{name}" is not defined',
                hint=hint,
            )
