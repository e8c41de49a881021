"""What a config's heartbeats mean: their alert is there, spans and schedules parse, who pings.

A heartbeat that nothing pings is no mistake of form: it pages once, as a real one would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import zone
from sim.kernel.cron_expression import parse_cron
from sim.kernel.cron_fields import CronSyntaxError
from sim.scenario.check_text import check_reference, check_span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.platform.config import Heartbeat, TaskWiring
    from sim.scenario.check_wiring import Draft
    from sim.scenario.problems import Path


def check_heartbeats(
    heartbeats: Mapping[str, Heartbeat], tasks: Mapping[str, TaskWiring], draft: Draft
) -> None:
    """Each heartbeat, and each task that pings one."""
    problems = draft.problems
    for name, one in heartbeats.items():
        path: Path = ("heartbeats", name)
        check_reference(
            one.alert,
            draft.alerts,
            (*path, "alert"),
            problems,
            code="E-ALERT-UNKNOWN",
            what="alert",
        )
        for key in ("period", "grace"):
            if getattr(one, key) is not None:
                check_span(getattr(one, key), (*path, key), problems)
        _check_schedule(one, path, draft)
    for name, task in tasks.items():
        if task.heartbeat is not None:
            check_reference(
                task.heartbeat,
                draft.heartbeats,
                ("tasks", name, "heartbeat"),
                problems,
                code="E-HEARTBEAT-UNKNOWN",
                what="heartbeat",
            )


def _check_schedule(one: Heartbeat, path: Path, draft: Draft) -> None:
    problems = draft.problems
    if one.timezone is not None:
        try:
            zone(one.timezone)
        except ValueError as error:
            hint = "an IANA name such as Europe/Madrid"
            problems.at((*path, "timezone"), "E-TIMEZONE", str(error), hint=hint)
    if one.schedule is None:
        return
    if one.period is not None:
        message = "a heartbeat has a period or a schedule, not both"
        problems.at((*path, "period"), "E-HEARTBEAT", message, hint="take one of them out")
    try:
        parse_cron(one.schedule, dialect="vixie")
    except CronSyntaxError as error:
        place = (*path, "schedule")
        problems.in_text(place, 1, error.position + 1, "E-CRON", error.message, hint=error.hint)
