"""Where the sides of a comparison differ, night by night, each difference with its cause.

Differences that look alike on several nights are told once, with the nights and the first one's
chain. Instants less than a minute apart count as equal: a scheduler's loop is no difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import MINUTE
from sim.model.facts import Entity
from sim.model.states import TaskState
from sim.session.compare import topics
from sim.session.compare.chains import chain_of
from sim.session.compare.readings import readings_of
from sim.session.compare.rules import cited

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sim.session.compare.chains import Chain
    from sim.session.compare.played import Played
    from sim.session.compare.readings import Message, Published, Read, Readings, Run, Task
    from sim.session.compare.rules.rule import Rule, Topic

SAME_WITHIN = 1 * MINUTE
"""Instants closer than this count as equal."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One side of a difference."""

    code: str
    """`compare.CODE` in the words."""
    params: Mapping[str, Any]
    row: int = -1
    """The journal row that it can be traced from; -1: there is none, for nothing happened."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same on all sides."""

    kind: str
    """`runs`, `task`, `published`, `read`, `messages`."""
    subject: str
    """A task, a table, a person; empty for runs and messages."""
    night: date
    """The first night on which it is so."""
    data_date: str
    """The business day that it is about; empty where it is about the night."""
    sides: tuple[Shown, ...]
    """In the order of the sides."""
    rests_on: tuple[tuple[Topic, ...], ...]
    """Per side, what its facts show."""
    nights: tuple[date, ...] = field(default_factory=tuple)
    """Every night on which it looks like this, in order."""
    pipelines: tuple[str, ...] = ()
    """The pipelines that it is about, on whichever side; none: all."""


@dataclass(frozen=True, slots=True)
class _Found:
    difference: Difference
    signature: tuple[Any, ...]


def differences(sides: Sequence[Played]) -> tuple[Difference, ...]:
    """Every difference, in order of the first night; what looks alike is told once."""
    readings = [readings_of(one) for one in sides]
    grouped: dict[tuple[Any, ...], list[Difference]] = {}
    for found in _each(sides, readings):
        one = found.difference
        key = (one.kind, one.subject, one.rests_on, found.signature)
        grouped.setdefault(key, []).append(one)
    told = []
    for alike in grouped.values():
        first = alike[0]
        nights = tuple(sorted({one.night for one in alike}))
        told.append(
            Difference(
                first.kind,
                first.subject,
                first.night,
                first.data_date,
                first.sides,
                first.rests_on,
                nights,
                first.pipelines,
            )
        )
    order = {kind: at for at, kind in enumerate(_KINDS)}
    return tuple(sorted(told, key=lambda one: (one.night, order[one.kind], one.subject)))


def chains(sides: Sequence[Played], difference: Difference) -> tuple[Chain | None, ...]:
    """Per side what led to it; None where nothing happened."""
    return tuple(
        None if shown.row < 0 else chain_of(side.replay.journal, shown.row)
        for side, shown in zip(sides, difference.sides, strict=True)
    )


def rules(sides: Sequence[Played], difference: Difference) -> tuple[tuple[Rule, ...], ...]:
    """Per side the rules that it rests on: those that every side has alike explain nothing.

    Alike is what one sentence says; what two orchestrators both call retries is not.
    """
    each = [
        cited(side.side.config, rests_on, difference.pipelines)
        for side, rests_on in zip(sides, difference.rests_on, strict=True)
    ]
    alike = frozenset.intersection(*(frozenset(one.code for one in found) for found in each))
    return tuple(tuple(one for one in found if one.code not in alike) for found in each)


_UNDONE = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED, TaskState.UP_FOR_RETRY})
_KINDS = ("runs", "task", "published", "read", "messages")


def _each(sides: Sequence[Played], readings: Sequence[Readings]) -> Iterator[_Found]:
    for night in sides[0].replay.nights:
        yield from _runs(sides, readings, night)
        yield from _tasks(sides, readings, night)
    yield from _published(sides, readings)
    for night in sides[0].replay.nights:
        yield from _reads(sides, readings, night)
        yield from _messages(readings, night)


# -- runs -----------------------------------------------------------------------------------


def _runs(sides: Sequence[Played], readings: Sequence[Readings], night: date) -> Iterator[_Found]:
    midnight = sides[0].replay.at(night, 0)
    every = [one.runs.get(night, []) for one in readings]
    moved = _moved_pipelines(every, night, midnight)
    each = [[run for run in runs if run.pipeline in moved] for runs in every]
    signatures = [_shape_of_runs(runs, night, midnight) for runs in each]
    if len(set(signatures)) == 1:
        return
    shown = tuple(map(_shown_runs, each))
    rests_on = tuple(
        topics.of_runs(side, night, runs, _others(each, at))
        for at, (side, runs) in enumerate(zip(sides, each, strict=True))
    )
    one = Difference("runs", "", night, "", shown, rests_on, pipelines=moved)
    yield _Found(one, tuple(signatures))


def _moved_pipelines(every: Sequence[Sequence[Run]], night: date, midnight: int) -> tuple[str, ...]:
    """The pipelines whose runs are not the same on each side that has them under their name."""
    names = dict.fromkeys(run.pipeline for runs in every for run in runs)
    moved = []
    for name in names:
        shapes = {
            _shape_of_runs([run for run in runs if run.pipeline == name], night, midnight)
            for runs in every
        }
        if len(shapes) > 1:
            moved.append(name)
    return tuple(moved)


def _shape_of_runs(runs: Sequence[Run], night: date, midnight: int) -> tuple[Any, ...]:
    """How many, when in the night, and how far back their days lie."""
    if not runs:
        return ()
    minutes = [(run.created - midnight) // SAME_WITHIN for run in runs]
    return len(runs), minutes[0], minutes[-1], _distances(runs, night)


def _distances(runs: Sequence[Run], night: date) -> tuple[int, int]:
    days = sorted({day for run in runs for day in run.data_dates})
    ends = [days[0], days[-1]] if days else []
    far = [(night - type(night).fromisoformat(day)).days for day in ends]
    return (far[0], far[1]) if far else (0, 0)


def _shown_runs(runs: Sequence[Run]) -> Shown:
    if not runs:
        return Shown("runs.none", {})
    days = sorted({day for run in runs for day in run.data_dates})
    params = {
        "count": len(runs),
        "pipelines": list(dict.fromkeys(run.pipeline for run in runs))[:3],
        "first": runs[0].created,
        "last": None if len(runs) == 1 else runs[-1].created,
        "since": days[0] if days else None,
        "until": days[-1] if len(days) > 1 else None,
        "made_up": sum(map(topics.is_made_up, runs)) or None,
    }
    return Shown("runs.some", params, runs[0].row)


# -- tasks ----------------------------------------------------------------------------------


def _tasks(sides: Sequence[Played], readings: Sequence[Readings], night: date) -> Iterator[_Found]:
    each = [one.tasks.get(night, {}) for one in readings]
    known = {name for side in sides for name in side.side.config.tasks}
    names = dict.fromkeys(name for tasks in each for name in tasks if name in known)
    for name in names:
        tasks = [one.get(name) for one in each]
        signatures = [_shape_of_task(task) for task in tasks]
        if len(set(signatures)) == 1 or not all(name in one.side.config.tasks for one in sides):
            continue
        shown = tuple(map(_shown_task, tasks))
        rests_on = tuple(
            topics.of_task(side, task, _others(tasks, at))
            for at, (side, task) in enumerate(zip(sides, tasks, strict=True))
        )
        about = _pipelines_of(sides, shown)
        one = Difference("task", name, night, "", shown, rests_on, pipelines=about)
        yield _Found(one, tuple(signatures))


def _shape_of_task(task: Task | None) -> tuple[Any, ...]:
    return () if task is None else (len(task.tries), tuple(task.ends))


def _shown_task(task: Task | None) -> Shown:
    if task is None:
        return Shown("task.none", {})
    words = [end.word for end in dict.fromkeys(task.ends)]
    reason = task.reasons[0] if task.reasons else None
    params = {"tries": len(task.tries), "states": words, "count": len(task.ends), "reason": reason}
    return Shown("task.some", params, task.row)


# -- publications ---------------------------------------------------------------------------


def _published(sides: Sequence[Played], readings: Sequence[Readings]) -> Iterator[_Found]:
    keys = sorted({key for one in readings for key in one.published})
    for table, day in keys:
        each = [one.published.get((table, day)) for one in readings]
        if not _differ(each):
            continue
        night = sides[0].replay.night_of(day)
        shown = tuple(
            _shown_published(one, reading, night)
            for one, reading in zip(each, readings, strict=True)
        )
        rests_on = tuple(
            topics.of_published(side, reading, one, _others(each, at))
            for at, (side, reading, one) in enumerate(zip(sides, readings, each, strict=True))
        )
        shape = tuple((one.right, one.versions) if one else () for one in each)
        about = _pipelines_of(sides, shown)
        found = Difference("published", table, night, day, shown, rests_on, pipelines=about)
        yield _Found(found, (shape, _order(each)))


def _differ(each: Sequence[Published | None]) -> bool:
    there = [one for one in each if one is not None]
    if len(there) < len(each):
        return True
    if len({(one.right, one.versions, one.rows) for one in there}) > 1:
        return True
    times = [one.at for one in there]
    return max(times) - min(times) >= SAME_WITHIN


def _order(each: Sequence[Published | None]) -> tuple[int, ...]:
    """Who was first, second, ...; those within a minute share a place."""
    places: list[int] = []
    times = sorted(one.at for one in each if one is not None)
    steps: dict[int, int] = {}
    for at in times:
        if not places or at - places[-1] >= SAME_WITHIN:
            places.append(at)
        steps[at] = len(places)
    return tuple(0 if one is None else steps[one.at] for one in each)


def _shown_published(one: Published | None, readings: Readings, night: date) -> Shown:
    if one is None:
        return Shown("published.none", {}, _instead(readings, night))
    params = {"at": one.at, "versions": one.versions, "rows": one.rows, "right": one.right}
    code = {True: "right", False: "wrong", None: "some"}[one.right]
    return Shown(f"published.{code}", params, one.row)


def _instead(readings: Readings, night: date) -> int:
    """What a side did on the night on which others published: failed, or published another day."""
    tasks = readings.tasks.get(night, {}).values()
    failed = [task.row for task in tasks if set(task.ends) & _UNDONE]
    if failed:
        return max(failed)
    return max((one.row for one in readings.published.values() if one.night == night), default=-1)


# -- people ---------------------------------------------------------------------------------


def _reads(sides: Sequence[Played], readings: Sequence[Readings], night: date) -> Iterator[_Found]:
    each = [one.reads.get(night, {}) for one in readings]
    for person, figure in dict.fromkeys(key for reads in each for key in reads):
        reads = [one.get((person, figure)) for one in each]
        if len({(one.shown, one.stale) if one else () for one in reads}) == 1:
            continue
        shown = tuple(map(_shown_read, reads))
        partition = next(one.partition for one in reads if one is not None)
        rests_on = _behind(sides, readings, reads)
        shape = tuple(one.word if one else "" for one in reads)
        found = Difference("read", person, night, partition, shown, rests_on)
        yield _Found(found, shape)


def _behind(
    sides: Sequence[Played], readings: Sequence[Readings], reads: Sequence[Read | None]
) -> tuple[tuple[Topic, ...], ...]:
    """What the publications rest on that these reads show."""
    tables = [
        None if one is None else str(side.replay.journal[one.row].detail["table"])
        for side, one in zip(sides, reads, strict=True)
    ]
    each = [
        None if read is None or table is None else reading.published.get((table, read.partition))
        for reading, read, table in zip(readings, reads, tables, strict=True)
    ]
    if not any(each):
        return tuple(() for _ in sides)
    return tuple(
        topics.of_published(side, reading, one, _others(each, at))
        for at, (side, reading, one) in enumerate(zip(sides, readings, each, strict=True))
    )


def _shown_read(one: Read | None) -> Shown:
    if one is None:
        return Shown("read.nothing", {})
    params = {"figure": one.figure, "shown": one.shown, "true": one.true, "at": one.at}
    return Shown(f"read.{one.word}", params, one.row)


def _messages(readings: Sequence[Readings], night: date) -> Iterator[_Found]:
    each = [one.messages.get(night, []) for one in readings]
    shapes = [tuple((one.channel, one.person, one.data_date) for one in sent) for sent in each]
    first = [sent[0].at for sent in each if sent]
    apart = bool(first) and max(first) - min(first) >= SAME_WITHIN
    if len(set(shapes)) == 1 and not apart:
        return
    shown = tuple(map(_shown_messages, each))
    rests_on = tuple(topics.of_messages(sent, _others(each, at)) for at, sent in enumerate(each))
    shape = tuple(tuple(one.channel for one in sent) for sent in each)
    yield _Found(Difference("messages", "", night, "", shown, rests_on), shape)


def _shown_messages(sent: Sequence[Message]) -> Shown:
    if not sent:
        return Shown("messages.none", {})
    first = sent[0]
    params = {
        "count": len(sent),
        "alert": first.alert,
        "person": first.person,
        "channel": first.channel,
        "at": first.at,
    }
    return Shown("messages.some", params, first.row)


def _pipelines_of(sides: Sequence[Played], shown: Sequence[Shown]) -> tuple[str, ...]:
    """The pipelines in which these facts happened."""
    names = []
    for side, one in zip(sides, shown, strict=True):
        if one.row < 0:
            continue
        journal = side.replay.journal
        row = journal[one.row]
        instance = journal.who(row.detail.get("task_instance", row.entity))
        run = journal.who(instance.parent) if instance.parent >= 0 else instance
        if run.type is Entity.RUN:
            names.append(journal.name(run.parent))
    return tuple(dict.fromkeys(names))


def _others(each: Sequence[Any], at: int) -> list[Any]:
    return [one for number, one in enumerate(each) if number != at]
