"""What types cannot say about transactions and cache keys: places of blocks, locks, templates.

Each problem has the path in the section, a code, what is wrong and what would be right, as those of
`validate` have. Nothing is raised and nothing is changed.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from sim.orchestrators.prefect.cache_keys import FLOW_NAMES, TASK_INPUT_HASH, TASK_NAMES
from sim.orchestrators.prefect.catalog import listed
from sim.world import templates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sim.orchestrators.prefect.config import Flow, PrefectConfig, Task

Path = tuple[str | int, ...]
Found = tuple[Path, str, str, str]

BLOCKS_MAX = 32
"""Blocks within each other."""
_SERIALIZABLE = "SERIALIZABLE"


def validate_transactions(config: PrefectConfig, *, tasks: Collection[str]) -> Iterator[Found]:
    """Yield every problem of hooks, keys and blocks; `tasks`: keys of the config's own part."""
    for name, task in config.tasks.items():
        path: Path = ("tasks", name)
        yield from _hooks(task.on_rollback, tasks, (*path, "on_rollback"))
        yield from _hooks(task.on_commit, tasks, (*path, "on_commit"))
        if task.cache_key_fn not in {None, TASK_INPUT_HASH}:
            yield from _template(task.cache_key_fn, TASK_NAMES, (*path, "cache_key_fn"))
        yield from _isolation(name, task, config, path)
    for name, flow in config.flows.items():
        yield from _blocks(flow, tasks, ("flows", name))


def _isolation(name: str, task: Task, config: PrefectConfig, path: Path) -> Iterator[Found]:
    lockless = task.isolation_level == _SERIALIZABLE and task.lock_manager is None
    if lockless and not _locked_around(name, config):
        yield _lockless((*path, "isolation_level"))
    for field in ("isolation_level", "lock_manager"):
        given = getattr(task, field) is not None
        if given and (task.cache_policy == "NO_CACHE" or task.persist_result is False):
            message = f"without a key there is nothing to lock: {field} is ignored"
            yield (*path, field), "W-CACHE-POLICY", message, "take one of them away"


def _locked_around(name: str, config: PrefectConfig) -> bool:
    """Whether each call of a task stands in a block whose lock manager it can take."""
    around = [
        flow.transactions[blocks[-1]].lock_manager
        if (blocks := listed(call.transaction)) and blocks[-1] in flow.transactions
        else None
        for flow in config.flows.values()
        for key, call in flow.calls.items()
        if call.flow is None and (call.task or key) == name
    ]
    return bool(around) and None not in around


def _lockless(path: Path) -> Found:
    message = "SERIALIZABLE needs a lock manager: the real one raises ConfigurationError"
    return path, "E-LOCK-MANAGER", message, "lock_manager: MemoryLockManager"


def _blocks(flow: Flow, tasks: Collection[str], path: Path) -> Iterator[Found]:
    """The blocks of a flow: where its calls stand, and what is said of each."""
    around: dict[str, tuple[str, ...]] = {}
    before: tuple[str, ...] = ()
    left: set[tuple[str, ...]] = set()
    for key, call in flow.calls.items():
        place: Path = (*path, "calls", key, "transaction")
        blocks = listed(call.transaction)
        if len(blocks) > BLOCKS_MAX:
            message = f"{len(blocks)} blocks within each other"
            yield place, "E-TRANSACTION", message, f"{BLOCKS_MAX} at most"
        left |= _prefixes(before) - _prefixes(blocks)
        again = [path[-1] for path in sorted(_prefixes(blocks) & left, key=len)]
        if again:
            message = f"the calls of transaction {again[0]} do not stand together"
            yield place, "E-TRANSACTION", message, "put them side by side"
        for depth, block in enumerate(blocks):
            if around.setdefault(block, blocks[:depth]) != blocks[:depth]:
                message = f"transaction {block} stands elsewhere too"
                hint = "one name is one block, and blocks lie within each other"
                yield place, "E-TRANSACTION", message, hint
                break
        kind = flow.task_runner.kind
        submitted = call.flow is None and call.mode in {"submit", "map"}
        if blocks and submitted and kind != "ThreadPoolTaskRunner":
            message = f"what a {kind} runs stands in no block of the flow's process"
            yield (*path, "calls", key, "mode"), "W-TRANSACTION", message, "mode: direct"
        before = blocks
    for name in flow.transactions:
        yield from _block(name, flow, around, tasks, (*path, "transactions", name))


def _prefixes(blocks: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {blocks[: depth + 1] for depth in range(len(blocks))}


def _block(
    name: str,
    flow: Flow,
    around: dict[str, tuple[str, ...]],
    tasks: Collection[str],
    path: Path,
) -> Iterator[Found]:
    block = flow.transactions[name]
    if name not in around:
        close = get_close_matches(name, list(around), n=1)
        hint = f"did you mean {close[0]}?" if close else "transaction: of a call names it"
        yield path, "E-TRANSACTION-UNKNOWN", f"no call stands in transaction {name}", hint
    if block.key is not None:
        yield from _template(block.key, FLOW_NAMES, (*path, "key"))
    elif block.overwrite or block.skips_committed:
        message = "without a key there is no record, and it is never committed before"
        field = "overwrite" if block.overwrite else "skips_committed"
        yield (*path, field), "W-TRANSACTION", message, "add key:"
    yield from _hooks(block.on_commit, tasks, (*path, "on_commit"))
    yield from _hooks(block.on_rollback, tasks, (*path, "on_rollback"))
    level = block.isolation_level
    for outer in reversed(around.get(name, ())):
        if level is None and outer in flow.transactions:
            level = flow.transactions[outer].isolation_level
    if level == _SERIALIZABLE and block.lock_manager is None:
        yield _lockless(path if block.isolation_level is None else (*path, "isolation_level"))


def _hooks(names: str | list[str] | None, tasks: Collection[str], path: Path) -> Iterator[Found]:
    for number, name in enumerate(listed(names)):
        if name not in tasks:
            place = path if isinstance(names, str) else (*path, number)
            close = get_close_matches(name, list(tasks), n=1)
            hint = f"did you mean {close[0]}?" if close else "there is no such task"
            yield place, "E-TASK-UNKNOWN", f'task "{name}" is not defined', hint


def _template(text: str | None, names: Collection[str], path: Path) -> Iterator[Found]:
    """A text that must be a template over some names."""
    problem = templates.check(text or "")
    if problem is not None:
        message = f"the template cannot be read: {str(problem).rstrip('.')}"
        yield path, "E-TEMPLATE", message, "such as {{ fecha }}"
        return
    for name in sorted(templates.names_used(text or "") - {*names, "macros"}):
        close = get_close_matches(name, sorted(names), n=1)
        hint = f'did you mean "{close[0]}"?' if close else f"these are: {', '.join(sorted(names))}"
        yield path, "E-TEMPLATE-NAME", f'no name "{name}" in a template', hint
