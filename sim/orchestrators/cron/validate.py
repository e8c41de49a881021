"""What is wrong with a `cron:` section, beyond its keys and types, with the place in its texts.

Each answer is (path, line, column, code, message, hint) for a place inside a text, or (path, code,
message, hint); paths start below `cron`. Codes that begin with `W-` are warnings. It finds
everything in one pass and raises nothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span, zone
from sim.orchestrators.cron.catalog import ANACRON, anacrontab_of, catalog_of
from sim.orchestrators.cron.crontab import parse_crontab
from sim.platform.shell.check import Texts, check_circles, nearest, place_in
from sim.platform.shell.names import calls_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sim.orchestrators.cron.catalog import Catalog
    from sim.orchestrators.cron.config import CronConfig
    from sim.orchestrators.cron.crontab import Entry

    Found = tuple[object, ...]


def validate(
    config: CronConfig,
    *,
    tasks: Collection[str],
    alerts: Collection[str],
    heartbeats: Collection[str] = (),
    timezone: str,  # noqa: ARG001 - the world's, which the scenario's own check looks at
) -> Iterator[Found]:
    """Every problem of the section."""
    yield from _check_settings(config, alerts)
    catalog = catalog_of(config, tasks)
    texts = Texts(catalog.names, alerts, heartbeats)
    yield from _check_crontab(config, texts)
    yield from _check_anacrontab(config, catalog, texts)
    for name, text in config.scripts.items():
        yield from texts.check(("scripts", name), text, partial(place_in, text))
    yield from check_circles(catalog.names)


def _check_crontab(config: CronConfig, texts: Texts) -> Iterator[Found]:
    crontab = parse_crontab(config.crontab)
    for problem in crontab.problems:
        place = (problem.line, problem.column)
        yield ("crontab",), *place, problem.code, problem.message, problem.hint
    if not crontab.entries and not crontab.problems and config.anacrontab is None:
        message = "the crontab starts nothing"
        yield ("crontab",), "W-CRONTAB-EMPTY", message, "add a line such as 0 3 * * * /opt/job.sh"
    for entry in crontab.entries:
        if entry.schedule is not None and not entry.schedule.possible:
            place = (entry.line, entry.schedule_column)
            message = f'"{entry.schedule_text}" never comes: no such day exists'
            hint = "look at the day of month and the month"
            yield ("crontab",), *place, "W-CRON-NEVER", message, hint
        yield from texts.check(("crontab",), entry.command, partial(_in_entry, entry))


def _check_anacrontab(config: CronConfig, catalog: Catalog, texts: Texts) -> Iterator[Found]:
    anacrontab = anacrontab_of(config)
    if anacrontab is None:
        return
    for problem in anacrontab.problems:
        place = (problem.line, problem.column)
        yield ("anacrontab",), *place, problem.code, problem.message, problem.hint
    if not anacrontab.jobs and not anacrontab.problems:
        message = "the anacrontab has no job"
        yield ("anacrontab",), "W-ANACRONTAB-EMPTY", message, "add one: 1 5 daily /opt/job.sh"
    for job in anacrontab.jobs:
        yield from texts.check(("anacrontab",), job.command, job.place)
    by_hand = config.anacron_start == "by_hand"
    if by_hand and anacrontab.jobs and not _calls_anacron(config, catalog):
        message = "nothing starts anacron: no line of the crontab calls it"
        hint = "add a line such as 30 7 * * * anacron -s, or leave anacron_start out"
        yield ("anacron_start",), "W-ANACRON-NO-START", message, hint


def _calls_anacron(config: CronConfig, catalog: Catalog) -> bool:
    """Whether a line of the crontab, or a script, names the command."""
    texts = [*(line.entry.command for line in catalog.lines), *config.scripts.values()]
    calls = [call for text in texts for call in calls_in(text)]
    return any(catalog.names.program_name(call.name) == ANACRON for call in calls)


def _check_settings(config: CronConfig, alerts: Collection[str]) -> Iterator[Found]:
    if config.timezone is not None:
        try:
            zone(config.timezone)
        except ValueError as error:
            hint = "an IANA name such as Europe/Madrid"
            yield ("timezone",), "E-TIMEZONE", str(error), hint
    try:
        parse_span(config.start_delay)
    except ValueError as error:
        yield ("start_delay",), "E-SPAN", str(error), "0s, 1s or 30s"
    if config.mail_to_alert is not None and config.mail_to_alert not in alerts:
        message = f'alert "{config.mail_to_alert}" is not defined'
        yield ("mail_to_alert",), "E-ALERT-UNKNOWN", message, nearest(config.mail_to_alert, alerts)


def _in_entry(entry: Entry, at: int) -> tuple[int, int]:
    """Line and column in the crontab of an index into an entry's command."""
    return entry.line, entry.columns[at]
