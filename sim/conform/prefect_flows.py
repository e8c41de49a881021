"""Recorded outcomes of Prefect flows: the state of every task run, of the flow, and who ran.

A case: `calls` in order (`mode`, `params` and `wait_for` with their upstream, `tries`, `retries`,
`persist`), what the function returns (`return`), whether it raises, waits and catches, and the
flow's retries; `expect` holds the states, how often each body ran, and the flow's tries. Threads of
a real pool race for the records of equal calls: a case agrees when one way of that race gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sim.conform.decision import Decision
from sim.conform.prefect_script import run_flow
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.caching import CacheSettings
from sim.orchestrators.prefect.flows import Call, Flow, Ref, Returns, TaskOptions
from sim.orchestrators.prefect.retry_delays import RetryDelays
from sim.orchestrators.prefect.runs import Ending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording
    from sim.orchestrators.prefect.runs import TaskRun

RACERS = 2
"""So many calls that keep results can race."""
_RETURNS: dict[str, Returns] = {
    "none": "none",
    "value": "value",
    "last": "state",
    "all": "states",
    "states_list": "states",
    "mixed": "mixed",
}


class Upstream(msgspec.Struct, rename={"call": "from"}):
    """What a call takes from another."""

    call: str
    allow_failure: bool = False


Try = Literal["ok", "fail", "failed_state", "cancelled_state"]


class RecordedCall(msgspec.Struct):
    """One call of the flow."""

    name: str
    mode: Literal["submit", "direct", "direct_state", "map"]
    params: list[Upstream]
    wait_for: list[Upstream]
    tries: Annotated[list[Try], msgspec.Meta(min_length=1)]
    retries: Annotated[int, msgspec.Meta(ge=0)]
    persist: bool = False


class Told(msgspec.Struct):
    """What the real engine made of it."""

    calls: dict[str, list[str]]
    executions: dict[str, int]
    flow: list[str]
    flow_tries: int


class Case(msgspec.Struct, rename={"returns": "return", "raises": "raise"}):
    """A flow and what became of it."""

    calls: list[RecordedCall]
    returns: Literal["none", "value", "last", "all", "states_list", "mixed"]
    raises: Literal["no", "first", "always"]
    flow_retries: int
    expect: Told
    wait_all: bool = True
    catch_direct: bool = False


def decisions(recording: Recording) -> Iterator[Decision]:
    """Each recorded state and count beside ours. Raises `UsageError` for a malformed case."""
    for where, case in cases_as(recording, Case):
        _check(case, recording.file, where)
        first: list[Decision] | None = None
        for variant in _variants(case):
            found = list(_judged(where, case, variant))
            first = found if first is None else first
            if all(one.agrees for one in found):
                first = found
                break
        yield from first or ()


@dataclass(frozen=True, slots=True)
class _Variant:
    """One way in which the threads of a case may have come along."""

    calls: tuple[RecordedCall, ...]
    slow: frozenset[str] = frozenset()
    """The calls whose first body takes long enough for the next threads to begin."""


def _variants(case: Case) -> Iterator[_Variant]:
    """In order first; then, where threads race for one record, each way that the race may go.

    Two submitted calls that keep their results and may have the same key race: which of the two
    finds the other's record, only the recorder's machine can say.
    """
    calls = tuple(case.calls)
    yield _Variant(calls)
    racing = [call.name for call in calls if call.persist and call.mode == "submit"]
    if len(racing) < RACERS:
        return
    for name in racing:
        yield _Variant(calls, frozenset({name}))
    yield _Variant(calls, frozenset(racing))
    for index, (one, other) in enumerate(pairwise(calls)):
        needs = {ref.call for ref in (*other.params, *other.wait_for)}
        if {one.name, other.name} <= set(racing) and one.name not in needs:
            yield _Variant((*calls[:index], other, one, *calls[index + 2 :]))


def _judged(where: str, case: Case, variant: _Variant) -> Iterator[Decision]:
    tries = {call.name: call.tries for call in case.calls}

    def perform(run: TaskRun, times: int) -> tuple[Ending, int]:
        name = run.call.name
        said = tries[name][min(times, len(tries[name]) - 1)]
        return _ending(name, said), SECOND if name in variant.slow and times == 0 else 0

    client, flow_run = run_flow(_flow(case, variant.calls), perform)
    newest = {run.call.name: run.state for run in flow_run.task_runs}
    for name, told in case.expect.calls.items():
        of_call = newest.get(name)
        found = None if of_call is None else [of_call.type.value, of_call.name]
        yield Decision(where, f"calls {name}", told, found)
    ran = {name: len(times) for name, times in client.bodies.items()}
    for name in sorted({*case.expect.executions, *ran}):
        count = case.expect.executions.get(name, 0)
        yield Decision(where, f"executions {name}", count, ran.get(name, 0))
    state = flow_run.state
    yield Decision(where, "flow", case.expect.flow, [state.type.value, state.name])
    yield Decision(where, "flow_tries", case.expect.flow_tries, flow_run.run_count)


def _ending(name: str, said: Try) -> Ending:
    match said:
        case "ok":
            return Ending(value=name)
        case "fail":
            return Ending(raised=f"{name} failed")
        case "failed_state":
            return Ending(state=states.failed(f"{name} returned a failure", "returned"))
        case _:
            return Ending(state=states.CANCELLED)


def _flow(case: Case, recorded: tuple[RecordedCall, ...]) -> Flow:
    calls = tuple(_call(call) for call in recorded)
    futures = tuple(call.name for call in case.calls if call.mode != "direct")
    returned = futures[-1:] if case.returns == "last" else futures
    returns = _RETURNS[case.returns]
    return Flow(
        "flow",
        calls,
        returns=returns,
        returned=returned if returns in {"state", "states", "mixed"} else (),
        retries=case.flow_retries,
        wait_all=case.wait_all,
        catch=case.catch_direct,
        raises=case.raises,
    )


def _call(call: RecordedCall) -> Call:
    options = TaskOptions(
        "body",
        RetryDelays(call.retries),
        cache=CacheSettings(persist=call.persist),
    )
    return Call(call.name, options, call.mode, _refs(call.params), _refs(call.wait_for), length=1)


def _refs(upstream: list[Upstream]) -> tuple[Ref, ...]:
    return tuple(Ref(one.call, one.allow_failure) for one in upstream)


def _check(case: Case, file: str, where: str) -> None:
    known: set[str] = set()
    for index, call in enumerate(case.calls):
        for field in ("params", "wait_for"):
            for number, one in enumerate(getattr(call, field)):
                if one.call not in known:
                    place = f"{where}.calls[{index}].{field}[{number}].from"
                    raise malformed(file, place, f"no call {one.call!r} before this one")
        if call.name in known:
            raise malformed(file, f"{where}.calls[{index}].name", "it is there twice")
        known.add(call.name)
