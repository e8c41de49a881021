"""Objectives as an author writes them: an id, a text, and exactly one kind of expectation.

They are judged on the results of replays, never on the text of a config.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sim.world.config import Words


class _Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class NeverPublished(_Kind, frozen=True):
    """No reader is ever shown such a figure; one who is told that it is stale was not."""

    table: str
    figure: str
    equals: float | None = None
    below_truth: float | None = None
    """Share of the true figure."""
    above_truth: float | None = None
    """Share of the true figure."""


class PagedWithin(_Kind, frozen=True):
    """Whenever it happens, a pager has rung for that data date at most so many minutes later."""

    minutes: float
    of: Literal["bad_extract", "failed_try"] = "bad_extract"
    """`bad_extract`: a try that read fewer rows than the source has. `failed_try`: any try that
    failed; a page since that day's midnight counts, whatever date it is about."""


class AtMost(_Kind, frozen=True):
    """A count that may not be passed."""

    max: int


class Within(_Kind, frozen=True):
    """A span that may not be passed."""

    minutes: float


class CostAtMost(_Kind, frozen=True):
    """A bound of the cost of each window, at the scenario's prices."""

    max: float


class DoneBy(_Kind, frozen=True):
    """Each night's data date is published by a time of day, but for a few nights of a window."""

    table: str
    at: str
    misses_max: int = 0
    nights: list[str] = []
    """Only these nights, ISO dates. Default: every night."""


class EndedBy(_Kind, frozen=True):
    """Each night, all instances of some tasks that were due that day have ended well by a time."""

    tasks: list[str]
    at: str
    misses_max: int = 0
    nights: list[str] = []
    """Only these nights, ISO dates. Default: every night."""


class ConnectionsAtMost(_Kind, frozen=True):
    """How many connections of a bounded system are ever in use, those of others among them."""

    system: str
    max: int


class SourceReads(_Kind, frozen=True):
    """How often tries come through to a source for one data date; a cache asks nobody."""

    source: str
    max: int
    nights: list[str] = []
    """Only the data dates of these nights, ISO dates. Default: every night."""


class SlotWait(_Kind, frozen=True):
    """How long tasks that could run wait for a slot: a percentile of scheduled plus queued."""

    tasks: list[str]
    minutes: float
    percentile: float = 95
    """Nearest rank, over all tries of the window."""


class StartsWithin(_Kind, frozen=True):
    """How long after it was due a task begins to run, in each run that ever runs it."""

    tasks: list[str]
    minutes: float
    after: str | None = None
    """Only runs that are due from this time of day on. Default: every run."""


class OfTable(_Kind, frozen=True):
    """Something that holds for every data date of a table."""

    table: str


class OfDates(OfTable, frozen=True):
    """The same, for earlier data dates as well."""

    since: str | None = None
    """First data date, ISO. Default: that of the window's first night."""
    nights: list[str] = []
    """Only the data dates of these nights, ISO dates. Default: every night."""


class Idempotent(_Kind, frozen=True):
    """At the window's end each data date holds the truth, whatever happened to it.

    Besides the scenario's own faults, each window is replayed under generated schedules: for each
    data date a crash, a lost worker, a cut network, or a person who runs it again.
    """

    table: str
    schedules: int = 8
    """How many schedules each window is replayed under, for each seed."""
    plans: int = 0
    """How many plans of trouble are searched, on the first two nights of the first window and the
    scenario's own seed, for one that leaves another date's truth or none; shrunk when found."""


class Survives(OfDates, frozen=True):
    """Each data date holds something at the window's end, and trouble cannot change that.

    So many plans of trouble are searched, as for `idempotent`, for one after which a date is lost
    in silence, or a run does not end in time once the trouble is over; shrunk when found.
    """

    plans: int = 100


class ReadEqualsTruth(_Kind, frozen=True):
    """Whatever this person reads, on every night, is the truth."""

    person: str


class ExternalCalls(_Kind, frozen=True):
    """How often a service did what it was called for, for each data date of the window.

    As the window really was, and under `schedules` of generated trouble as for `idempotent`.
    """

    service: str
    at_least: int = 1
    """In each replay, without exception."""
    at_most: int | None = None
    """Default: no bound."""
    schedules: int = 0
    """How many schedules each window is replayed under, for each seed."""
    except_max: int = 0
    """In how many replays of a window a date may pass `at_most`."""


class Objective(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One objective; exactly one of the kinds is given."""

    id: str
    text: Words = ""
    bonus: bool = False
    """Nice to have: it does not decide whether a fix passes."""
    never_published: NeverPublished | None = None
    paged_within: PagedWithin | None = None
    pages: AtMost | None = None
    """Pages in all, in each window."""
    false_pages: AtMost | None = None
    """Pages without a real incident, in each window."""
    done_by: DoneBy | None = None
    rerun_equals_truth: OfTable | None = None
    """Running a date again leaves the truth there and touches no other date."""
    rerun_reads: OfTable | None = None
    """Running a date again reads what the sources have of that very date, for this table."""
    equals_truth: OfDates | None = None
    """When the window is over, each data date holds the truth."""
    no_gap: OfDates | None = None
    """When the window is over, each data date holds something."""
    read_equals_truth: ReadEqualsTruth | None = None
    always_equals_truth: OfDates | None = None
    """Every version of each data date is the truth, and none vanishes, not even for a moment; what
    stood there before the window is not its doing."""
    idempotent: Idempotent | None = None
    survives: Survives | None = None
    lost_tasks: AtMost | None = None
    """Task instances that did not end well by the end of each window."""
    retried_within: Within | None = None
    """Whenever a worker dies, its task instance runs again at most so much later."""
    cost: CostAtMost | None = None
    ended_by: EndedBy | None = None
    slot_wait: SlotWait | None = None
    starts_within: StartsWithin | None = None
    connections: ConnectionsAtMost | None = None
    source_reads: SourceReads | None = None
    external_calls: ExternalCalls | None = None

    @property
    def kind(self) -> str:
        """The key of the kind that is given; empty when there is not exactly one."""
        given = [name for name in KINDS if getattr(self, name) is not None]
        return given[0] if len(given) == 1 else ""


KINDS = tuple(name for name in Objective.__struct_fields__ if name not in {"id", "text", "bonus"})
"""The keys of every kind of objective."""
