"""What moves from one release of an orchestrator to the next for a config, with instances.

Both releases are simulated in the same world. What the config alone tells (`moves`) is shown with
the first pair of runs that differs; an operator's actions are tried in both. Nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sim.engine.orchestrators import title
from sim.engine.simulate import simulate
from sim.errors import ScenarioError, UsageError
from sim.kernel.calendar import DAY, HOUR
from sim.model.facts import Fact
from sim.model.interventions import Backfill, Trigger
from sim.model.states import TaskState
from sim.orchestrators.registry import ORCHESTRATORS
from sim.session.compare.differences import differences
from sim.session.compare.moves import moves_of
from sim.session.compare.played import play
from sim.session.compare.rules import rules_of
from sim.session.compare.sides import Side, loaded, versions, with_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.kernel.journal import Journal
    from sim.model.diagnostics import Diagnostic
    from sim.model.interventions import Intervention
    from sim.scenario.schema import Scenario
    from sim.session.compare.differences import Difference
    from sim.session.compare.moves.move import Moved
    from sim.session.compare.played import Played
    from sim.session.compare.rules.rule import Rule, Topic

_BACKFILLED = 3
"""How many dates the backfill that is tried covers."""


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A run, as the journal has it."""

    run_id: str
    created: int
    logical_date: int | None
    interval: tuple[int, int] | None
    data_dates: tuple[str, ...]
    """Business days that its tasks asked for."""
    failed: int = 0
    """Task instances of it that did not end well."""


@dataclass(frozen=True, slots=True)
class Instance:
    """The first pair that differs; None on a side on which there is no such run."""

    before: SeenRun | None
    after: SeenRun | None


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that moves by itself, in nights in which nobody does anything."""

    moved: Moved
    instance: Instance | None
    """None: these nights have no instance of it."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """What an operator's action does in each release."""

    action: Topic
    """`backfill` or `manual_run`."""
    pipeline: str
    rules: tuple[Rule, ...]
    before: tuple[SeenRun, ...]
    after: tuple[SeenRun, ...]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Everything that moves for one config."""

    before: str
    """The older release, `Airflow 2.11.2`."""
    after: str
    refused: tuple[Diagnostic, ...]
    """What the newer release does not take; then nothing else is known."""
    moves: tuple[Move, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    differences: tuple[Difference, ...] = ()
    """Everything that differs in the nights, as `compare` tells it."""

    @property
    def moves_by_itself(self) -> bool:
        """Whether anything moves although nobody does anything."""
        return bool(self.refused or self.moves or self.differences)


def upgrade_of(scenario: Scenario, text: str, file: str, *, window: str | None = None) -> Upgrade:
    """What moves for the config in `text`.

    Raises `UsageError` when its orchestrator has one release only, `ScenarioError` for a config
    that even the older one refuses.
    """
    config = loaded(scenario, text, file)
    known = versions(ORCHESTRATORS[config.orchestrator].struct)
    if len(known) < 2:  # noqa: PLR2004 - from one to another
        message = f"{title(config)} has no releases to go between"
        hint = "name a config of an orchestrator that has: --config FILE"
        raise UsageError(message, hint)
    older = with_version(scenario, text, file, known[0])
    try:
        newer = with_version(scenario, text, file, known[-1])
    except ScenarioError as error:
        wanted = replace(older, settings=replace(older.settings, version=known[-1]))
        return Upgrade(title(older), title(wanted), tuple(error.diagnostics))
    sides = [
        Side(str(number), title(one), one, file, text)
        for number, one in ((known[0], older), (known[-1], newer))
    ]
    before, after = play(scenario, sides, window=window)
    moves = tuple(Move(moved, _instance(before, after, moved)) for moved in moves_of(older, newer))
    return Upgrade(
        title(older),
        title(newer),
        (),
        moves,
        tuple(_by_hand(scenario, (before, after))),
        differences((before, after)),
    )


# -- instances ------------------------------------------------------------------------------


def _instance(before: Played, after: Played, moved: Moved) -> Instance | None:
    """The first runs of the pipeline that differ, in order of their creation."""
    if moved.topic == "sla":
        return _missed(before, moved.pipeline)
    each = [
        _runs(one.replay.journal, moved.pipeline, since=one.replay.start, until=one.replay.end)
        for one in (before, after)
    ]
    if moved.topic == "catchup":
        return _made_up(*each)
    for number in range(max(map(len, each))):
        pair = [runs[number] if number < len(runs) else None for runs in each]
        old, new = pair
        if old is None or new is None or _meaning(old) != _meaning(new):
            return Instance(old, new)
    return None


def _meaning(run: SeenRun) -> tuple[object, ...]:
    return run.logical_date, run.interval, run.data_dates


def _made_up(before: Sequence[SeenRun], after: Sequence[SeenRun]) -> Instance | None:
    """The first run that was made up for in the older release and is not there in the newer."""
    known = {day for run in after for day in run.data_dates}
    for run in before:
        late = run.interval is not None and run.created - run.interval[1] >= DAY
        if late and not known & set(run.data_dates):
            return Instance(run, None)
    return None


def _missed(before: Played, pipeline: str) -> Instance | None:
    """The first miss that the older release tells of: the run that it is about."""
    journal = before.replay.journal
    for row in journal.rows(Fact.SLA_MISS, until=before.replay.end):
        if journal.name(row.entity) == pipeline:
            runs = _runs(journal, pipeline, since=before.replay.start, until=row.time + 1)
            about = [run for run in runs if run.logical_date == row.value]
            return Instance(about[-1] if about else None, None)
    return None


def _runs(journal: Journal, pipeline: str, *, since: int, until: int) -> list[SeenRun]:
    """The runs of a pipeline that came into being within a span."""
    dates: dict[int, set[str]] = {}
    for row in journal.rows(Fact.SOURCE_READ, Fact.FILE_READ, since=since):
        if "data_date" in row.detail:  # a file may not be there
            dates.setdefault(journal.who(row.entity).parent, set()).add(row.detail["data_date"])
    failed: dict[int, dict[int, bool]] = {}
    for row in journal.rows(Fact.TASK_STATE, since=since):
        bad = row.value % 256 in {TaskState.FAILED, TaskState.UPSTREAM_FAILED}
        failed.setdefault(journal.who(row.entity).parent, {})[row.entity] = bad
    found: dict[int, SeenRun] = {}
    for row in journal.rows(Fact.RUN_STATE, since=since, until=until):
        run, detail = journal.who(row.entity), row.detail
        if row.entity in found or journal.name(run.parent) != pipeline:
            continue
        if "run_type" not in detail:
            continue
        start, end = detail.get("data_interval_start"), detail.get("data_interval_end")
        found[row.entity] = SeenRun(
            run.name,
            row.time,
            detail.get("logical_date"),
            None if start is None or end is None else (start, end),
            tuple(sorted(dates.get(row.entity, ()))),
            sum(failed.get(row.entity, {}).values()),
        )
    return list(found.values())


# -- by hand --------------------------------------------------------------------------------


def _by_hand(scenario: Scenario, sides: Sequence[Played]) -> list[ByHand]:
    """A backfill of some dates and a run by hand of the first pipeline that ran, in both."""
    replay = sides[0].replay
    pipeline = _first_pipeline(sides[0])
    if pipeline is None:
        return []
    at = replay.end + 10 * HOUR
    days = [replay.data_date(night) for night in replay.nights[-_BACKFILLED:]]
    tried: list[tuple[Topic, Intervention]] = [
        ("backfill", Backfill(at=at, pipeline=pipeline, first=days[0], last=days[-1])),
        ("manual_run", Trigger(at=at, pipeline=pipeline)),
    ]
    found = []
    for action, intervention in tried:
        each = [
            _runs(
                simulate(
                    scenario, one.side.config, window=replay.window, interventions=[intervention]
                ),
                pipeline,
                since=at,
                until=at + DAY,
            )
            for one in sides
        ]
        if [_outcome(run) for run in each[0]] == [_outcome(run) for run in each[1]]:
            continue
        known = [rules_of(one.side.config, [pipeline]).get(action) for one in sides]
        cited = tuple(rule for rule in known if rule is not None)
        found.append(ByHand(action, pipeline, cited, tuple(each[0]), tuple(each[1])))
    return found


def _outcome(run: SeenRun) -> tuple[object, ...]:
    return run.logical_date, run.interval, run.data_dates, run.failed


def _first_pipeline(played: Played) -> str | None:
    journal, replay = played.replay.journal, played.replay
    for row in journal.rows(Fact.RUN_STATE, since=replay.start, until=replay.end):
        if row.detail.get("run_type") == "scheduled":
            return journal.name(journal.who(row.entity).parent)
    return None
