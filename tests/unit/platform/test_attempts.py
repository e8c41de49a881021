"""Attempts: what one try reads, leaves behind and reports, also when it dies half-way."""

from __future__ import annotations

import pytest

from sim.faults.plan import AttemptCrash
from sim.model.facts import Fact
from sim.model.work import Running
from tests.unit.platform.stage import DAY_ONE, Stage, copy_and_publish, stage
from tests.unit.session.shop import TABLE, at, outage

STATEMENTS = {
    "append": 1,
    "overwrite_table": 1,
    "replace_partition": 1,
    "delete_insert": 2,
    "delete_insert_transaction": 4,
    "merge": 1,
    "stage_and_swap": 3,
}
"""Write mode -> the number of its statements."""


def copied(mode: str, **changes: object) -> Stage:
    """A stage on which `copy` ran at 03:00 under an outage of this mode."""
    shop = stage(outages=[outage("2024-03-12T02:30Z", "2024-03-12T03:05Z", mode, **changes)])
    shop.begin("copy", "03:00")
    return shop.run()


def test_a_source_that_is_well_gives_every_row() -> None:
    """The read is taken at the start, the file is closed at the end, and success reported then."""
    shop = stage()
    shop.begin("copy", "03:00")
    shop.run()
    rows = shop.true_orders()

    assert shop.told(Fact.SOURCE_READ, "mode", "rows_true") == [("03:00:00", rows, "ok", rows)]
    assert shop.told(Fact.FILE_WRITE, "phase") == [
        ("03:00:00", rows, "opened"),
        ("03:10:00", rows, "closed"),
    ]
    assert shop.results() == [("03:10:00", "SUCCESS", "")]


@pytest.mark.parametrize(("mode", "rows"), [("empty", 0), ("partial", 17)])
def test_a_lagging_source_gives_fewer_rows_and_no_error(mode: str, rows: int) -> None:
    """An empty or partial answer is carried on as if it were everything."""
    shop = copied(mode, rows=rows)

    assert shop.told(Fact.SOURCE_READ, "mode") == [("03:00:00", rows, mode)]
    assert shop.told(Fact.FILE_WRITE, "phase")[-1] == ("03:10:00", rows, "closed")
    assert shop.results() == [("03:10:00", "SUCCESS", "")]


def test_a_partial_source_never_gives_more_than_there_is() -> None:
    """The rows that an outage leaves are bounded by the true ones."""
    shop = copied("partial", rows=10_000)

    assert shop.facts(Fact.SOURCE_READ)[0].value == shop.true_orders()


def test_a_slow_source_takes_its_factor_longer() -> None:
    """All rows come, three times as late."""
    shop = copied("slow", factor=3.0)

    assert shop.results() == [("03:30:00", "SUCCESS", "")]
    assert shop.facts(Fact.SOURCE_READ)[0].value == shop.true_orders()


def test_a_refusing_source_fails_the_try_at_once() -> None:
    """No file is opened, and the row that decided it is the read."""
    shop = copied("refuse")

    assert shop.results() == [("03:00:00", "FAILED", "source_refuse")]
    assert shop.facts(Fact.FILE_WRITE) == []
    assert shop.outcomes[0][2].cause == shop.facts(Fact.SOURCE_READ)[0].index


def test_a_silent_source_fails_the_try_after_its_timeout() -> None:
    """The connection is waited for as long as the outage says."""
    shop = copied("timeout", timeout="90s")

    assert shop.results() == [("03:01:30", "FAILED", "source_timeout")]
    assert shop.told(Fact.SOURCE_READ, "mode") == [("03:01:30", 0, "timeout")]


def test_an_input_that_is_not_there_fails_the_try() -> None:
    """The missing file is a fact, the failure a value."""
    shop = stage()
    shop.begin("publish", "03:00")
    shop.run()

    assert shop.results() == [("03:00:00", "FAILED", "missing_input")]
    assert shop.facts(Fact.FILE_READ)[0].detail == {"path": "/data/orders.csv", "missing": True}


def test_a_reader_of_a_growing_file_sees_part_of_it() -> None:
    """Half-way through the copy, half of the rows are published; nobody is told."""
    shop = stage()
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:05")
    shop.run()
    read = shop.facts(Fact.FILE_READ)[0]

    assert read.value == shop.true_orders() // 2
    assert (read.detail["complete"], read.detail["rows_total"]) == (False, shop.true_orders())
    assert shop.orders() == shop.true_orders() // 2


def test_a_dataset_is_not_there_before_it_is_closed() -> None:
    """A name without a leading slash appears as a table does: whole, or not at all."""
    tasks = copy_and_publish(input="staging.orders")
    tasks["copy"]["output"] = "staging.orders"
    shop = stage(tasks=tasks)
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:05")
    shop.begin("publish", "03:11", try_number=2)
    shop.run()

    assert shop.results() == [
        ("03:05:00", "FAILED", "missing_input"),
        ("03:10:00", "SUCCESS", ""),
        ("03:13:00", "SUCCESS", ""),
    ]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT nothing FROM input", "nothing"),
        ("SELECT fecha, region, 'x' AS revenue, 1 AS orders FROM input", "x"),
        ("SELECT '{{ dia }}' FROM input", "dia"),
    ],
)
def test_wrong_sql_and_a_wrong_template_become_facts(sql: str, told: str) -> None:
    """What a database or a template would refuse fails the try and says why."""
    shop = stage(tasks=copy_and_publish(sql=sql))
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:10:01")
    shop.run()
    error = shop.facts(Fact.SQL_ERROR)[0]

    assert shop.results()[1][1:] == ("FAILED", "sql_error")
    assert shop.outcomes[1][2].cause == error.index
    assert told in error.detail["message"]
    assert shop.facts(Fact.PUBLISHED) == []


def test_a_date_that_is_none_fails_the_try() -> None:
    """`fecha` is the player's template: text that is no date is a fact."""
    tasks = copy_and_publish()
    tasks["copy"]["fecha"] = "yesterday"
    shop = stage(tasks=tasks)
    shop.begin("copy", "03:00")
    shop.run()

    assert shop.results() == [("03:00:00", "FAILED", "sql_error")]
    assert "yesterday" in shop.facts(Fact.SQL_ERROR)[0].detail["message"]


def test_a_task_has_its_own_idea_of_the_date() -> None:
    """`fecha` in the wiring wins over the orchestrator's."""
    tasks = copy_and_publish()
    tasks["copy"]["fecha"] = "2024-03-04"
    shop = stage(tasks=tasks)
    shop.begin("copy", "03:00")
    shop.run()

    assert [row.detail["data_date"] for row in shop.facts(Fact.FILE_WRITE)] == ["2024-03-04"] * 2


def test_a_task_without_data_takes_its_time() -> None:
    """Work that reads and leaves nothing is over when its time is."""
    tasks = {"copy": {"work": "copy"}, "publish": {"work": "publish"}}
    shop = stage(tasks=tasks)
    shop.begin("copy", "03:00")
    shop.begin("publish", "04:00")
    shop.run()

    assert shop.results() == [
        ("03:10:00", "SUCCESS", ""),
        ("04:02:00", "SUCCESS", ""),
    ]


# -- crashes and kills ----------------------------------------------------------------------


def crashed(boundary: int, *, mode: str = "append", task: str = "publish") -> Stage:
    """A copy, then a publish, of which one dies before its n-th statement."""
    fault = AttemptCrash(task=task, data_date=DAY_ONE, before_statement=boundary)
    shop = stage(tasks=copy_and_publish(mode=mode), faults=[fault])
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:10:01")
    return shop.run()


def test_a_crash_before_the_close_leaves_a_file_that_nobody_closed() -> None:
    """Every row was written by then; the reader cannot know that the writer died."""
    shop = crashed(1, task="copy")

    assert shop.told(Fact.FILE_WRITE, "phase")[-1] == ("03:10:00", shop.true_orders(), "abandoned")
    assert shop.results()[0] == ("03:10:00", "FAILED", "crashed")
    assert shop.facts(Fact.FILE_READ)[0].detail["complete"] is False


def test_a_crash_after_the_close_keeps_the_file_and_reports_a_failure() -> None:
    """The effect is there, and the orchestrator believes that it is not."""
    shop = crashed(2, task="copy")

    assert shop.told(Fact.FILE_WRITE, "phase")[-1] == ("03:10:00", shop.true_orders(), "closed")
    assert shop.results()[0] == ("03:10:00", "FAILED", "crashed")


@pytest.mark.parametrize(
    ("mode", "boundary"),
    [(mode, number) for mode, count in STATEMENTS.items() for number in range(1, count + 2)],
)
def test_a_crash_at_a_boundary_keeps_what_was_committed(mode: str, boundary: int) -> None:
    """Statements before the boundary were executed; rows are there from the committing one on."""
    shop = crashed(boundary, mode=mode)
    executed = [row.detail["number"] for row in shop.facts(Fact.STATEMENT)]
    everything = boundary > STATEMENTS[mode]

    assert executed == list(range(1, boundary))
    assert shop.results()[1][1:] == ("FAILED", "crashed")
    assert shop.orders() == (shop.true_orders() if everything else None)
    assert len(shop.facts(Fact.PUBLISHED)) == int(everything)
    assert [row.detail["before_statement"] for row in shop.facts(Fact.FAULT)] == [boundary]


def test_a_crash_between_delete_and_insert_removes_what_readers_had() -> None:
    """Without a transaction the day is gone, and its removal is published."""
    fault = AttemptCrash(task="publish", data_date=DAY_ONE, try_number=2, before_statement=2)
    shop = stage(tasks=copy_and_publish(mode="delete_insert"), faults=[fault])
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:11")
    shop.begin("publish", "04:00", try_number=2)
    shop.run()

    assert [row.detail["removed"] for row in shop.facts(Fact.PUBLISHED)] == [[], [DAY_ONE]]
    assert shop.orders() is None


def test_a_crash_hits_the_try_and_date_that_it_names_only() -> None:
    """Another try and another date of the same task pass the same boundary unharmed."""
    fault = AttemptCrash(task="copy", data_date=DAY_ONE, try_number=2)
    shop = stage(faults=[fault])
    shop.begin("copy", "03:00")
    shop.begin("copy", "04:00", try_number=2)
    shop.begin("copy", "05:00", day="2024-03-12", try_number=2)
    shop.run()

    assert [result for _, result, _ in shop.results()] == ["SUCCESS", "FAILED", "SUCCESS"]


def test_a_killed_copy_leaves_half_a_file_and_reports_nothing() -> None:
    """The kill is silent: the orchestrator that asked for it knows."""
    shop = stage()
    running = shop.begin("copy", "03:00")
    shop.kernel.at(at("03:05"), kill, running)
    shop.run()

    assert shop.outcomes == []
    assert shop.told(Fact.FILE_WRITE, "phase")[-1] == (
        "03:05:00",
        shop.true_orders() // 2,
        "abandoned",
    )


def test_a_kill_inside_a_transaction_rolls_back() -> None:
    """Begun and deleted but not committed: readers keep the day."""
    shop = stage(tasks=copy_and_publish(mode="delete_insert_transaction"))
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:11")
    running = shop.begin("publish", "04:00", try_number=2)
    shop.kernel.at(at("04:01:20"), kill, running)
    shop.run()

    assert [row.detail["op"] for row in shop.facts(Fact.STATEMENT)][4:] == ["begin", "delete"]
    assert shop.orders() == shop.true_orders()


def test_killing_what_has_ended_does_nothing() -> None:
    """A kill that comes too late changes neither file nor report."""
    shop = stage()
    running = shop.begin("copy", "03:00")
    shop.run(days=0.5)
    kill(running)
    shop.run(days=1)

    assert shop.results() == [("03:10:00", "SUCCESS", "")]
    assert shop.told(Fact.FILE_WRITE, "phase")[-1][2] == "closed"


def kill(running: list[Running]) -> None:
    """End the one try that was begun."""
    (one,) = running
    one.kill("test")


# -- checks inside a try --------------------------------------------------------------------


AUDIT = {"audit": {"metric": "rows", "min": 3, "mark_stale": TABLE}}


def test_a_failed_audit_stops_the_swap() -> None:
    """The rows are staged, checked and thrown away; readers keep what they had, marked stale."""
    tasks = copy_and_publish(mode="stage_and_swap", checks=["audit"])
    shop = stage(tasks=tasks, checks=AUDIT)
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:11")
    shop.run()

    assert shop.results()[1] == ("03:12:30", "FAILED", "check_failed")
    assert [row.detail["op"] for row in shop.facts(Fact.STATEMENT)] == ["create", "insert"]
    assert shop.orders() is None
    assert shop.told(Fact.STALE_MARKED, "partition") == [("03:12:30", 1, DAY_ONE)]


def test_a_failed_check_after_any_other_write_comes_too_late() -> None:
    """The same check on a replaced partition fails the try, and the rows are out."""
    shop = stage(tasks=copy_and_publish(checks=["audit"]), checks=AUDIT)
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:11")
    shop.run()

    assert shop.results()[1] == ("03:13:10", "FAILED", "check_failed")
    assert shop.orders() == shop.true_orders()


def test_a_passed_audit_costs_its_time_and_swaps() -> None:
    """Each check takes what the world says, then the swap is made."""
    tasks = copy_and_publish(mode="stage_and_swap", checks=["audit", "audit"])
    shop = stage(tasks=tasks, checks={"audit": {"min": 1}})
    shop.begin("copy", "03:00")
    shop.begin("publish", "03:11")
    shop.run()

    assert shop.results()[1] == ("03:13:20", "SUCCESS", "")
    assert [row.value for row in shop.facts(Fact.CHECK)] == [1, 1]
    assert shop.orders() == shop.true_orders()


@pytest.mark.parametrize(
    ("on_failure", "result", "checked"),
    [
        ("fail", "FAILED", 1),
        ("fail_no_retry", "FAILED_NO_RETRY", 1),
        ("skip", "SKIPPED", 1),
        ("warn", "SUCCESS", 2),
    ],
)
def test_what_a_failed_check_does_is_the_players_choice(
    on_failure: str, result: str, checked: int
) -> None:
    """The first check that fails hard decides; one that warns lets the rest be evaluated."""
    tasks = copy_and_publish()
    tasks["copy"]["checks"] = ["strict", "easy"]
    checks = {"strict": {"min": 1_000, "on_failure": on_failure}, "easy": {"min": 1}}
    shop = stage(tasks=tasks, checks=checks)
    shop.begin("copy", "03:00")
    shop.run()

    assert shop.results()[0][1] == result
    assert len(shop.facts(Fact.CHECK)) == checked
    assert shop.told(Fact.FILE_WRITE, "phase")[-1][2] == "closed"
