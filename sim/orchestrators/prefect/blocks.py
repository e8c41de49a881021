"""The `with transaction():` blocks of a flow function: which of them it stands in, call by call.

Source: Prefect 3.8.8, transactions.py; the function itself is the list of its calls. What a call
starts in its own thread or in one of its process is a child of the innermost block at that time,
for a thread gets a copy of the context; other processes know of no block. Invariant: blocks are
left in the reverse of the order in which they were entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sim.orchestrators.prefect.cache_keys import block_key
from sim.orchestrators.prefect.caching import CacheSettings
from sim.orchestrators.prefect.locks import Locks
from sim.orchestrators.prefect.runs import HookRun
from sim.orchestrators.prefect.transactions import Left, Slot, Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.orchestrators.prefect.flows import Block
    from sim.orchestrators.prefect.runs import Client, FlowRun, Steps, TaskRun
    from sim.orchestrators.prefect.transactions import Hook

LOCK_LOST = "no_lock_held"
"""What is raised at the end of a SERIALIZABLE block that something in it rolled back before."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A block that the function stands in."""

    name: str
    options: Block
    transaction: Transaction
    before: Transaction | None
    """What the function stood in when it entered it."""


class Blocks:
    """The blocks of one flow function, one try of it after the other."""

    def __init__(self, client: Client, run: FlowRun, outer: Blocks | None = None) -> None:
        """`outer`: those of the flow that calls this one, as a subflow."""
        self._client = client
        self._run = run
        self.innermost: Transaction | None = None if outer is None else outer.innermost
        """What a call stands in now; a block whose end raised stays it until the next one ends."""
        self._memory: Locks = Locks() if outer is None else outer._memory  # noqa: SLF001
        """What MemoryLockManager has given out: one for each process."""
        self._open: list[_Open] = []
        self._closed: tuple[str, ...] = ()
        """The block whose other calls are not made: an exception left it, or it was committed."""

    def begin(self) -> None:
        """The function is called, once more."""
        self._open, self._closed = [], ()

    def locks(self, manager: str | None, run: TaskRun | None = None) -> Locks | None:
        """What a lock manager has given out; None: there is no manager."""
        if manager is None:
            return None
        if manager == "FileSystemLockManager":
            return self._client.results.locks
        # a process of a pool has a memory of its own, and one task run at a time
        return Locks() if run is not None and run.elsewhere else self._memory

    def reach(self, path: tuple[str, ...]) -> Steps:
        """Leave and enter blocks until a call of these blocks, the outermost first, can be made.

        Whether it is to be made, and what was raised on the way there, if anything.
        """
        common = 0
        while common < min(len(path), len(self._open)) and path[common] == self._open[common].name:
            common += 1
        while len(self._open) > common:
            left = self._open.pop()
            well = yield from self._leave(left, raised=False)
            if not well and not left.options.catches:
                return False, LOCK_LOST
        if self._closed and path[: len(self._closed)] == self._closed:
            return False, ""
        while len(self._open) < len(path):
            yield from self._enter(path[len(self._open)])
            top = self._open[-1]
            if top.options.skips_committed and top.transaction.committed:
                self._closed = path[: len(self._open)]
                return False, ""
        return True, ""

    def thrown(self) -> Steps:
        """An exception leaves one block after the other; whether the function catches it."""
        cause = self._run.task_runs[-1].row if self._run.task_runs else -1
        while self._open:
            path = tuple(one.name for one in self._open)
            left = self._open.pop()
            yield from self._leave(left, raised=True, cause=cause)
            if left.options.catches:
                self._closed = path
                return True
        return False

    def unwind(self) -> Steps:
        """An exception that nothing in the function can catch leaves every block."""
        while self._open:
            yield from self._leave(self._open.pop(), raised=True)

    def _leave(self, block: _Open, *, raised: bool, cause: int = -1) -> Steps:
        """Leave a block; False: its end raises by itself."""
        how = yield from block.transaction.leave(raised=raised, cause=cause)
        if how is not Left.INSIDE:
            self.innermost = block.before
        return how is Left.WELL

    def _enter(self, name: str) -> Steps:
        options = self._run.flow.blocks[name]
        locks = self.locks(options.lock_manager)
        key, slot = block_key(options.key, self._run), None
        if key is not None:
            settings = CacheSettings(persist=True, refresh=options.overwrite)
            slot = Slot(
                self._client.kernel,
                self._client.results,
                key,
                settings,
                locks,
                write_on_commit=options.write_on_commit,
            )
        before = self.innermost
        transaction = Transaction(before, options.commit_mode, options.isolation_level, slot, locks)
        yield from transaction.begin()
        if options.on_commit or options.on_rollback:
            hooks = [
                self._hooks(name, "on_commit", options.on_commit),
                self._hooks(name, "on_rollback", options.on_rollback),
            ]
            now = self._client.kernel.now
            transaction.stage(None, now, on_commit=hooks[0], on_rollback=hooks[1])
        self._open.append(_Open(name, options, transaction, before))
        self.innermost = transaction

    def _hooks(self, name: str, event: str, tasks: Sequence[str]) -> list[Hook]:
        return [
            partial(self._client.hook, HookRun(self._run, name, event, number, task))
            for number, task in enumerate(tasks)
        ]
