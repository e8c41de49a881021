"""Calls outside: how often they happen when a try dies around them, by how they are made safe."""

from __future__ import annotations

from typing import Any

import pytest

from sim.faults.plan import AttemptCrash
from sim.model.facts import Fact
from tests.unit.platform.stage import DAY_ONE, Stage, stage
from tests.unit.session.shop import SQL, TABLE, at

MAIL = {"mail": {"takes": "10s"}}
HONEST = {"mail": {"takes": "10s", "honours_keys": True}}


def publishing(mode: str, effect: dict[str, Any]) -> dict[str, Any]:
    """One task that reads, writes and calls."""
    task = {"work": "copy", "sql": SQL, "table": TABLE, "write_mode": mode}
    return {"load": {**task, "effect": {"service": "mail", **effect}}}


def two_tries(effect: dict[str, Any], *, before: int, **given: Any) -> Stage:
    """The first try dies before a statement, the second one runs an hour later to its end."""
    crash = AttemptCrash(task="load", data_date=DAY_ONE, before_statement=before)
    tasks = publishing("replace_partition", effect)
    shop = stage(**{"tasks": tasks, "services": MAIL, **given}, faults=[crash])
    shop.begin("load", "03:00")
    shop.begin("load", "04:00", try_number=2)
    return shop.run()


def calls(shop: Stage) -> int:
    """How often the service did what it was called for."""
    return sum(row.value for row in shop.facts(Fact.EFFECT))


@pytest.mark.parametrize(
    ("receipt", "before", "made"),
    [
        # write, call
        ("none", 1, 1),
        ("none", 2, 1),
        ("none", 3, 2),
        # write, call, receipt
        ("after", 2, 1),
        ("after", 3, 2),
        ("after", 4, 1),
        # write, receipt, call
        ("before", 2, 1),
        ("before", 3, 0),
        ("before", 4, 1),
        # write, begin, receipt, call, commit
        ("in_transaction", 3, 1),
        ("in_transaction", 4, 1),
        ("in_transaction", 5, 2),
        ("in_transaction", 6, 1),
    ],
)
def test_a_crash_at_each_boundary(receipt: str, before: int, made: int) -> None:
    """Between call and receipt it is called again, between receipt and call never."""
    shop = two_tries({"receipt": receipt}, before=before)

    assert calls(shop) == made
    assert [result for _, result, _ in shop.results()] == ["FAILED", "SUCCESS"]


@pytest.mark.parametrize(("before", "made", "rows"), [(4, 1, 0), (5, 1, 0), (6, 2, 0), (7, 1, 1)])
def test_a_receipt_in_the_transaction_of_the_write(before: int, made: int, rows: int) -> None:
    """begin, delete, insert, receipt, call, commit: rows and receipt come or go together."""
    crash = AttemptCrash(task="load", data_date=DAY_ONE, before_statement=before)
    tasks = publishing("delete_insert_transaction", {"receipt": "in_transaction"})
    shop = stage(tasks=tasks, services=MAIL, faults=[crash])
    shop.begin("load", "03:00")
    shop.run(days=0.15)
    assert int(shop.orders() is not None) == rows
    shop.begin("load", "04:00", try_number=2)
    shop.run()

    assert calls(shop) == made
    assert shop.orders() == shop.true_orders()


def test_the_order_of_statements() -> None:
    """The receipt is numbered like any statement, and the call takes its number and its time."""
    shop = stage(tasks=publishing("replace_partition", {"receipt": "after"}), services=MAIL)
    shop.begin("load", "03:00")
    shop.run()

    assert [one[:1] + one[2:] for one in shop.told(Fact.STATEMENT, "op", "number")] == [
        ("03:10:00", "replace", 1),
        ("03:10:10", "receipt", 3),
    ]
    assert shop.told(Fact.EFFECT, "status", "kind", "data_date", "try_number") == [
        ("03:10:00", 1, "done", "mail", DAY_ONE, 1)
    ]
    assert shop.results() == [("03:10:10", "SUCCESS", "")]


def test_a_call_before_the_write() -> None:
    """It happens first, and the write is numbered after it."""
    effect = {"receipt": "before", "when": "before", "kind": "notice"}
    shop = stage(tasks=publishing("append", effect), services=MAIL)
    shop.begin("load", "03:00")
    shop.run()

    assert [one[2:] for one in shop.told(Fact.STATEMENT, "op", "number")] == [
        ("receipt", 1),
        ("insert", 3),
    ]
    assert shop.told(Fact.EFFECT, "kind") == [("03:00:00", 1, "notice")]


@pytest.mark.parametrize(
    ("services", "key", "made"),
    [
        (HONEST, "{{ fecha }}", 1),
        (HONEST, "{{ fecha }} {{ stamp }}", 2),
        (HONEST, None, 2),
        (MAIL, "{{ fecha }}", 2),
        ({"mail": {**HONEST["mail"], "keeps_keys": "30m"}}, "{{ fecha }}", 2),
        ({"mail": {**HONEST["mail"], "keeps_keys": "2h"}}, "{{ fecha }}", 1),
    ],
)
def test_an_idempotency_key(services: dict[str, Any], key: str | None, made: int) -> None:
    """It helps where the service honours it, as long as it is kept, if it is the same each time."""
    effect = {} if key is None else {"idempotency_key": key}
    crash = AttemptCrash(task="load", data_date=DAY_ONE, before_statement=3)
    shop = stage(tasks=publishing("append", effect), services=services, faults=[crash])
    for number, time in ((1, "03:00"), (2, "04:00")):
        shop.begin("load", time, try_number=number, stamp=number)
    shop.run()

    assert calls(shop) == made
    assert len(shop.facts(Fact.EFFECT)) == 2


def test_a_killed_caller_has_called() -> None:
    """The answer comes ten seconds later and finds nobody; the receipt is never written."""
    shop = stage(tasks=publishing("append", {"receipt": "after"}), services=MAIL)
    running = shop.begin("load", "03:00")
    shop.kernel.at(at("03:10:05"), lambda: running[0].kill("gone"))
    shop.run()

    assert calls(shop) == 1
    assert [op for *_, op in shop.told(Fact.STATEMENT, "op")] == ["insert"]


def test_a_date_run_again_finds_its_receipt() -> None:
    """Another try of the same date does not call, whatever run it belongs to."""
    shop = stage(tasks=publishing("replace_partition", {"receipt": "after"}), services=MAIL)
    shop.begin("load", "03:00")
    shop.begin("load", "08:00")
    shop.run()

    assert shop.told(Fact.EFFECT, "status") == [
        ("03:10:00", 1, "done"),
        ("08:10:00", 0, "receipt"),
    ]


def test_two_at_once_both_call_unless_one_has_its_receipt() -> None:
    """Who looks before either has written its receipt calls; who writes it first keeps others out.

    A transaction is no lock: the second one is refused at its commit, when it has called.
    """
    made = {}
    for receipt in ("after", "before", "in_transaction"):
        shop = stage(tasks=publishing("replace_partition", {"receipt": receipt}), services=MAIL)
        shop.begin("load", "03:00")
        shop.begin("load", "03:00:05")
        shop.run()
        made[receipt] = calls(shop), [result for _, result, _ in shop.results()]

    assert made == {
        "after": (2, ["SUCCESS", "SUCCESS"]),
        "before": (1, ["SUCCESS", "SUCCESS"]),
        "in_transaction": (2, ["SUCCESS", "FAILED"]),
    }


def test_a_task_that_only_calls() -> None:
    """A task of its own, with nothing to write: the call comes after its work."""
    tasks = {"tell": {"work": "publish", "effect": {"service": "mail"}}}
    shop = stage(tasks=tasks, services=MAIL)
    shop.begin("tell", "03:00")
    shop.run()

    assert shop.told(Fact.EFFECT, "status") == [("03:02:00", 1, "done")]
    assert shop.results() == [("03:02:10", "SUCCESS", "")]
