"""Locks on records: one holder at a time, whoever waits, and how it sees that it may go on."""

from __future__ import annotations

from typing import Any

from sim.kernel.calendar import SECOND
from sim.kernel.loop import Kernel
from sim.orchestrators.prefect.locks import POLL, Locks


class Stage:
    """Those who hold a lock for a while, one after the other."""

    def __init__(self, locks: Locks) -> None:
        self.kernel, self.locks = Kernel(seed=0, start=0), locks
        self.had: list[tuple[str, float]] = []
        """Who got the lock, and when; with a minus when its time came first."""

    def comes(self, name: str, at: float, holds: float, until: float | None = None) -> None:
        """Somebody asks at an instant and holds it for so many seconds."""
        self.kernel.process(self._life(name, at, holds, until))

    def _life(self, name: str, at: float, holds: float, until: float | None) -> Any:
        yield self.kernel.timeout(round(at * SECOND))
        last = None if until is None else round(until * SECOND)
        got = yield from self.locks.acquire(self.kernel, "key", name, until=last)
        self.had.append((name if got else f"-{name}", self.kernel.now / SECOND))
        if got:
            yield self.kernel.timeout(round(holds * SECOND))
            assert self.locks.release("key", name)

    def play(self) -> list[tuple[str, float]]:
        """What became of everybody."""
        self.kernel.run(until=3_600 * SECOND)
        return self.had


def test_threads_are_woken_in_the_order_in_which_they_came() -> None:
    """Each at the very instant at which the one before it is done."""
    stage = Stage(Locks())
    for number, name in enumerate("abc"):
        stage.comes(name, number, 10)

    assert [("a", 0), ("b", 10), ("c", 20)] == stage.play()


def test_a_lock_file_is_seen_to_be_gone_at_the_next_look() -> None:
    """Every tenth of a second from when each began to wait; the first to look has it."""
    stage = Stage(Locks(POLL))
    stage.comes("a", 0, 10)
    stage.comes("late", 1.08, 5)
    stage.comes("soon", 2.03, 5)

    assert [("a", 0), ("soon", 10.03), ("late", 15.08)] == stage.play()


def test_who_comes_between_two_looks_has_the_lock_file() -> None:
    """Those who wait do not know yet that it is gone."""
    stage = Stage(Locks(POLL))
    stage.comes("a", 0, 10)
    stage.comes("waits", 1.09, 5)
    stage.comes("comes", 10.05, 5)

    assert [("a", 0), ("comes", 10.05), ("waits", 15.09)] == stage.play()


def test_a_time_that_is_over_ends_the_wait() -> None:
    """At its instant, between two looks too; the next one does not wait for who is gone."""
    for locks in (Locks(), Locks(POLL)):
        stage = Stage(locks)
        stage.comes("a", 0, 10)
        stage.comes("b", 1, 5, until=4.55)
        stage.comes("c", 2, 5)

        assert [("a", 0), ("-b", 4.55), ("c", 10)] == stage.play()


def test_a_thread_sees_that_its_time_is_over_only_between_two_looks() -> None:
    """At a lock of its process it sees it when it has the lock."""
    assert (None, 33 * POLL) == (
        Locks().seen(32 * POLL + 1, 3 * POLL),
        Locks(POLL).seen(32 * POLL + 1, 3 * POLL),
    )


def test_a_lock_is_given_back_by_its_holder_only() -> None:
    """And once."""
    kernel, locks = Kernel(seed=0, start=0), Locks()
    holder, another = object(), object()
    list(locks.acquire(kernel, "key", holder))

    given = [locks.release("key", who) for who in (another, holder, holder)]
    assert [False, True, False] == given
