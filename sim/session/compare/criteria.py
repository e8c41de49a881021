"""Seven criteria by which people choose an orchestrator, as figures of a side.

Each is counted or simulated, never estimated; where that cannot be done, it says why by a code.
What a backfill takes and what a hundred pipelines cost are simulations of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sim.engine.orchestrators import capacity, pipelines
from sim.engine.simulate import simulate
from sim.engine.window import span_of
from sim.kernel.calendar import DAY, HOUR, MINUTE
from sim.model.facts import Fact
from sim.model.interventions import Backfill, Rerun
from sim.model.states import FINISHED, TaskState
from sim.orchestrators.registry import ORCHESTRATORS
from sim.platform.lineage import tasks_behind
from sim.scenario.yaml_reader import read_yaml
from sim.session.compare.traits import copied, declared
from sim.views.ledger.build import ledger_of
from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.journal import Journal
    from sim.model.interventions import Intervention
    from sim.scenario.schema import Scenario
    from sim.session.compare.played import Played
    from sim.session.compare.traits import Edge

COPIES = 100
"""To how many pipelines it is grown."""
_PLAY_OUT = 14 * DAY
"""How long a backfill may take."""
_WORK = frozenset(
    {
        Reason.RUNNING,
        Reason.SCHEDULE,
        Reason.UPSTREAM,
        Reason.RETRY_DELAY,
        Reason.SENSOR_POKE,
        Reason.DEFERRAL,
        Reason.HUMAN,
        Reason.DEPENDS_ON_PAST,
        Reason.TRIGGER_RULE,
        Reason.PAUSED,
    }
)
"""Time that passes for the work's sake or because the config wants it; the rest is overhead."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of one side: `criterion.NAME` in the words, with its figures."""

    name: str
    """`lines`, `keys`, `setup`, `failure`, `backfill`, `growth`, `lineage`."""
    figures: Mapping[str, Any]
    why_not: str = ""
    """Code of why there is no figure; empty: there is one."""


def criteria(scenario: Scenario, played: Played) -> tuple[Criterion, ...]:
    """All seven, in this order. Raises `LimitError` when a simulation exceeds a bound."""
    return (
        *_size(played),
        _setup(played),
        _failure(played),
        _backfill(scenario, played),
        _growth(scenario, played),
        _lineage(scenario, played),
    )


# -- counted --------------------------------------------------------------------------------


def _size(played: Played) -> tuple[Criterion, Criterion]:
    """Lines that are neither empty nor a comment, and keys with a value."""
    lines = [line.strip() for line in played.side.text.splitlines()]
    said = sum(bool(line) and not line.startswith("#") for line in lines)
    root = read_yaml(played.side.text, source=played.side.file).root
    keys = 0 if root is None else _leaves(root.plain())
    return Criterion("lines", {"lines": said}), Criterion("keys", {"keys": keys})


def _leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_leaves, value.values())) or 1
    if isinstance(value, list):
        return sum(map(_leaves, value)) or 1
    return 1


def _setup(played: Played) -> Criterion:
    """What must exist before the first night: things with a name, and machines that stand."""
    config = played.side.config
    ready = capacity(config)
    parts = {
        "pipelines": len(pipelines(config)),
        "tasks": len(config.tasks),
        "checks": len(config.checks),
        "alerts": len(config.alerts),
        "machines": 1 + max(0, ready.schedulers - 1) + len(ready.workers),
        "database": int("metadata_database" in ORCHESTRATORS[config.orchestrator].abilities),
    }
    return Criterion("setup", {"objects": sum(parts.values()), **parts})


def _lineage(scenario: Scenario, played: Played) -> Criterion:
    """How many of the edges between tables that the SQL reads the config itself declares."""
    true = read_edges(scenario, played)
    said = declared(played.side.config)
    if said is None:
        return Criterion("lineage", {}, "not_known")
    if not true:
        return Criterion("lineage", {}, "no_edges")
    found = len(true & _between_tables(scenario, played, said))
    return Criterion(
        "lineage", {"found": found, "edges": len(true), "recall": round(found / len(true), 3)}
    )


def _between_tables(scenario: Scenario, played: Played, said: frozenset[Edge]) -> frozenset[Edge]:
    """What is declared, from table to table.

    An asset that writes a table stands for that, one that hands on a file for the source it reads.
    """
    tasks, work = played.side.config.tasks, scenario.world.work
    reached = set(said)
    while True:
        more = {(a, d) for a, b in reached for c, d in reached if b == c} - reached
        if not more:
            break
        reached |= more

    def stands_for(name: str) -> str | None:
        wiring = tasks.get(name)
        return name if wiring is None else wiring.table or work[wiring.work].reads

    pairs = {(stands_for(before), stands_for(after)) for before, after in reached}
    return frozenset((a, b) for a, b in pairs if a is not None and b is not None and a != b)


def read_edges(scenario: Scenario, played: Played) -> frozenset[Edge]:
    """From each source and table that is read on the way to a table, to that table."""
    tasks, work = played.side.config.tasks, scenario.world.work
    edges: set[Edge] = set()
    for table, names in tasks_behind(tasks).items():
        for name in names:
            source = work[tasks[name].work].reads
            if source is not None:
                edges.add((source, table))
            sql = tasks[name].sql or ""
            edges |= {
                (other, table)
                for other in scenario.world.tables
                if other != table and re.search(rf"(?<![\w.]){re.escape(other)}\b", sql)
            }
    return frozenset(edges)


# -- how a failure is found -----------------------------------------------------------------


def _failure(played: Played) -> Criterion:
    """From the end of a try that failed, or went on with bad data, until something shows it.

    The tool's own records are states and checks that it keeps itself: an orchestrator without a
    database of its own keeps none.
    """
    keeps = "metadata_database" in ORCHESTRATORS[played.side.config.orchestrator].abilities
    failing = _failing(played)
    if not failing:
        return Criterion("failure", {}, "nothing_failed")
    journal, end = played.replay.journal, played.replay.end
    shown: list[int] = []
    for day, at in failing.items():
        records = _recorded(journal, day, at, end) if keeps else []
        seen = [*records, *_alerted(journal, day, at, end)]
        if seen:
            shown.append(min(seen) - at)
    shown.sort()
    median = shown[len(shown) // 2] if shown else None
    return Criterion(
        "failure",
        {"failures": len(failing), "shown": len(shown), "median_us": median},
        "" if shown else "never_shown",
    )


def _failing(played: Played) -> dict[str, int]:
    """By data date the first failing fact."""
    journal = played.replay.journal
    found: dict[str, int] = {}
    for one in played.nights.extracts:
        if one.bad and one.ended_at is not None and one.ended_at < played.replay.end:
            found[one.data_date] = min(one.ended_at, found.get(one.data_date, one.ended_at))
    dates = {row.entity: row.detail["data_date"] for row in journal.rows(Fact.SOURCE_READ)}
    for row in journal.rows(Fact.TASK_STATE, until=played.replay.end):
        failed = row.value % 256 in {TaskState.FAILED, TaskState.UP_FOR_RETRY}
        if failed and row.entity in dates:
            day = dates[row.entity]
            found[day] = min(row.time, found.get(day, row.time))
    return found


def _recorded(journal: Journal, day: str, since: int, until: int) -> list[int]:
    dates = {row.entity: row.detail["data_date"] for row in journal.rows(Fact.SOURCE_READ)}
    return [
        row.time
        for row in journal.rows(Fact.TASK_STATE, since=since, until=until)
        if row.value % 256 in {TaskState.FAILED, TaskState.UP_FOR_RETRY}
        and dates.get(row.entity) == day
    ][:1]


def _alerted(journal: Journal, day: str, since: int, until: int) -> list[int]:
    return [
        row.time
        for row in journal.rows(Fact.ALERT, since=since, until=until)
        if row.detail["data_date"] == day and row.detail["status"] == "sent"
    ][:1]


# -- simulated ------------------------------------------------------------------------------


def _backfill(scenario: Scenario, played: Played) -> Criterion:
    """Every data date of the nights once more: actions, minutes, and how many are right after."""
    replay, config = played.replay, played.side.config
    days = [replay.data_date(night) for night in replay.nights]
    at = replay.end + 10 * HOUR
    actions: list[Intervention] = [
        Backfill(at=at, pipeline=name, first=days[0], last=days[-1], reprocess="completed")
        for name in _backfilled(played)
    ]
    if not actions:
        return Criterion("backfill", {}, "no_runs")
    journal = simulate(
        scenario, config, window=replay.window, interventions=actions, epilogue=_PLAY_OUT
    )
    if _all_refused(journal, at):
        apart = _longest_run(played)
        again = [Rerun(at=at + number * apart, data_date=day) for number, day in enumerate(days)]
        journal = simulate(
            scenario, config, window=replay.window, interventions=again, epilogue=_PLAY_OUT
        )
        asked, actions = _refusals(journal, at), [*again]
        if asked:
            return Criterion("backfill", {"by": asked[0]}, "refused")
    states = list(journal.rows(Fact.TASK_STATE, since=at))
    if not states:
        return Criterion("backfill", {}, "nothing_happened")
    right = {
        (journal.name(row.entity), day): facts["digest"]
        for row in journal.rows(Fact.PUBLISHED)
        for day, facts in row.detail["partitions"].items()
    }
    wanted = {
        (table, day): facts.digest
        for table, by_day in replay.truth.items()
        for day, facts in by_day.items()
        if day in days
    }
    last = states[-1]
    return Criterion(
        "backfill",
        {
            "actions": len(actions),
            "minutes": round((last.time - at) / MINUTE, 1),
            "right": sum(right.get(key) == digest for key, digest in wanted.items()),
            "partitions": len(wanted),
            "over": last.value % 256 in FINISHED,
        },
    )


def _all_refused(journal: Journal, since: int) -> bool:
    asked = [row for row in journal.rows(Fact.INTERVENTION) if row.time >= since]
    return bool(asked) and len(_refusals(journal, since)) == len(asked)


def _refusals(journal: Journal, since: int) -> list[str]:
    rows = journal.rows(Fact.INTERVENTION, since=since)
    return [row.detail["refused"] for row in rows if "refused" in row.detail]


def _longest_run(played: Played) -> int:
    """How long the longest run of the nights took: one date after the other is so far apart."""
    spans = [
        max(change.at for tis in run.tasks.values() for ti in tis for change in ti.changes)
        - run.created
        for run in played.ledger.story.runs.values()
        if any(ti.changes for tis in run.tasks.values() for ti in tis)
        and run.created < played.replay.end
    ]
    longest = max((span for span in spans if span < DAY), default=HOUR)
    return longest - longest % MINUTE + MINUTE


def _backfilled(played: Played) -> tuple[str, ...]:
    """The pipelines that an operator names: those that published.

    One is enough where a loop in a shell goes through the whole chain.
    """
    journal = played.replay.journal
    names = []
    for one in played.nights.publications:
        instance = journal[one.row].detail.get("task_instance")
        run = -1 if instance is None else journal.who(instance).parent
        if run >= 0 and played.replay.start <= one.at < played.replay.end:
            names.append(journal.name(journal.who(run).parent))
    found = tuple(dict.fromkeys(names))
    by_pipeline = "backfill" in ORCHESTRATORS[played.side.config.orchestrator].abilities
    return found if by_pipeline else found[:1]


def _growth(scenario: Scenario, played: Played) -> Criterion:
    """Waits that are no work, as a share of work, of one night alone and a hundred times.

    Nothing is done by hand. Copies keep the names of locks, pools and files: how many tasks ran of
    those that were there is told beside.
    """
    grown = copied(played.side.config, COPIES)
    if grown is None:
        return Criterion("growth", {}, "not_known")
    shares, ran, there = [], [], []
    night = scenario.clock.shown[0]
    span = span_of(scenario, night)
    untouched = replace(scenario, actions=())
    for config in (played.side.config, grown):
        journal = simulate(untouched, replace(config, runbook=()), window=night)
        ledger = ledger_of(journal, config.orchestrator, config.settings, now=span.end)
        waited = worked = 0
        started: set[int] = set()
        for entity in ledger.story.tasks:
            for wait in ledger.waits(entity):
                inside = max(0, min(wait.end, span.end) - max(wait.start, span.start))
                if wait.reason is Reason.RUNNING and inside > 0:
                    worked += inside
                    started.add(entity)
                # a script that does something else is its own doing, not cron's
                waited += inside if wait.reason not in _WORK and wait.blocker != "shell" else 0
        if not worked:
            return Criterion("growth", {}, "no_runs")
        shares.append(round(waited / worked, 4))
        ran.append(len(started))
        there.append(len(ledger.story.tasks))
    figures = {"one": shares[0], "many": shares[1], "ran": ran[1], "asked": COPIES * there[0]}
    return Criterion("growth", {**figures, "copies": COPIES})
