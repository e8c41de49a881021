"""A restart of the warehouse: what was committed stays, a session that is cut does nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from sim.faults.plan import WarehouseRestart
from sim.kernel.calendar import format_instant
from sim.model.facts import Fact
from sim.views.replay import Replay
from tests.unit.session.shop import TABLE, played, scenario, tasks

DAY = "2024-03-11"


def restarted(mode: str, start: str, end: str, **dag: Any) -> Replay:
    """The shop's night; `publish` takes two minutes from 03:10, and the warehouse restarts."""
    fault = WarehouseRestart(start=f"2024-03-12T{start}Z", end=f"2024-03-12T{end}Z")
    return played(faults=(fault,), shop=scenario(nights=1), wiring=tasks(mode=mode), **dag)


def statements(replay: Replay) -> list[str]:
    """What `publish` had the database do."""
    return [row.detail["op"] for row in replay.journal.rows(Fact.STATEMENT)]


def cuts(replay: Replay) -> list[str]:
    """When a session failed."""
    return [format_instant(row.time)[11:19] for row in replay.journal.rows(Fact.SQL_ERROR)]


def test_a_restart_between_two_statements_leaves_a_hole() -> None:
    """The delete was committed; the insert under way does nothing."""
    replay = restarted("delete_insert", "03:11:30", "03:11:50")

    assert statements(replay) == ["delete"]
    assert cuts(replay) == ["03:11:35"] or cuts(replay) == ["03:11:30"]


def test_an_open_transaction_rolls_back() -> None:
    """Nothing of it is seen by anybody."""
    replay = restarted("delete_insert_transaction", "03:11:30", "03:11:50")

    assert statements(replay) == ["begin", "delete"]
    assert not any(
        replay.journal.name(row.entity) == TABLE for row in replay.journal.rows(Fact.PUBLISHED)
    )


@pytest.mark.parametrize(("start", "end"), [("02:00:00", "02:05:00"), ("03:30:00", "03:40:00")])
def test_before_and_after_a_session_nothing_happens(start: str, end: str) -> None:
    """A session that is not there cannot end."""
    assert cuts(restarted("append", start, end)) == []


def test_no_session_can_be_opened_meanwhile() -> None:
    """The try fails as soon as it asks, and so does a retry that comes too early."""
    tries = {"copy": {}, "publish": {"upstream": ["copy"], "retries": 1, "retry_delay": "1m"}}
    replay = restarted("append", "03:09:00", "03:12:00", tasks=tries)
    first, second = cuts(replay)

    assert first < "03:10:30"
    assert first < second < "03:12:00"
    assert statements(replay) == []
