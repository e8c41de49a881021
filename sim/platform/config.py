"""The orchestrator-neutral part of `config.yaml`: tasks, checks and alerts, as structs.

What is not given falls back to the default beside it. Times are text such as `15m`; see
`sim.kernel.calendar.parse_span`.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call of a service outside, and how it is kept from happening twice."""

    service: str
    """A key of the scenario's `world.services`."""
    when: Literal["before", "after"] = "after"
    """Before the task writes what it leaves behind, or after it."""
    receipt: Literal["none", "before", "after", "in_transaction"] = "none"
    """When a row is kept that says that this call is made, under (pipeline, data date, `kind`); a
    try that finds it does not call. `before` the call, `after` it, or `in_transaction`: the call
    between the row and its commit, together with the write where that has a transaction of several
    statements. The warehouse locks nothing: of two such transactions the later commit fails."""
    kind: str | None = None
    """What the receipt calls it. Default: the service's name."""
    idempotency_key: str | None = None
    """Template; the key that the call gives to the service. Default: none."""


class TaskWiring(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one task does: which work of the world, on what, leaving what behind."""

    work: str
    """Key of the scenario's `world.work`: how long it takes and which source it reads."""
    fecha: str | None = None
    """Template for the data date. Default: the orchestrator's own idea of it (cron: the script's
    first argument, else yesterday by the host's clock; Airflow: `{{ ds }}`)."""
    since: str | None = None
    """Template for an instant: only rows of the source that came from then on are read, whatever
    their day. The source must be steady. Default: the whole business day."""
    watermark: str | None = None
    """One SELECT of that instant from the warehouse's tables, instead of `since`; a template. NULL
    is the start of the business day."""
    until: str | None = None
    """Template for the instant before which they came. Default, with `since` or
    `watermark`: now."""
    input: str | None = None
    """File (`/data/x.csv`) or dataset (`staging.x`) read at the start; a template."""
    when_empty: Literal["keep", "last_date"] = "keep"
    """What it makes of a source without rows for its date: nothing, or the rows of the last date
    before it that had any, which keep their own date."""
    output: str | None = None
    """File or dataset left behind; a template. A file is visible while it grows."""
    sql: str | None = None
    """One SELECT over `input` and the warehouse's tables; a template. Default: the input itself."""
    table: str | None = None
    """Warehouse table written; needs `write_mode`."""
    write_mode: (
        Literal[
            "append",
            "overwrite_table",
            "replace_partition",
            "replace_partitions",
            "delete_partition",
            "delete_insert",
            "delete_insert_transaction",
            "merge",
            "merge_delete",
            "merge_delete_all",
            "stage_and_swap",
            "shared_stage_and_swap",
        ]
        | None
    ) = None
    """How rows reach the table, and so what a second run and a crash leave behind."""
    checks: list[str] = []
    """Checks of what this task hands on; of its input when it hands on nothing."""
    effect: Effect | None = None
    """What it does outside, besides. Default: nothing."""
    heartbeat: str | None = None
    """A key of `heartbeats`, which each try that ends well pings. Default: none."""


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an observed figure is compared with: the median of earlier published days."""

    table: str
    column: str
    """Column summed over each day's partition."""
    same_weekdays: int = 4
    """How many earlier days of the same weekday. Days without a partition are left out."""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An expectation about what a task hands on, and what happens when it does not hold."""

    metric: str = "rows"
    """`rows`, or `sum:COLUMN`."""
    min: float | None = None
    """Absolute lower bound, included."""
    max: float | None = None
    """Absolute upper bound, included."""
    min_ratio: float | None = None
    """Lower bound as a share of the baseline's median; needs `baseline`."""
    max_ratio: float | None = None
    """Upper bound as a share of the baseline's median; needs `baseline`."""
    baseline: Baseline | None = None
    holiday_min_ratio: float | None = None
    """Replaces `min_ratio` on days that the calendar calls holidays. Default: the calendar is not
    consulted."""
    on_failure: Literal["fail", "fail_no_retry", "skip", "warn"] = "fail"
    """`fail` fails the try (retries apply), `skip` skips the task, `warn` only writes it down."""
    mark_stale: str | None = None
    """Table whose readers are told, on failure, that its last good day is shown."""


class Runbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the person paged does after acknowledging."""

    action: Literal["rerun"] = "rerun"
    """`rerun`: process the data date again, as this orchestrator's operator would."""
    after: str = "10m"
    """Time to understand, from the acknowledgement."""
    when: Literal["source_ready", "at_once"] = "source_ready"
    """`source_ready`: look at the source first, and again every `look_every` until it is well."""
    look_every: str = "10m"


class Alert(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A message to a person, sent by an orchestrator's callback or a script."""

    channel: Literal["chat", "mail", "pager"]
    to: str
    """A key of the scenario's `world.people`."""
    dedup_key: str = "{{ pipeline }} {{ task }} {{ fecha }}"
    """Template; a second message with the key of an open incident joins it and wakes nobody."""
    runbook: Runbook | None = None


class Heartbeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dead-man's switch outside, which sends an alert when it was not pinged in time."""

    alert: str
    """A key of `alerts`."""
    period: str | None = None
    """After how long a ping is followed by the next. Default, without `schedule`: 24h."""
    schedule: str | None = None
    """Cron text: when pings are expected, instead of `period`."""
    grace: str = "1h"
    """How much later than expected a ping may come."""
    timezone: str | None = None
    """Zone of the `schedule` (IANA). Default: the world's."""
