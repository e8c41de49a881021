"""Recorded starts and ends of task bodies under Prefect's bounded thread pool.

A case: `max_workers`, `calls` in order (`dur` units, `wait_for`, `retry_delay` units after a first
try that fails, or null), and `expect.bodies`: the span of every body. The spans were measured on a
real machine and rounded to half units; as its recorder says, they agree within one unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from sim.conform.decision import ABSENT, Decision
from sim.conform.prefect_script import run_flow
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect.flows import Call, Flow, Ref, RunnerOptions, TaskOptions
from sim.orchestrators.prefect.retry_delays import RetryDelays
from sim.orchestrators.prefect.runs import Ending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording
    from sim.orchestrators.prefect.runs import TaskRun

TOLERANCE = 1.0
"""Units by which a measured instant may be off."""


class RecordedCall(msgspec.Struct):
    """One submitted call."""

    name: str
    dur: Annotated[float, msgspec.Meta(gt=0)]
    wait_for: list[str]
    retry_delay: Annotated[float, msgspec.Meta(ge=0)] | None = None


class Told(msgspec.Struct):
    """What was measured."""

    bodies: dict[str, list[tuple[float, float]]]
    flow: str


class Case(msgspec.Struct):
    """A graph under a pool."""

    calls: list[RecordedCall]
    max_workers: Annotated[int, msgspec.Meta(ge=1)]
    expect: Told


def decisions(recording: Recording) -> Iterator[Decision]:
    """Each recorded start and end beside ours. Raises `UsageError` for a malformed case."""
    for where, case in cases_as(recording, Case):
        _check(case, recording.file, where)
        calls = {call.name: call for call in case.calls}

        def perform(
            run: TaskRun, times: int, calls: dict[str, RecordedCall] = calls
        ) -> tuple[Ending, int]:
            call = calls[run.call.name]
            fails = times == 0 and call.retry_delay is not None
            return Ending(raised="fails" if fails else ""), round(call.dur * SECOND)

        client, flow_run = run_flow(_flow(case), perform)
        for name, told in case.expect.bodies.items():
            ours = client.bodies.get(name, [])
            yield Decision(where, f"{name} tries", len(told), len(ours))
            for index, span in enumerate(told):
                for edge, what in enumerate(("start", "end")):
                    fact = f"{name} #{index + 1} {what}"
                    if index >= len(ours):
                        yield Decision(where, fact, span[edge], ABSENT)
                    else:
                        yield _within(where, fact, span[edge], ours[index][edge] / SECOND)
        yield Decision(where, "flow", case.expect.flow, flow_run.state.name)


def _within(case: str, what: str, measured: float, ours: float) -> Decision:
    """An instant as it was measured, beside ours; ours is told as measured when it is as near."""
    return Decision(case, what, measured, measured if abs(measured - ours) <= TOLERANCE else ours)


def _flow(case: Case) -> Flow:
    calls = tuple(
        Call(
            call.name,
            TaskOptions(
                "body", RetryDelays(0 if call.retry_delay is None else 1, call.retry_delay)
            ),
            wait_for=tuple(Ref(name) for name in call.wait_for),
        )
        for call in case.calls
    )
    runner = RunnerOptions(max_workers=case.max_workers)
    returned = tuple(call.name for call in calls)
    return Flow("flow", calls, "states", returned, runner=runner, wait_all=True)


def _check(case: Case, file: str, where: str) -> None:
    known: set[str] = set()
    for index, call in enumerate(case.calls):
        for number, name in enumerate(call.wait_for):
            if name not in known:
                place = f"{where}.calls[{index}].wait_for[{number}]"
                raise malformed(file, place, f"no call {name!r} before this one")
        if call.name in known:
            raise malformed(file, f"{where}.calls[{index}].name", "it is there twice")
        known.add(call.name)
