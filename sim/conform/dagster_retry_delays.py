"""Recorded delays of Dagster's retry policies: each bound and each drawn delay is a decision.

A case: `delay` (seconds or null), `backoff`, `jitter`, and `retries` [{retry, lo, hi, by_u {draw:
delay}}]; with a jitter `hi` itself is never reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from sim.conform.decision import Decision, near
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import SECOND
from sim.orchestrators.dagster.config import RetryPolicy
from sim.orchestrators.dagster.retry_delay import retry_delay_us

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

_ROUNDING = 1e-6
"""Ours are whole microseconds, seconds."""


class Retry(msgspec.Struct):
    """What comes before one retry."""

    retry: int
    by_u: dict[str, float]
    lo: float
    hi: float


class Case(msgspec.Struct):
    """A policy and its delays."""

    retries: list[Retry]
    delay: float | None = None
    backoff: Literal["LINEAR", "EXPONENTIAL"] | None = None
    jitter: Literal["FULL", "PLUS_MINUS"] | None = None


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded delay beside ours."""
    for place, case in cases_as(recording, Case):
        policy = RetryPolicy(delay=case.delay, backoff=case.backoff, jitter=case.jitter)
        for retry in case.retries:
            what = f"retry {retry.retry}"
            drawn = {"lo": (0.0, retry.lo), "hi": (1.0, retry.hi)}
            for text, delay in retry.by_u.items():
                try:
                    drawn[f"u={text}"] = float(text), delay
                except ValueError as error:
                    raise malformed(recording.file, f"{place}.by_u", str(error)) from None
            for name, (draw, delay) in drawn.items():
                ours = retry_delay_us(policy, retry.retry, draw=draw) / SECOND
                yield Decision(place, f"{what} {name}", delay, near(delay, ours, _ROUNDING))
