"""What a task must say that reads a span of a source: where it begins, and where it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.check_text import check_select, check_template

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.platform.config import TaskWiring
    from sim.scenario.problems import Path, Problems
    from sim.world.config import World


def check_span_of_source(
    task: TaskWiring, path: Path, world: World, problems: Problems, *, macros: Collection[str]
) -> None:
    """The source can be read so, one thing says where the span begins, and every text parses."""
    given = [key for key in ("since", "watermark", "until") if problems.has((*path, key))]
    if not given:
        return
    work = world.work.get(task.work)
    source = None if work is None or work.reads is None else world.sources.get(work.reads)
    if work is not None and (source is None or not source.steady):
        message = f"{given[0]} needs work that reads a steady source"
        hint = "leave it out: the whole business day is read"
        problems.at_key((*path, given[0]), "E-SPAN", message, hint=hint)
    if given == ["until"]:
        message = "until is given, but not where the span begins"
        problems.at_key((*path, "until"), "E-SPAN", message, hint="add since: … or watermark: …")
    if {"since", "watermark"} <= {*given}:
        message = "since and watermark both say where the span begins"
        problems.at_key((*path, "watermark"), "E-SPAN", message, hint="leave one of them out")
    if task.when_empty != "keep":
        message = "a span has no last date to fall back on"
        problems.at((*path, "when_empty"), "E-SPAN", message, hint="leave when_empty out")
    for key in given:
        text, place = getattr(task, key), (*path, key)
        if text is None or not check_template(text, place, problems, names=macros):
            continue
        if key == "watermark":
            check_select(text, place, problems, tables=world.tables)
