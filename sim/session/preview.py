"""The preview of a runbook: what people plan to do by hand, before they do it.

No estimate: the window is simulated as the config has it and once more without its runbook, by the
code that runs both, and what differs is told. Values only; nothing here is judged.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from sim.engine.replay import replay
from sim.model.facts import Entity, Fact
from sim.model.states import RunState
from sim.objectives.cost import Bill, bill
from sim.objectives.evaluate import evaluate
from sim.objectives.published import same, standing, true_partition
from sim.views.ledger.build import ledger_of
from sim.views.ledger.reasons import Reason
from sim.views.nights import nights_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.journal import Row
    from sim.model.interventions import Intervention
    from sim.scenario.schema import Config, Scenario
    from sim.views.nights import Nights
    from sim.views.replay import Replay

_NEEDS_MORE = ("rerun_", "idempotent", "external_calls")
"""Objectives about what else could happen, and not about this window."""
_WORDS = {"setpool": "set_pool"}
_OVER = frozenset({RunState.SUCCESS, RunState.FAILED})


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run that an action brings about."""

    pipeline: str
    run_id: str
    logical_date: int | None
    created: bool
    """Whether it would not be there otherwise; a run that is there is done again."""
    asked_at: int
    started: int | None
    """None: not within the window."""
    ended: int | None
    """None: not within the window."""
    state: RunState


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action of the runbook and what becomes of it."""

    action: Intervention
    refused: str | None
    """Why the orchestrator says no, in its word; None: it does not."""
    runs: tuple[PlannedRun, ...]
    """In the order in which they start."""
    left_alone: Mapping[str, str]
    """Logical date, ISO -> why nothing is done about its run."""

    @property
    def ends(self) -> int | None:
        """When its last run is over; None: not within the window, or it has none."""
        ends = [run.ended for run in self.runs]
        return None if not ends or None in ends else max(end for end in ends if end is not None)

    @property
    def at_once(self) -> int:
        """How many of its runs are under way at once, at most."""
        steps = [(run.started, 1) for run in self.runs if run.started is not None]
        steps += [(run.ended, -1) for run in self.runs if run.ended is not None]
        running = most = 0
        for _, step in sorted(steps):
            running += step
            most = max(most, running)
        return most


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One partition that runs of the runbook write."""

    table: str
    data_date: str
    versions: int
    """How many versions readers get of it by these runs; 1 when it changes once."""
    gone: int
    """How often it vanishes."""
    right: bool | None
    """Whether it holds the truth at the end; None: no truth is known of it."""


@dataclass(frozen=True, slots=True)
class MovedRun:
    """A run that nobody asked for by hand, and that ends at another time."""

    pipeline: str
    run_id: str
    before: int | None
    """When it ends without the runbook; None: not within the window."""
    after: int | None


@dataclass(frozen=True, slots=True)
class Longer:
    """One reason for which other runs take longer: a wait, or running itself."""

    reason: Reason
    blocker: str
    """The pool, the limit; empty: nothing in particular."""
    span: int
    """How much longer, over all task instances, microseconds."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A window with the runbook, beside the same window without it."""

    window: str
    start: int
    end: int
    actions: tuple[PlannedAction, ...]
    outside: tuple[Intervention, ...]
    """Actions that do not lie in this window."""
    rewritten: tuple[Rewritten, ...]
    moved: tuple[MovedRun, ...]
    longer: tuple[Longer, ...]
    cost: tuple[Bill, Bill]
    """Without and with it."""
    objectives: tuple[tuple[str, bool, bool], ...]
    """(id, met without it, met with it) of each that is about this window."""

    @property
    def ends(self) -> int | None:
        """When the last run of the last action is over; None: not within the window."""
        ends = [one.ends for one in self.actions if one.runs]
        return None if not ends or None in ends else max(end for end in ends if end is not None)


def preview(
    scenario: Scenario, config: Config, *, window: str | None = None, seed: int | None = None
) -> Preview:
    """What the config's runbook brings about in one window, the first by default."""
    plain = msgspec.structs.replace(config, runbook=())
    before = replay(scenario, plain, seed=seed, window=window)
    after = replay(scenario, config, seed=seed, window=window)
    nights = nights_of(before), nights_of(after)
    within = [one for one in config.runbook if after.start <= one.at < after.end]
    # the order of the journal is that of time, and of the file within an instant
    within.sort(key=lambda one: one.at)
    runs = _runs(after)
    planned = tuple(_planned(action, runs, after) for action in within)
    by_hand: dict[tuple[str, str], int] = {}
    for run in (run for one in planned for run in one.runs):
        by_hand.setdefault((run.pipeline, run.run_id), run.asked_at)
    return Preview(
        window=after.window,
        start=after.start,
        end=after.end,
        actions=planned,
        outside=tuple(one for one in config.runbook if one not in within),
        rewritten=_rewritten(after, nights[1], by_hand),
        moved=_moved(_runs(before), runs, by_hand),
        longer=_longer(config, (before, after), by_hand),
        cost=(bill(before, nights[0]), bill(after, nights[1])),
        objectives=tuple(
            (one.id, evaluate(one, before, nights[0]).met, evaluate(one, after, nights[1]).met)
            for one in scenario.objectives
            if not one.kind.startswith(_NEEDS_MORE)
        ),
    )


# -- runs -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    """What the journal says of one run."""

    pipeline: str
    run_id: str
    rows: list[Row] = field(default_factory=list)
    """Its changes of state within the window."""
    causes: dict[int, int] = field(default_factory=dict)
    """Row that made it, or a task instance of it, change -> when."""

    @property
    def ended(self) -> int | None:
        """When it was over for the last time; None: it is not."""
        last = self.rows[-1]
        return last.time if RunState(last.value) in _OVER else None


def _runs(replay: Replay) -> dict[int, _Run]:
    """Every run by its entity, in order of its first fact."""
    journal = replay.journal
    runs: dict[int, _Run] = {}
    for row in journal.rows(Fact.RUN_STATE, Fact.TASK_STATE):
        if row.time >= replay.end:
            break
        entity = row.entity
        if row.fact is Fact.TASK_STATE:
            entity = journal.who(entity).parent
        else:
            who = journal.who(entity)
            run = runs.setdefault(entity, _Run(journal.name(who.parent), who.name))
            run.rows.append(row)
        if entity in runs:
            runs[entity].causes.setdefault(row.cause, row.time)
    return runs


def _planned(action: Intervention, runs: Mapping[int, _Run], after: Replay) -> PlannedAction:
    rows = _told(action, after)
    asked = {row.index for row in rows}
    refused = [str(row.detail["refused"]) for row in rows if "refused" in row.detail]
    left: dict[str, str] = {}
    for row in rows:
        left |= row.detail.get("left_alone", {})
    found = [
        _planned_run(run, cause) for run in runs.values() for cause in run.causes if cause in asked
    ]
    found.sort(key=lambda run: (run.started is None, run.started or 0, run.asked_at))
    return PlannedAction(
        action=action,
        refused=refused[0] if refused and len(refused) == len(rows) else None,
        runs=tuple(found),
        left_alone=left,
    )


def _told(action: Intervention, after: Replay) -> list[Row]:
    """What the journal says that somebody did: one row, or one for each pipeline that it hits."""
    name = type(action).__name__.lower()
    asked = {"action": _WORDS.get(name, name), "by": action.by}
    for word in ("data_date", "first", "last", "reprocess", "slots"):
        if hasattr(action, word):
            asked[word] = getattr(action, word)
    pipeline = getattr(action, "pipeline", None)
    return [
        row
        for row in after.journal.rows(Fact.INTERVENTION)
        if row.time == action.at
        and all(row.detail.get(word, value) == value for word, value in asked.items())
        and pipeline in {None, _pipeline(row, after)}
    ]


def _pipeline(row: Row, after: Replay) -> str | None:
    who = after.journal.who(row.entity)
    return who.name if who.type is Entity.PIPELINE else None


def _planned_run(run: _Run, cause: int) -> PlannedRun:
    at = run.causes[cause]
    since = [row for row in run.rows if row.time >= at]
    first = run.rows[0]
    started = [row.time for row in since if RunState(row.value) is RunState.RUNNING]
    return PlannedRun(
        pipeline=run.pipeline,
        run_id=run.run_id,
        logical_date=first.detail.get("logical_date"),
        created=first.cause == cause and "reason" not in first.detail,
        asked_at=at,
        started=started[0] if started else None,
        ended=run.ended,
        state=RunState(run.rows[-1].value),
    )


def _moved(
    before: Mapping[int, _Run], after: Mapping[int, _Run], by_hand: Mapping[tuple[str, str], int]
) -> tuple[MovedRun, ...]:
    """Runs that are there with and without the runbook, most delayed first."""
    ends = {(run.pipeline, run.run_id): run.ended for run in before.values()}
    moved = [
        MovedRun(run.pipeline, run.run_id, ends[run.pipeline, run.run_id], run.ended)
        for run in after.values()
        if (run.pipeline, run.run_id) in ends
        and (run.pipeline, run.run_id) not in by_hand
        and ends[run.pipeline, run.run_id] != run.ended
    ]
    return tuple(sorted(moved, key=lambda run: (-_delay(run), run.pipeline, run.run_id)))


def _delay(run: MovedRun) -> int:
    if run.after is None:
        return 1 << 62
    return 0 if run.before is None else run.after - run.before


# -- what they write, and whom they hold up ---------------------------------------------------


def _rewritten(
    after: Replay, nights: Nights, by_hand: Mapping[tuple[str, str], int]
) -> tuple[Rewritten, ...]:
    """What runs publish from the instant on at which somebody asked for them."""
    versions: Counter[tuple[str, str]] = Counter()
    gone: Counter[tuple[str, str]] = Counter()
    journal = after.journal
    for row in journal.rows(Fact.PUBLISHED):
        writer = row.detail["task_instance"]
        run = journal.who(journal.who(writer).parent)
        asked_at = by_hand.get((journal.name(run.parent), run.name))
        if asked_at is None or not asked_at <= row.time < after.end:
            continue
        table = journal.name(row.entity)
        versions.update((table, day) for day in row.detail["partitions"])
        gone.update((table, day) for day in row.detail["removed"])
    found = []
    for table, day in sorted(versions.keys() | gone.keys()):
        there = standing(nights, table, until=after.end, replay=after).get(day)
        true = true_partition(after, table, day)
        right = None if true is None else same(there, true)
        found.append(Rewritten(table, day, versions[table, day], gone[table, day], right))
    return tuple(found)


def _longer(
    config: Config, replays: tuple[Replay, Replay], by_hand: Mapping[tuple[str, str], int]
) -> tuple[Longer, ...]:
    """By reason: how much longer the runs took that nobody asked for by hand, most first."""
    spans: Counter[tuple[Reason, str]] = Counter()
    for sign, one in zip((-1, 1), replays, strict=True):
        ledger = ledger_of(one.journal, config.orchestrator, config.settings, now=one.end)
        for entity, story in ledger.story.tasks.items():
            if (story.run.dag_id, story.run.run_id) in by_hand:
                continue
            for wait in ledger.waits(entity):
                if wait.reason is not Reason.UPSTREAM:
                    spans[wait.reason, wait.blocker] += sign * wait.span
    more = [Longer(*what, span) for what, span in spans.items() if span > 0]
    return tuple(sorted(more, key=lambda one: (-one.span, one.reason, one.blocker)))
