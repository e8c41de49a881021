"""Transactions: `with transaction():` blocks, and the one that each try of a task run is.

Source: Prefect 3.8.8, transactions.py. A transaction ends as the child of the one around it, and
who commits it depends on its mode; one that was rolled back rolls its parent back at once, whatever
the flow makes of the exception, and what is staged in a parent that was rolled back is neither
kept nor taken back. Invariant: what was committed is never taken back, and nothing is both.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sim.orchestrators.prefect.caching import CacheSettings

if TYPE_CHECKING:
    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.caching import Key, Record, ResultStore
    from sim.orchestrators.prefect.locks import Locks
    from sim.orchestrators.prefect.runs import Steps

Hook = Callable[[int], Generator[Any, Any, bool]]
"""Performs a hook in its time, given the journal row that led to it; False: it raised."""

_FOR_EVER = CacheSettings(persist=True)


class CommitMode(StrEnum):
    """When a transaction commits."""

    LAZY = "LAZY"
    """With the one around it; the outermost when it ends."""
    EAGER = "EAGER"
    """When it ends."""
    OFF = "OFF"
    """With the one around it; the outermost rolls back when it ends."""


class IsolationLevel(StrEnum):
    """What a transaction sees of others with its key."""

    READ_COMMITTED = "READ_COMMITTED"
    """What was committed when it began."""
    SERIALIZABLE = "SERIALIZABLE"
    """One at a time: it holds a lock on its key until it is over."""


class TransactionState(StrEnum):
    """How far a transaction has come."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    STAGED = "STAGED"
    COMMITTED = "COMMITTED"
    ROLLED_BACK = "ROLLED_BACK"


class Left(StrEnum):
    """How the end of a transaction went."""

    WELL = "WELL"
    RAISED = "RAISED"
    """It was left, and then its parent's rollback raised."""
    INSIDE = "INSIDE"
    """It raised before it was left: what comes next still stands in it."""


_OVER = frozenset({TransactionState.COMMITTED, TransactionState.ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the record of a transaction with a key lies."""

    kernel: Kernel
    results: ResultStore
    key: Key
    settings: CacheSettings = _FOR_EVER
    """How long the record lasts, and whether it is made anew (`overwrite`)."""
    locks: Locks | None = None
    """Of its store's lock manager; None: there is none."""
    write_on_commit: bool = True


@dataclass(slots=True, eq=False)
class Transaction:
    """One transaction; what it inherits, it inherits when it is made."""

    parent: Transaction | None = None
    commit_mode: CommitMode | None = None
    """None: the parent's, without one LAZY."""
    isolation_level: IsolationLevel | None = None
    """None: the parent's, without one READ_COMMITTED."""
    slot: Slot | None = None
    """None: it has no key, and keeps nothing itself."""
    locks: Locks | None = None
    """What it hands on to what stands in it; None: what the parent does."""
    state: TransactionState = TransactionState.PENDING
    children: list[Transaction] = field(default_factory=list)
    """In the order in which they ended."""
    on_commit: list[Hook] = field(default_factory=list)
    on_rollback: list[Hook] = field(default_factory=list)
    _staged: tuple[object, int] | None = None
    """The value to keep, and when it was there."""

    def __post_init__(self) -> None:
        above = self.parent
        if self.commit_mode is None:
            self.commit_mode = CommitMode.LAZY if above is None else above.commit_mode
        if self.isolation_level is None:
            level = IsolationLevel.READ_COMMITTED
            self.isolation_level = level if above is None else above.isolation_level
        if self.locks is None and above is not None:
            self.locks = above.locks

    def begin(self, until: int | None = None) -> Steps:
        """Enter it: with the lock on its key, and committed if its record is there.

        False: `until` came before the lock, and it was not entered.
        """
        slot = self.slot
        if slot is not None and self._locked is not None:
            locked = self._locked.acquire(slot.kernel, slot.key, self, until=until)
            if not (yield from locked):
                return False
        self.state = TransactionState.ACTIVE
        if slot is not None:
            found = slot.results.hit(slot.settings, slot.key, slot.kernel.now)
            if found is not None:
                self.state = TransactionState.COMMITTED
        return True

    def give_up(self) -> None:
        """An exception came while it began: it was not entered, and has no lock."""
        self._release()
        self.state = TransactionState.PENDING

    @property
    def committed(self) -> bool:
        """Whether it is kept; after `begin` already: its record was there."""
        return self.state is TransactionState.COMMITTED

    def read(self) -> Steps:
        """The record that was there; it is waited for while somebody else has its lock."""
        slot = self.slot
        assert slot is not None
        if slot.locks is not None:
            yield from slot.locks.wait(slot.kernel, slot.key, self)
        record: Record = slot.results.records[slot.key]
        return record.value

    def stage(
        self, value: object, now: int, *, on_commit: list[Hook], on_rollback: list[Hook]
    ) -> None:
        """A value to keep when it commits, and what is to be done then or when it does not."""
        if self.committed:
            return
        self._staged = value, now
        self.on_commit += on_commit
        self.on_rollback += on_rollback
        self.state = TransactionState.STAGED

    def leave(self, *, raised: bool, cause: int = -1) -> Steps:
        """The end of the block, or an exception that leaves it."""
        if not (yield from self._close(cause, raised=raised)):
            return Left.INSIDE
        if self.parent is not None:
            # it is the parent's from here on
            self.parent.children.append(self)
            if self.state is TransactionState.ROLLED_BACK:
                well = yield from self.parent.rollback(cause)
                return Left.WELL if well else Left.RAISED
        return Left.WELL

    def _close(self, cause: int, *, raised: bool) -> Steps:
        """What its mode asks for at its end; False: that raises."""
        if raised:
            return (yield from self.rollback(cause))
        if self.commit_mode is CommitMode.EAGER:
            return (yield from self._commit(cause))
        if self.parent is not None:
            return True
        if self.commit_mode is CommitMode.OFF:
            return (yield from self.rollback(cause))
        return (yield from self._commit(cause))

    def rollback(self, cause: int) -> Steps:
        """Take it back: its own hooks first, the last first, then its children, the last first.

        A hook that raises ends that; what was hung before it is not done, and no child is reached.
        One that was committed keeps even its lock. False: it raises, for it is taken back for the
        second time and has no lock to give back.
        """
        if self.state in _OVER:
            return True
        for hook in reversed(self.on_rollback):
            if not (yield from hook(cause)):
                break
        else:
            self.state = TransactionState.ROLLED_BACK
            for child in reversed(self.children):
                if not (yield from child.rollback(cause)):
                    break
        return self._release()

    def _commit(self, cause: int) -> Steps:
        """Keep it: its children, what is to be done then, its own value.

        False: it raises, as one does that was over before and has given its lock back already.
        """
        if self.state in _OVER:
            return self._release()
        if not (yield from self._commits(cause)):
            return (yield from self.rollback(cause))
        self.state = TransactionState.COMMITTED
        return self._release()

    def _commits(self, cause: int) -> Steps:
        for child in self.children:
            if not (yield from child._commit(cause)):  # noqa: SLF001 - of its own kind
                return False
        for hook in self.on_commit:
            if not (yield from hook(cause)):
                return False
        return self._write()

    def _write(self) -> bool:
        """Keep its value; False: another holds the lock on its key."""
        slot = self.slot
        if slot is None or not slot.write_on_commit:
            return True
        if slot.locks is not None and slot.locks.held_by_another(slot.key, self):
            return False
        value, now = self._staged or (None, slot.kernel.now)
        settings = _FOR_EVER if self._staged is None else slot.settings
        slot.results.keep(settings, slot.key, value, now)
        return True

    @property
    def _locked(self) -> Locks | None:
        """Where its lock is."""
        if self.slot is None or self.isolation_level is not IsolationLevel.SERIALIZABLE:
            return None
        return self.slot.locks

    def _release(self) -> bool:
        """Give its lock back; False: it had none any more."""
        if self._locked is None or self.slot is None:
            return True
        return self._locked.release(self.slot.key, self)
