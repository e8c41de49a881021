"""Recorded flows of Prefect with transactions: in which order what was done, kept and taken back.

A case: `blocks` by name (`commit_mode`, `isolation_level`, `lock_manager`, `key`, `overwrite`,
`skips_committed`, `catches`, `on_commit` and `on_rollback`: of each hook `ok` or `fails`), `calls`
in order (`block`: the blocks it stands in, the outermost first; `mode`, `tries`, `retries`, `key`,
`isolation_level` and hooks as above), `catches`: whether the flow catches what a call raises; and
`expect`, one entry for each run of the flow in one process over one store: its `log` and `flow`.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sim.conform.decision import ABSENT, Decision
from sim.conform.prefect_script import FAILS, run_flow
from sim.conform.recording import cases_as, malformed
from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.caching import CachePolicy, CacheSettings
from sim.orchestrators.prefect.flows import Block, Call, Flow, TaskOptions
from sim.orchestrators.prefect.retry_delays import RetryDelays
from sim.orchestrators.prefect.runs import Ending
from sim.orchestrators.prefect.transactions import CommitMode, IsolationLevel
from sim.orchestrators.prefect.validate_transactions import BLOCKS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.prefect_script import ScriptedClient
    from sim.conform.recording import Recording
    from sim.orchestrators.prefect.runs import TaskRun

Hooks = list[Literal["ok", "fails"]]
Level = Literal["READ_COMMITTED", "SERIALIZABLE"]
Try = Literal["ok", "fail", "failed_state"]
MANAGER = "MemoryLockManager"


class RecordedBlock(msgspec.Struct):
    """The arguments of a `with transaction():`, and what the function does with it."""

    commit_mode: Literal["LAZY", "EAGER", "OFF"] | None = None
    isolation_level: Level | None = None
    lock_manager: bool = False
    key: str | None = None
    overwrite: bool = False
    skips_committed: bool = False
    catches: bool = False
    on_commit: Hooks = []
    on_rollback: Hooks = []


class RecordedCall(msgspec.Struct):
    """One call; what is submitted is waited for at once."""

    name: str
    mode: Literal["submit", "direct", "direct_state"]
    block: Annotated[list[str], msgspec.Meta(max_length=BLOCKS_MAX)]
    tries: Annotated[list[Try], msgspec.Meta(min_length=1)]
    retries: Annotated[int, msgspec.Meta(ge=0)]
    key: str | None = None
    isolation_level: Level | None = None
    on_commit: Hooks = []
    on_rollback: Hooks = []


class Told(msgspec.Struct):
    """What the real engine made of one run."""

    log: list[str]
    flow: list[str]


class Case(msgspec.Struct):
    """A flow, and what became of each of its runs."""

    blocks: dict[str, RecordedBlock]
    calls: list[RecordedCall]
    expect: list[Told]
    catches: bool = False


def decisions(recording: Recording) -> Iterator[Decision]:
    """Each recorded step beside ours. Raises `UsageError` for a malformed case."""
    for where, case in cases_as(recording, Case):
        _check(case, recording.file, where)
        flow, tries = _flow(case), {call.name: call.tries for call in case.calls}

        def perform(
            run: TaskRun, times: int, tries: dict[str, list[Try]] = tries
        ) -> tuple[Ending, int]:
            said = tries[run.call.name]
            return _ending(said[min(times, len(said) - 1)]), 0

        client: ScriptedClient | None = None
        for number, told in enumerate(case.expect):
            said = 0 if client is None else len(client.log)
            client, run = run_flow(flow, perform, before=client, run_id=str(number))
            steps = zip_longest(told.log, client.log[said:], fillvalue=ABSENT)
            for index, (theirs, ours) in enumerate(steps):
                yield Decision(where, f"run {number} step {index}", theirs, ours)
            state = [run.state.type.value, run.state.name]
            yield Decision(where, f"run {number} flow", told.flow, state)


def _ending(said: Try) -> Ending:
    if said == "fail":
        return Ending(raised="fails")
    if said == "failed_state":
        return Ending(state=states.failed("a failure", "returned"))
    return Ending(value="done")


def _flow(case: Case) -> Flow:
    calls = tuple(_call(call) for call in case.calls)
    blocks = {
        name: Block(
            None if one.commit_mode is None else CommitMode(one.commit_mode),
            _level(one.isolation_level),
            MANAGER if one.lock_manager else None,
            one.key,
            one.overwrite,
            on_commit=tuple(map(_task, one.on_commit)),
            on_rollback=tuple(map(_task, one.on_rollback)),
            catches=one.catches,
            skips_committed=one.skips_committed,
        )
        for name, one in case.blocks.items()
    }
    return Flow("flow", calls, catch=case.catches, blocks=blocks)


def _call(call: RecordedCall) -> Call:
    key, serializable = call.key, call.isolation_level == "SERIALIZABLE"
    policy = CachePolicy() if serializable else None
    if key is not None:
        policy = CachePolicy(key_fn=lambda _call: key)
    manager = MANAGER if serializable else None
    settings = CacheSettings(
        policy, isolation_level=_level(call.isolation_level), lock_manager=manager
    )
    options = TaskOptions(
        call.name,
        RetryDelays(call.retries),
        cache=settings,
        on_rollback=tuple(map(_task, call.on_rollback)),
        on_commit=tuple(map(_task, call.on_commit)),
    )
    return Call(call.name, options, call.mode, transaction=tuple(call.block))


def _task(how: str) -> str:
    return FAILS if how == "fails" else "done"


def _level(word: Level | None) -> IsolationLevel | None:
    return None if word is None else IsolationLevel(word)


def _check(case: Case, file: str, where: str) -> None:
    known: set[str] = set()
    for index, call in enumerate(case.calls):
        for number, name in enumerate(call.block):
            if name not in case.blocks:
                place = f"{where}.calls[{index}].block[{number}]"
                raise malformed(file, place, f"there is no block {name!r}")
        if call.name in known:
            raise malformed(file, f"{where}.calls[{index}].name", "it is there twice")
        known.add(call.name)
