"""Laws of transactions: any nesting, modes, hooks and failures, over calls of every mode."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.conform.prefect_script import FAILS, ScriptedClient, run_flow
from sim.orchestrators.prefect.caching import CachePolicy, CacheSettings
from sim.orchestrators.prefect.flows import Block, Call, Flow, Mode, TaskOptions
from sim.orchestrators.prefect.retry_delays import RetryDelays
from sim.orchestrators.prefect.runs import Ending, TaskRun
from sim.orchestrators.prefect.transactions import CommitMode, IsolationLevel

pytestmark = pytest.mark.hypothesis
DEPTH = 3
MODES: tuple[Mode, ...] = ("direct", "direct_state", "submit")
commit_modes = st.sampled_from([None, *CommitMode])


@st.composite
def flows(draw: st.DrawFn, *, failures: bool, modes: Any = commit_modes) -> Flow:
    """Up to seven calls in blocks within each other; hooks fail only where anything may."""
    hooks = st.sampled_from(["done", "done", FAILS]) if failures else st.just("done")
    blocks: dict[str, Block] = {}
    path: list[str] = []
    calls = []
    for number in range(draw(st.integers(1, 7))):
        del path[draw(st.integers(0, len(path))) :]
        while len(path) < DEPTH and draw(st.booleans()):
            path.append(f"t{len(blocks)}")
            blocks[path[-1]] = Block(
                draw(modes),
                on_rollback=(draw(hooks),) if failures else (),
                catches=draw(st.booleans()),
            )
        options = TaskOptions(
            draw(st.sampled_from(["ok", "ok", "fails", "fails once"])) if failures else "ok",
            RetryDelays(draw(st.integers(0, 1))),
            cache=CacheSettings(CachePolicy(key_fn=lambda _call, key=f"k{number}": key)),
            on_rollback=(draw(hooks),),
            on_commit=(draw(hooks),),
        )
        mode = draw(st.sampled_from(MODES))
        calls.append(Call(f"c{number}", options, mode, transaction=tuple(path)))
    return Flow("flow", tuple(calls), catch=draw(st.booleans()), blocks=blocks)


def body(run: TaskRun, times: int) -> tuple[Ending, int]:
    """A body that does what the name of its task says."""
    work = run.call.options.task
    fails = work == "fails" or (work == "fails once" and times == 0)
    return Ending(raised="fails" if fails else "", value="done"), 0


def kept(client: ScriptedClient) -> set[str]:
    """The calls whose result is in the store."""
    return {str(value).replace("k", "c") for key in client.results.records for _, value in key}


def lines(client: ScriptedClient, ending: str) -> list[str]:
    """Who did something, in order: `Completed`, `RolledBack`, `on_commit 0`."""
    return [one.split(" ", 1)[0] for one in client.log if one.split(" ", 1)[1] == ending]


@given(flows(failures=True))
def test_nothing_is_kept_and_taken_back(flow: Flow) -> None:
    """Neither by its record nor by its hooks; and only what was staged is either."""
    client, _ = run_flow(flow, body)
    back, staged = lines(client, "RolledBack"), lines(client, "Completed")

    assert len(back) == len(set(back))
    assert set() == kept(client) & set(back)
    assert kept(client) | set(back) <= set(staged)


@given(flows(failures=False))
def test_without_a_failure_everything_staged_is_kept_or_taken_back(flow: Flow) -> None:
    """One of the two; and taken back is only what stands in an outermost block that is OFF."""
    client, _ = run_flow(flow, body)
    back = set(lines(client, "RolledBack"))
    off = {
        call.name
        for call in flow.calls
        if call.transaction and flow.blocks[call.transaction[0]].commit_mode is CommitMode.OFF
    }

    assert set(lines(client, "Completed")) == kept(client) | back
    assert back <= off


@given(flows(failures=True, modes=st.just(CommitMode.LAZY)))
def test_lazy_blocks_are_all_or_nothing(flow: Flow) -> None:
    """Of an outermost block every call that was staged is kept, or none is: unless a hook fails."""
    hooks = [one for call in flow.calls for one in call.options.on_commit]
    client, _ = run_flow(flow, body)
    staged, stored = set(lines(client, "Completed")), kept(client)
    blocks: dict[str, set[bool]] = {}
    for call in flow.calls:
        if call.transaction and call.name in staged:
            blocks.setdefault(call.transaction[0], set()).add(call.name in stored)

    assert FAILS in hooks or all(len(fates) == 1 for fates in blocks.values())


@given(flows(failures=True))
def test_one_rollback_takes_back_in_the_reverse_of_staging(flow: Flow) -> None:
    """Between two bodies or commits, whatever is RolledBack was staged later than what follows."""
    client, _ = run_flow(flow, body)
    order = {name: number for number, name in enumerate(lines(client, "Completed"))}
    before: int | None = None
    for line in client.log:
        name, what = line.split(" ", 1)
        if what == "RolledBack":
            assert before is None or order[name] < before
            before = order[name]
        elif what in {"body", "Completed", "on_commit 0"} or name.startswith("t"):
            before = None


@given(flows(failures=True), st.sampled_from(IsolationLevel))
def test_a_run_of_the_flow_in_another_process_does_the_same(
    flow: Flow, level: IsolationLevel
) -> None:
    """Locks that nobody else asks for change nothing that a flow does, in blocks that are LAZY."""
    modes = {name: Block(catches=block.catches) for name, block in flow.blocks.items()}
    plain = Flow("flow", flow.calls, catch=flow.catch, blocks=modes)
    locked = Flow(
        "flow",
        flow.calls,
        catch=flow.catch,
        blocks={
            name: Block(
                catches=block.catches, isolation_level=level, lock_manager="MemoryLockManager"
            )
            for name, block in modes.items()
        },
    )

    assert run_flow(plain, body)[0].log == run_flow(locked, body)[0].log
