"""Nights with `with transaction():` blocks: what is kept, what is taken back, in which order."""

from __future__ import annotations

from typing import Any

import pytest

from sim.kernel.calendar import SECOND
from sim.model.interventions import Mark, Rerun
from sim.platform.contract import Fate
from sim.views.metadata.prefect import books
from tests.unit.prefect.builder import FAILS, at, cron, fly
from tests.unit.prefect.transaction_nights import DATE, HOOKED, calls, done, night, rolled_back


@pytest.mark.parametrize(
    ("mode", "order"),
    [
        (None, "a b keep_a keep_b c keep_c"),
        ("LAZY", "a b keep_a keep_b c keep_c"),
        ("EAGER", "a keep_a b keep_b c keep_c"),
        ("OFF", "a b undo_b undo_a c keep_c"),
    ],
)
def test_a_mode_says_when_a_block_is_kept(mode: str | None, order: str) -> None:
    """`c` stands outside, where each call is kept as soon as it ends."""
    flight = night(calls(a="t", b="t", c=""), transactions={"t": {"commit_mode": mode}})

    assert order == done(flight)
    assert ["Completed"] == flight.states()


@pytest.mark.parametrize(
    ("outer", "inner", "order"),
    [
        ("LAZY", None, "a b c keep_a keep_b keep_c"),
        ("LAZY", "EAGER", "a b keep_b c keep_a keep_c"),
        ("LAZY", "OFF", "a b c keep_a keep_b keep_c"),
        ("EAGER", None, "a keep_a b keep_b c keep_c"),
        ("EAGER", "LAZY", "a keep_a b c keep_c keep_b"),
        ("OFF", None, "a b c undo_c undo_b undo_a"),
        ("OFF", "LAZY", "a b c undo_c undo_b undo_a"),
        ("OFF", "EAGER", "a b keep_b c undo_c undo_a"),
    ],
)
def test_the_outermost_block_answers_for_the_others(
    outer: str, inner: str | None, order: str
) -> None:
    """An inner one commits by itself only when it is EAGER; `b` stands in both."""
    modes = {"t": {"commit_mode": outer}, "u": {"commit_mode": inner}}
    flight = night(calls(a="t", b=["t", "u"], c="t"), transactions=modes)

    assert order == done(flight)
    assert ["Completed"] == flight.states()


def test_what_was_committed_is_not_taken_back() -> None:
    """The EAGER block inside is kept, what stands around it is not."""
    made = calls(a="t", b=["t", "u"], c="t")
    flight = night(made, "c", transactions={"u": {"commit_mode": "EAGER"}})

    assert "a b keep_b c undo_a" == done(flight)
    assert ["a"] == rolled_back(flight)
    assert ["Failed"] == flight.states()


def test_a_try_that_fails_rolls_its_block_back_although_it_is_tried_again() -> None:
    """The second try and what follows are Completed, and neither kept nor taken back."""
    tasks = HOOKED | {"b": HOOKED["b"] | {"retries": 1}}
    flight = night(calls(a="t", b="t", c="t"), "b", tasks=tasks)

    assert "a b undo_a b c" == done(flight)
    assert ["a"] == rolled_back(flight)
    assert ["Completed"] == flight.states()


def test_a_failure_is_told_after_what_it_takes_back() -> None:
    """The hook runs inside the call that failed."""
    flight = night(calls(a="t", b="t"), "b")

    assert [
        "03:02:00 a.on_rollback#1 RUNNING",
        "03:03:00 a.on_rollback#1 RolledBack",
    ] == flight.tasks("a.on_rollback")
    assert "03:03:00 b#1 FAILED" in flight.tasks("b")


@pytest.mark.parametrize("how", ["direct_state", "submit", "caught"])
def test_a_block_is_rolled_back_whatever_becomes_of_the_failure(how: str) -> None:
    """Returned as a state, left in its future, or caught in the block."""
    made = calls(a="t", b="t", c="t")
    if how != "caught":
        made["b"]["mode"] = how
    made["c"] |= {"wait_for": ["b"], "allow_failure": ["b"]} if how == "submit" else {}
    flight = night(made, "b", catches=how == "caught")

    assert "a b undo_a c" == done(flight)
    assert ["Completed"] == flight.states()


def test_a_block_that_catches_is_left_and_the_flow_goes_on() -> None:
    """`c` stands behind it, in a block that its failure rolled back."""
    made = calls(a=["t", "u"], b=["t", "u"], d=["t", "u"], c="t")
    flight = night(made, "b", transactions={"u": {"catches": True}})

    assert "a b undo_a c" == done(flight)
    assert ["Completed"] == flight.states()


def test_hooks_of_a_block_come_before_those_of_what_stands_in_it() -> None:
    """The last first, on a rollback; on a commit after its children."""
    own = {"on_rollback": ["one", "two"], "on_commit": "all"}
    made = calls(a="t", b=["t", "u"], c="t")
    bad = night(made, "c", transactions={"t": own, "u": {"on_rollback": "inner"}})
    good = night(made, transactions={"t": own})

    assert "a b c two one inner undo_b undo_a" == done(bad)
    assert "a b c keep_a keep_b keep_c all" == done(good)


def test_several_hooks_of_a_task_run_in_reverse() -> None:
    """Each is a task instance of its own."""
    tasks = {"a": {"on_rollback": ["one", "two"]}}
    flight = night(calls(a="t", b="t"), "b", tasks=tasks)

    assert "a b two one" == done(flight)
    assert "03:04:00 a.on_rollback#1 RolledBack" in flight.tasks("a.on_rollback")
    assert "03:03:00 a.on_rollback.2#1 RolledBack" in flight.tasks("a.on_rollback.2")


def test_a_rollback_hook_that_fails_ends_its_branch() -> None:
    """What else hangs on `b` is not done and `b` is not RolledBack; `a` is."""
    tasks = HOOKED | {"b": {"on_rollback": ["never", "undo_b"]}}
    flight = night(calls(a="t", b="t", c="t"), "c", "undo_b", tasks=tasks)

    assert "a b c undo_b undo_a" == done(flight)
    assert ["a"] == rolled_back(flight)


def test_a_block_whose_own_hook_fails_is_taken_back_again_by_the_next_one() -> None:
    """By the call that failed, by its own end, and by the block around it; `b` is not reached."""
    fails = [("inner", number) for number in (1, 2, 3)]
    made = calls(a="t", b=["t", "u"], c=["t", "u"])
    flight = night(made, "c", *fails, transactions={"u": {"on_rollback": "inner"}})

    assert "a b c inner inner inner undo_a" == done(flight)


@pytest.mark.parametrize(
    ("mode", "order"),
    [
        ("LAZY", "a b c keep_a keep_b undo_b keep_c"),
        ("EAGER", "a keep_a b keep_b undo_b c keep_c"),
    ],
)
def test_a_commit_hook_that_fails_takes_its_call_back(mode: str, order: str) -> None:
    """Nothing else is; the task run was Completed and is RolledBack."""
    transactions = {"t": {"commit_mode": mode}}
    flight = night(calls(a="t", b="t", c="t"), "keep_b", transactions=transactions)

    assert order == done(flight)
    assert ["b"] == rolled_back(flight)
    assert ["Completed"] == flight.states()


def test_a_commit_hook_that_fails_in_an_eager_block_rolls_the_block_back() -> None:
    """Its own hooks run, its committed children stay."""
    transactions = {"t": {"commit_mode": "EAGER", "on_rollback": "block"}}
    flight = night(calls(a="t", b="t"), "keep_b", transactions=transactions)

    assert "a keep_a b keep_b undo_b block" == done(flight)


def test_a_failure_leaves_what_was_cached_alone() -> None:
    """A date that is run again: its first run failed after `a` was kept by a block before."""
    tasks = HOOKED | {"a": HOOKED["a"] | {"cache_key_fn": "{{ fecha }}"}}
    made = calls(a="first", b="t") | {"again": {"task": "a", "mode": "direct", "transaction": "t"}}
    flight = night(made | calls(c="t"), "c", tasks=tasks)

    assert "a keep_a b c undo_b" == done(flight)
    assert ["b"] == rolled_back(flight)
    assert any("Cached" in line for line in flight.tasks("again"))


def test_a_block_with_a_key_is_committed_where_its_record_is() -> None:
    """Its calls are made all the same, and nothing of them is kept or taken back."""
    rerun = Rerun(at=at("05:00:00"), data_date=DATE)
    keyed = {"key": "publish {{ fecha }}"}
    made = calls(a="t", b="t")
    plain = night(made, transactions={"t": keyed}, actions=(rerun,))
    asks = night(made, transactions={"t": keyed | {"skips_committed": True}}, actions=(rerun,))
    anew = night(made, transactions={"t": keyed | {"overwrite": True}}, actions=(rerun,))
    never = night(made, transactions={"t": keyed | {"write_on_commit": False}}, actions=(rerun,))

    assert "a b keep_a keep_b a b" == done(plain)
    assert "a b keep_a keep_b" == done(asks)
    assert "a b keep_a keep_b a b keep_a keep_b" == done(anew) == done(never)


def test_threads_stand_in_the_block_in_which_they_were_submitted() -> None:
    """Mapped and submitted calls are its children, in the order in which they end."""
    made = {
        "a": {"mode": "submit", "transaction": "t"},
        "b": {"mode": "map", "map_over": 2, "transaction": "t"},
        "c": {"mode": "direct", "transaction": "t", "wait_for": ["a", "b"]},
    }
    flight = night(made, "c", spans={"a": 120})

    assert "a b b c undo_a undo_b undo_b" == done(flight)


def test_a_thread_that_ends_after_its_block_is_neither_kept_nor_taken_back() -> None:
    """Its parent has committed already, and nobody answers for it."""
    made = {"a": {"mode": "submit", "transaction": "t"}} | calls(b="t")
    flight = night(made, spans={"a": 600}, waits=True)

    assert "a b keep_b" == done(flight)


def test_two_threads_take_one_block_back_at_the_same_time() -> None:
    """It is rolled back when its own hooks are done: the second failure begins them once more."""
    made = {name: {"mode": "submit", "transaction": "t"} for name in ("a", "b")} | calls(c="t")
    made["c"]["wait_for"] = ["a", "b"]
    flight = night(
        made, "a", "b", transactions={"t": {"on_rollback": "own"}}, spans={"b": 90}, tasks={}
    )

    assert "a b own own" == done(flight)
    assert "03:02:00 t.on_rollback#1 RolledBack" in flight.tasks("t.on_rollback")
    assert "03:02:30 t.on_rollback+#1 RolledBack" in flight.tasks("t.on_rollback+")


def test_a_process_of_a_pool_knows_of_no_block() -> None:
    """What it ran is kept at once."""
    made = {"a": {"mode": "submit", "transaction": "t"}} | calls(b="t")
    made["b"]["wait_for"] = ["a"]
    flight = night(made, "b", task_runner={"kind": "ProcessPoolTaskRunner"})

    assert "a keep_a b" == done(flight)


def test_a_subflow_stands_in_the_block_of_its_caller() -> None:
    """Its failure rolls back what was staged around it, although it is returned as a state."""
    sub = {"calls": calls(b="", c="")}
    made = calls(a="t") | {"s": {"flow": "g", "transaction": "t", "return_state": True}}
    flight = fly(flows={"f": {"calls": made}, "g": sub}, tasks=HOOKED, outcomes={("c", 1): FAILS})

    assert "a b c undo_b undo_a" == done(flight)
    assert ["Completed", "Failed"] == flight.states()


def test_a_flow_timeout_leaves_its_blocks_by_an_exception() -> None:
    """The call under way is Crashed after what was staged is taken back."""
    flight = night(calls(a="t", b="t"), timeout_seconds=90)

    assert "a b undo_a" == done(flight)
    assert "03:02:30 b#1 Crashed" in flight.tasks("b")
    assert "03:02:30 f0 TimedOut" in flight.runs()


def test_a_process_that_dies_takes_nothing_back() -> None:
    """What was staged is lost with it; a hook under way ends with it."""
    crash = {("b", 1): Fate("worker_crash", 5 * SECOND)}
    pool = {
        "work_pools": {"p": {}},
        "workers": {"w": {"pool": "p"}},
        "deployments": {
            "d": {"flow": "f", "work_pool": "p", "schedules": [cron("0 3 * * *")]},
        },
    }
    flight = night(calls(a="t", b="t"), fates=crash, **pool)
    cancelled = night(
        calls(a="t", b="t"),
        "b",
        actions=(Mark(at=at("03:02:30"), pipeline="f", data_date=DATE, state="failed"),),
        **pool,
    )

    assert "a b" == done(flight)
    assert "a b undo_a" == done(cancelled)
    assert "03:02:30 a.on_rollback#1 Cancelled" in cancelled.tasks("a.on_rollback")
    assert [] == rolled_back(flight) + rolled_back(cancelled)


@pytest.mark.parametrize(
    ("pause", "order"),
    [
        ({"suspend_flow_run": {}}, "a undo_a"),
        ({"pause_flow_run": {"timeout": 600}}, "a undo_a c keep_c"),
    ],
)
def test_a_pause_stands_in_a_block(pause: dict[str, Any], order: str) -> None:
    """A suspension leaves it, which nothing catches; a pause that runs out raises in it."""
    made = calls(a="t") | {"waits": {"transaction": "t", **pause}} | calls(b="t", c="")
    pool = {"work_pools": {"p": {}}, "workers": {"w": {"pool": "p"}}}
    schedule = {"flow": "f", "work_pool": "p", "schedules": [cron("0 3 * * *")]}
    flight = night(made, transactions={"t": {"catches": True}}, deployments={"d": schedule}, **pool)

    assert order == done(flight)


def test_the_books_show_what_was_taken_back() -> None:
    """A state more in task_run_state, the newest in task_run; the end of the run stays."""
    flight = night(calls(a="t", b="t"), "b")
    config, start = flight.prefect.server.config, at("00:00:00")
    tables = {
        one.name: one.rows()
        for one in books(flight.kernel.journal, config, start=start, now=flight.kernel.now)
    }

    states = [row["name"] for row in tables["task_run_state"] if row["task_run"] == "a"]
    assert ["Pending", "Running", "Completed", "RolledBack"] == states
    row = next(row for row in tables["task_run"] if row["name"] == "a")
    assert ("COMPLETED", "RolledBack", at("03:01:00")) == (
        row["state_type"],
        row["state_name"],
        row["end_time"],
    )
