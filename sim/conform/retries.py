"""Recorded waits after a failed try: one decision a row, exact to the microsecond.

A row: dag_id, task_id, logical date, number of the failed try, retry_delay (seconds), exponential
backoff (its base; false is off), max_retry_delay (seconds or null), the recorded delay (seconds).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from sim.conform.airflow_version import airflow_of
from sim.conform.decision import Decision, attempted
from sim.conform.recording import cases_as, columns_are, malformed
from sim.kernel.calendar import SECOND, parse_instant
from sim.orchestrators.airflow.retries import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording


class Row(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """One failed try and its wait."""

    dag_id: str
    task_id: str
    logical_date: str | None
    try_number: int
    retry_delay_s: float
    exponential_backoff: bool | float
    max_retry_delay_s: float | None
    delay_s: float


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded delay, in microseconds, beside ours."""
    columns_are(recording, *Row.__struct_fields__)
    airflow_of(recording)
    for place, row in cases_as(recording, Row):
        backoff, longest = row.exponential_backoff, row.max_retry_delay_s
        policy = RetryPolicy(
            delay=_micros(row.retry_delay_s),
            base=2.0 if backoff is True else float(backoff),
            delay_max=None if longest is None else _micros(longest),
        )
        try:
            logical = None if row.logical_date is None else parse_instant(row.logical_date)
        except ValueError as error:
            raise malformed(recording.file, f"{place}[2]", str(error)) from None
        after = partial(policy.after, row.dag_id, row.task_id, logical, row.try_number)
        what = f"{row.dag_id}.{row.task_id} try {row.try_number} delay_us"
        yield Decision(place, what, _micros(row.delay_s), attempted(after))


def _micros(seconds: float) -> int:
    return round(seconds * SECOND)
