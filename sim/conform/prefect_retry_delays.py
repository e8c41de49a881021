"""Recorded waits of Prefect's task runs before each retry: state and delay are a decision each.

A case: `spec` (`retries`, `delay`: null, seconds, a list, or {"exponential_backoff": factor};
`jitter`), and what comes before each retry: `expect`, or with a jitter `by_u`, for draws u.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sim.conform.decision import ABSENT, Decision, near
from sim.conform.recording import cases_as, malformed
from sim.orchestrators.prefect.retry_delays import RetryDelays, Wait, exponential_backoff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

_ROUNDING = 1e-6
"""Recorded delays are rounded to the microsecond, seconds."""


class Spec(msgspec.Struct):
    """A task's options."""

    retries: int
    delay: float | list[float] | dict[str, float] | None = None
    jitter: float | None = None


class Recorded(msgspec.Struct):
    """What came before one retry."""

    state: str
    delay: float | None


class Case(msgspec.Struct):
    """Options and waits."""

    spec: Spec
    expect: list[Recorded] | None = None
    by_u: dict[str, list[Recorded]] | None = None


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded state and delay beside ours."""
    for place, case in cases_as(recording, Case):
        delays = _delays(case.spec, recording.file, place)
        if case.expect is None and case.by_u is None:
            raise malformed(recording.file, place, "has neither expect nor by_u")
        if case.expect is not None:
            yield from _waits(place, "", delays, case.expect, 0.5)
        for text, recorded in (case.by_u or {}).items():
            try:
                draw = float(text)
            except ValueError as error:
                raise malformed(recording.file, f"{place}.by_u", str(error)) from None
            yield from _waits(place, f"u={text} ", delays, recorded, draw)


def _delays(spec: Spec, file: str, place: str) -> RetryDelays:
    delay = spec.delay
    if isinstance(delay, dict):
        if list(delay) != ["exponential_backoff"]:
            raise malformed(file, f"{place}.spec.delay", "only exponential_backoff is a function")
        delay = list(exponential_backoff(delay["exponential_backoff"], spec.retries))
    return RetryDelays(spec.retries, delay, spec.jitter)


def _waits(
    place: str, what: str, delays: RetryDelays, recorded: list[Recorded], draw: float
) -> Iterator[Decision]:
    for retry, wait in enumerate(recorded, start=1):
        ours = delays.before(retry, draw)
        name = f"{what}retry {retry}"
        yield Decision(place, f"{name} state", wait.state, _of(ours, "state"))
        delay = near(wait.delay, _of(ours, "delay"), _ROUNDING)
        yield Decision(place, f"{name} delay", wait.delay, delay)
    further = delays.before(len(recorded) + 1, draw)
    yield Decision(place, f"{what}no further retry", None, further)


def _of(wait: Wait | None, field: str) -> object:
    return ABSENT if wait is None else getattr(wait, field)
