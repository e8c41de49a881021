"""Recorded slots of Prefect's concurrency limits: after each operation every figure is a decision.

A case: `limits` (`name`, `limit`, `decay`, `active`), and `expect`, one entry for each operation:
`op` [seconds, "take", names, slots] or [seconds, "give", names, slots, occupied seconds], whether
it was `ok`, `after` {name: [active slots, denied slots, average occupancy]}, `retry_after_mean`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sim.conform.decision import ABSENT, Decision, near
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect.concurrency import ConcurrencyLimit, give, take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

_ROUNDING = 1e-4
"""Averages and waits are recorded to four digits, seconds."""


class Limit(msgspec.Struct):
    """One limit as it was made."""

    name: str
    limit: int
    decay: float = 0.0
    active: bool = True


class Step(msgspec.Struct):
    """One operation and what it left."""

    op: list[Any]
    after: dict[str, tuple[int, int, float]]
    ok: bool | None = None
    retry_after_mean: float | None = None


class Case(msgspec.Struct):
    """Limits and operations."""

    limits: list[Limit]
    expect: list[Step]


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded figure beside ours."""
    for place, case in cases_as(recording, Case):
        rows = {
            one.name: ConcurrencyLimit(one.name, one.limit, one.decay, one.active)
            for one in case.limits
        }
        for number, step in enumerate(case.expect):
            try:
                yield from _step(f"{place}", f"op {number}", step, rows)
            except (IndexError, KeyError, TypeError, ValueError) as error:
                problem = f"is no operation ({error!r})"
                raise malformed(recording.file, f"{place}.expect[{number}].op", problem) from None


def _step(
    place: str, what: str, step: Step, rows: dict[str, ConcurrencyLimit]
) -> Iterator[Decision]:
    seconds, verb, names, slots, *rest = step.op
    now, asked = round(seconds * SECOND), [rows[name] for name in names]
    if verb == "take":
        wait = take(asked, slots, now)
        yield Decision(place, f"{what} ok", step.ok, wait is None)
        if step.retry_after_mean is not None:
            ours = ABSENT if wait is None else near(step.retry_after_mean, wait, _ROUNDING)
            yield Decision(place, f"{what} retry_after", step.retry_after_mean, ours)
    else:
        give(asked, slots, float(rest[0]), now)
    for name, (active, denied, occupancy) in step.after.items():
        row = rows[name]
        yield Decision(place, f"{what} {name} active", active, row.active_slots)
        yield Decision(place, f"{what} {name} denied", denied, row.denied_slots)
        average = near(occupancy, row.avg_slot_occupancy_seconds, _ROUNDING)
        yield Decision(place, f"{what} {name} occupancy", occupancy, average)
