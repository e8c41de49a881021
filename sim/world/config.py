"""The `world:` section of scenario.yaml: what exists and what happens, as structs.

Values as the author wrote them: spans (`45m`), times of day (`09:00`) and instants (ISO 8601) stay
text. `sim.world.resolved` turns them into numbers once; `sim.scenario` says what is wrong.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Channel = Literal["pager", "chat", "mail"]
Words = str | dict[str, str]
"""Text for people: one string, or one per language."""


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Calendar(_Struct, frozen=True, kw_only=True):
    """Days that are not like others."""

    holidays: dict[str, Words] = {}
    """ISO date -> its name. Checks and people may consult it."""


class DayRows(_Struct, frozen=True, kw_only=True):
    """What replaces the usual volume on one day."""

    rows: int
    """Rows of that business day, exactly."""


class Source(_Struct, frozen=True, kw_only=True):
    """A table that grows by a day's rows each business day."""

    system: str
    """The system through which it is read; outages hit systems."""
    rows_per_day: int
    """Rows on a reference weekday."""
    weekday: dict[Weekday, float] = {}
    """Factor of a day of the week; 1 where none is given."""
    jitter: float = 0.0
    """Uniform, as a share: 0.06 is ±6 %. Keyed by source and day."""
    mean_amount: float = 1.0
    """Mean of `amount`."""
    regions: dict[str, float] = {}
    """Share of each region; the shares add up to 1. Default: one region, `all`."""
    days: dict[str, DayRows] = {}
    """ISO date -> what replaces the usual volume."""
    steady: bool = False
    """Rows come evenly around the clock and one after the other, and `created_at` is the instant,
    UTC, at which one came. Default: at the hours of a shop, and `created_at` is some time of the
    day. Only a steady source can be read from one instant `since` to another."""
    in_order: bool = True
    """Whether rows come in the same order each time. Without it LIMIT, and whatever else depends
    on an order that nobody asked for, gives each try another answer."""


class Outage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A span during which a system does not answer in full."""

    system: str
    start: str = msgspec.field(name="from")
    """Instant at which it opens."""
    to: str
    """Instant at which it is over, excluded."""
    mode: Literal["refuse", "empty", "partial", "slow", "timeout", "rate_limited"] = "refuse"
    """`refuse`: connections fail at once. `empty`: it answers without rows. `partial`: it has only
    the first `rows`. `slow`: reading takes `factor` times as long. `timeout`: a connection fails
    after `timeout`. `rate_limited`: others have used up its rate, and it answers 429."""
    rows: int = 0
    factor: float = 1.0
    timeout: str = "5m"


class Returns(_Struct, frozen=True, kw_only=True):
    """What an attempt that succeeds hands to its orchestrator: in Airflow an XCom.

    A list when `entries` or `rows_per_entry` is given, over which other tasks may be expanded; one
    value otherwise.
    """

    entries: int | None = None
    """Length of the list."""
    rows_per_entry: int | None = None
    """One entry for every so many rows of what the attempt read, the last one perhaps for fewer."""
    bytes: int = 0
    """Size of each entry, or of the one value, as stored."""


class Rate(_Struct, frozen=True, kw_only=True):
    """How many requests a system answers in a span; it turns away whoever asks for more."""

    requests: int
    """In any span of that length."""
    per: str = "1m"
    ban: str = "0s"
    """For how long it answers nobody once somebody has asked for more."""


class System(_Struct, frozen=True, kw_only=True):
    """A system through which sources are read and that has bounds."""

    connections: int | None = None
    """How many it has in all. Default: as many as are asked for."""
    rate: Rate | None = None
    """Default: it answers whatever it is asked."""
    held_by_others: int = 0
    """Those that people and programs outside of this world keep."""
    wait: str = "30s"
    """How long a reader waits for connections before its try fails."""
    slower_per_reader: str = "0s"
    """How much longer reading takes for each other reader that is there at its start."""


class Service(_Struct, frozen=True, kw_only=True):
    """Something outside that tasks call and that cannot be called back: mail, payments, a topic.

    What it is asked for it does at once; the answer takes a while, and may find nobody there.
    """

    takes: str = "1s"
    """From the call to the answer."""
    honours_keys: bool = False
    """Whether a second call with the same idempotency key does nothing and is answered like the
    first."""
    keeps_keys: str | None = None
    """For how long it remembers a key. Default: for ever."""


class Work(_Struct, frozen=True, kw_only=True):
    """What a job does and how long it takes. The player wires it and cannot make it faster."""

    duration: str
    """Median span of one attempt."""
    sigma: float = 0.0
    """Spread: sigma of the logarithm; 0 is exact. Keyed by pipeline, task, date and try."""
    reads: str | None = None
    """Source read, as a snapshot at the start of the attempt."""
    connections: int = 1
    """How many connections a try holds to the system it reads, where those are bounded."""
    requests: int = 1
    """How many requests a try makes to it, all when it begins to read."""
    returns: Returns | None = None
    """What it hands to its orchestrator. Default: nothing."""


class History(_Struct, frozen=True, kw_only=True):
    """What was published before a window begins: one version a night, the truth by default."""

    start: str = msgspec.field(name="from")
    """First data date ever published; versions are counted from it."""
    keep_days: int = 28
    """How many days before the window still have rows; older ones count as versions only."""
    published: str | None = None
    """SELECT over the sources: what readers were given of those days. Default: the table's
    `truth`."""


class Table(_Struct, frozen=True, kw_only=True):
    """A table of the warehouse."""

    columns: dict[str, str]
    """Name -> SQL type."""
    partition: str | None = None
    """The column that holds the data date."""
    key: list[str] = []
    """Business key of a row; `merge` needs it."""
    history: History | None = None
    truth: str | None = None
    """SELECT over the sources, as if nothing had ever gone wrong: what each partition should be."""
    rows: list[list[Any]] = []
    """Rows it has from the start."""


class Reads(_Struct, frozen=True, kw_only=True):
    """A look at a dashboard, every day."""

    table: str
    figure: str
    """Column summed over the partition of the day before."""
    at: str
    """Time of day."""


class Notices(_Struct, frozen=True, kw_only=True):
    """When a reader sees that something is wrong."""

    below: float
    """Share of the same weekday's median under which a figure looks wrong. No figure at all looks
    wrong too. On holidays nothing does."""


class Escalates(_Struct, frozen=True, kw_only=True):
    """Whom a reader tells."""

    to: str
    after: str


class Acknowledges(_Struct, frozen=True, kw_only=True):
    """How fast a message of one channel is seen."""

    day: str
    """Median span by day."""
    night: str | None = None
    """Median span by night; None: not before `night_until`."""
    night_until: str | None = None
    """Time of day until which nobody looks at this channel by night."""
    sigma: float = 0.0
    """Spread: sigma of the logarithm."""


class Night(_Struct, frozen=True, kw_only=True):
    """When it is night for a person."""

    start: str = msgspec.field(name="from")
    to: str


class Fatigue(_Struct, frozen=True, kw_only=True):
    """What false alarms do to a person."""

    false_pages: int
    within: str
    factor: float
    """Acknowledging takes this many times as long after that many false pages in that span."""


class Person(_Struct, frozen=True, kw_only=True):
    """Somebody who looks at figures or is told about trouble."""

    title: Words = ""
    reads: Reads | None = None
    notices: Notices | None = None
    escalates: Escalates | None = None
    acknowledges: dict[Channel, Acknowledges] = {}
    """By channel; a channel that is not there is never looked at."""
    night: Night = msgspec.field(default_factory=lambda: Night(start="22:00", to="07:00"))
    fatigue: Fatigue | None = None


class Prices(_Struct, frozen=True, kw_only=True):
    """What things cost, in one unit of the author's choice."""

    slot_hour: float = 1.0
    scheduler_hour: float = 0.0
    worker_slot_hour: float = 0.0
    """Of each slot that a worker machine offers, used or not, night and day."""
    page: float = 0.5
    false_page: float = 2.0


class World(_Struct, frozen=True, kw_only=True):
    """Everything that exists besides the orchestrator."""

    sources: dict[str, Source] = {}
    systems: dict[str, System] = {}
    """Bounds of systems, by name; a system that is not here lets everybody in."""
    services: dict[str, Service] = {}
    """What tasks may call outside, by name."""
    work: dict[str, Work]
    tables: dict[str, Table] = {}
    people: dict[str, Person] = {}
    outages: list[Outage] = []
    calendar: Calendar = Calendar()
    prices: Prices = Prices()
