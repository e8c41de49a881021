"""Laws that hold whoever conducts the night: what hangs on the journal works for all of them."""

from __future__ import annotations

from importlib import import_module
from itertools import pairwise
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.simulate import simulate
from sim.kernel.calendar import HOUR
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.orchestrators.registry import Name
from sim.platform.config import Heartbeat
from sim.session.without import without
from sim.views.ledger.build import ledger_of
from sim.views.ledger.contract import Ledger
from tests.properties.dagster_nights import dagster_nights
from tests.properties.legal import illegal
from tests.properties.nights import Night, airflow_nights, cron_nights, shop
from tests.properties.prefect_nights import prefect_nights
from tests.properties.systemd_nights import systemd_nights

NIGHTS: dict[str, st.SearchStrategy[Night]] = {
    "airflow": airflow_nights(),
    "cron": cron_nights(),
    "dagster": dagster_nights(),
    "prefect": prefect_nights(),
    "systemd": systemd_nights(),
}
every = pytest.mark.parametrize("orchestrator", sorted(NIGHTS))
MICROSECONDS_FROM = 10**15
"""Any instant of this century is more than that."""


def told(night: Night, journal: Journal) -> Ledger:
    """The ledger of a whole journal."""
    now = int(journal.column("time")[-1])
    return ledger_of(journal, night.orchestrator, night.config.settings, now=now)


def test_every_registered_orchestrator_is_held_to_these_laws() -> None:
    """One that is added must bring its nights."""
    assert sorted(get_args(Name)) == sorted(NIGHTS)


@every
@settings(max_examples=12)
@given(data=st.data())
def test_only_what_is_legal_happens(orchestrator: str, data: st.DataObject) -> None:
    """No state follows one that it cannot follow, and nothing happens to a run that is over."""
    night = data.draw(NIGHTS[orchestrator])

    assert [] == illegal(night.journal())


@every
@settings(max_examples=8)
@given(data=st.data())
def test_the_same_night_writes_the_same_journal(orchestrator: str, data: st.DataObject) -> None:
    """Byte for byte, with everything built anew."""
    night = data.draw(NIGHTS[orchestrator])

    assert night.journal().digest == night.journal().digest


@every
@settings(max_examples=12)
@given(data=st.data())
def test_reasons_add_up(orchestrator: str, data: st.DataObject) -> None:
    """From the due of a run to the end of a task, exactly, without a gap or an overlap."""
    night = data.draw(NIGHTS[orchestrator])
    ledger = told(night, night.journal())
    for entity, story in ledger.story.tasks.items():
        waits = ledger.waits(entity)
        start, end = story.run.due, ledger.end(story)
        assert max(end - start, 0) == sum(wait.span for wait in waits)
        assert all(a.end == b.start for a, b in pairwise(waits))
        assert all(wait.span > 0 for wait in waits)


@every
@settings(max_examples=8)
@given(data=st.data())
def test_its_own_tables_can_be_read_at_any_instant(orchestrator: str, data: st.DataObject) -> None:
    """Rows have the columns that the table has, and an instant is one."""
    night = data.draw(NIGHTS[orchestrator])
    journal = night.journal()
    start, now = journal.header["start"], int(journal.column("time")[-1])
    books = import_module(f"sim.views.metadata.{orchestrator}").books
    for relation in books(journal, night.config.settings, start=start, now=now):
        kinds: dict[str, Any] = dict(relation.columns)
        for row in relation.rows():
            times = [row[key] for key, kind in kinds.items() if kind == "time" and row.get(key)]
            assert all(value > MICROSECONDS_FROM for value in times)
            assert set(row) & set(kinds)


@every
@settings(max_examples=8)
@given(data=st.data())
def test_a_wait_that_can_be_lifted_is_a_night_that_can_be_simulated(
    orchestrator: str, data: st.DataObject
) -> None:
    """The config without a wait's limit is a config: the night ends, and as legally as before."""
    night = data.draw(NIGHTS[orchestrator])
    ledger = told(night, night.journal())
    waits = {
        wait.reason: (wait, story)
        for entity, story in ledger.story.tasks.items()
        for wait in ledger.waits(entity)
    }
    liftable = [
        config
        for wait, story in waits.values()
        if (config := without(night.config, wait, story)) is not None
    ]
    if liftable:
        config = data.draw(st.sampled_from(liftable))
        lifted = simulate(
            shop(), config, seed=night.seed, faults=night.faults, interventions=night.actions
        )
        assert [] == illegal(lifted)


@every
@settings(max_examples=10)
@given(data=st.data())
def test_a_heartbeat_is_pinged_whoever_conducts(orchestrator: str, data: st.DataObject) -> None:
    """Tries alone ping it, and silence is told once, just when its time and grace are up."""
    night = data.draw(NIGHTS[orchestrator])
    config = night.config
    tasks = {
        name: msgspec.structs.replace(task, heartbeat="alive")
        for name, task in config.tasks.items()
    }
    heartbeats = {"alive": Heartbeat(alert="ring", period="3h", grace="1h")}
    watched = msgspec.structs.replace(config, tasks=tasks, heartbeats=heartbeats)
    journal = simulate(
        shop(), watched, seed=night.seed, faults=night.faults, interventions=night.actions
    )
    last, down = journal.header["start"], False
    for row in journal.rows(Fact.HEARTBEAT):
        if row.value:
            assert journal[row.cause].fact in {Fact.TASK_STATE, Fact.NATIVE_STATE, Fact.RUN_STATE}
            last, down = row.time, False
        else:
            assert not down
            assert row.time == last + 4 * HOUR
            down = True
    if not down:
        assert int(journal.column("time")[-1]) <= last + 4 * HOUR
