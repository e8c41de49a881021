"""SERIALIZABLE isolation: who waits for whose lock, and which locks are never given back."""

from __future__ import annotations

import pytest

from sim.model.interventions import Rerun
from tests.unit.prefect.builder import at
from tests.unit.prefect.transaction_nights import (
    DATE,
    FILES,
    HOOKED,
    SERIAL,
    calls,
    done,
    night,
)


def test_two_calls_with_one_key_wait_for_each_other_when_serializable() -> None:
    """READ_COMMITTED both run; SERIALIZABLE the second waits, and finds the record."""
    made = {"one": {"task": "a"}, "two": {"task": "a"}}
    both = night(made, tasks={"a": {"cache_key_fn": "k"}}, returns="all")
    one = night(made, tasks={"a": {"cache_key_fn": "k"} | SERIAL}, returns="all")

    assert "a a" == done(both)
    assert "a" == done(one)
    assert ["03:00:00 two#1 RUNNING", "03:01:00 two#1 Cached"] == one.tasks("two")


def test_the_second_runs_itself_when_the_first_has_failed() -> None:
    """The lock is given back on a rollback; the retry finds the record of the other."""
    tasks = {
        "a": {"cache_key_fn": "k", "retries": 1, "retry_delay_seconds": 600} | SERIAL,
        "b": {"cache_key_fn": "k"} | SERIAL,
    }
    flight = night({"a": {}, "b": {}}, "a", tasks=tasks, returns="all")

    assert ["03:00:00 b#1 RUNNING", "03:02:00 b#1 SUCCESS"] == flight.tasks("b")
    assert ["03:11:00 a#2 Retrying", "03:11:00 a#2 Cached"] == flight.tasks("a")[-2:]


def test_two_calls_with_one_key_in_a_lazy_block_wait_for_ever() -> None:
    """The first holds its lock until the block ends, which it never does."""
    made = {name: {"task": "a", "mode": "direct", "transaction": "t"} for name in ("one", "two")}
    flight = night(made, tasks={"a": {"cache_key_fn": "k"} | SERIAL})

    assert "a" == done(flight)
    assert ["Running"] == flight.states()


def test_a_lock_that_is_waited_for_counts_against_a_timeout() -> None:
    """In the main thread a signal ends the wait; then the block is left by an exception."""
    made = {name: {"task": "a", "mode": "direct", "transaction": "t"} for name in ("one", "two")}
    options = {"cache_key_fn": "k", "timeout_seconds": 300, "on_rollback": "undo_a"}
    flight = night(made, tasks={"a": options | SERIAL})

    assert "a undo_a" == done(flight)
    assert "03:06:00 two#1 TimedOut" in flight.tasks("two")


@pytest.mark.parametrize(("locks", "last"), [(SERIAL, "Completed"), (FILES, "Running")])
def test_a_record_found_in_a_block_that_is_rolled_back_keeps_its_lock(
    locks: dict[str, str], last: str
) -> None:
    """A lock of a process ends with it; a lock file stays, and the next run waits for ever."""
    made = calls(a="") | {"again": {"task": "a", "mode": "direct", "transaction": "t"}}
    flight = night(
        made,
        tasks={"a": {"cache_key_fn": "k"} | locks},
        transactions={"t": {"commit_mode": "OFF"}},
        actions=(Rerun(at=at("04:00:00"), data_date=DATE),),
    )

    assert any("Cached" in line for line in flight.tasks("again"))
    assert ["Completed", last] == flight.states()


def test_a_serializable_task_in_an_eager_block_rolls_the_block_back() -> None:
    """It is committed twice and has one lock to give back: the block's own commit raises."""
    transactions = {"t": {"commit_mode": "EAGER", "on_rollback": "block", "on_commit": "never"}}
    flight = night(calls(a="t"), tasks={"a": HOOKED["a"] | SERIAL}, transactions=transactions)

    assert "a keep_a block" == done(flight)
    assert ["Completed"] == flight.states()


def test_a_serializable_block_that_was_rolled_back_raises_at_its_end() -> None:
    """It has no lock to give back, and the flow fails although everything was caught."""
    transactions = {"t": {"key": "k"} | SERIAL}
    made = calls(a="t", b="t")
    made["b"]["mode"] = "direct_state"
    flight = night(made, "b", transactions=transactions)

    assert "a b undo_a" == done(flight)
    assert ["Failed"] == flight.states()
