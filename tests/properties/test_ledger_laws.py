"""Laws of the wait ledger: each instant from due to end has one reason, in any world."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.views.ledger.airflow import AirflowLedger
from sim.views.ledger.reasons import Reason
from tests.properties.nights import Night, airflow_nights
from tests.properties.test_executor_laws import elsewhere_nights
from tests.properties.test_worker_laws import hard_nights

any_night = st.one_of(airflow_nights(), hard_nights(), elsewhere_nights())


def ledger_of(night: Night, journal: Journal) -> AirflowLedger:
    """The ledger of a whole journal."""
    now = int(journal.column("time")[-1])
    return AirflowLedger(journal, night.config.settings, now=now)


def gaps(ledger: AirflowLedger) -> list[str]:
    """Task instances whose waits do not add up to the time from their due to their end."""
    found = []
    for entity, story in ledger.story.tasks.items():
        waits = ledger.waits(entity)
        start, end = story.run.due, ledger.end(story)
        whole = sum(wait.span for wait in waits) == max(end - start, 0)
        joined = all(a.end == b.start for a, b in pairwise(waits))
        real = all(wait.span > 0 for wait in waits)
        outside = bool(waits) and (waits[0].start, waits[-1].end) != (start, end)
        if not (whole and joined and real) or outside:
            found.append(f"{story.name} of {story.run.run_id}")
    return found


def run_times(journal: Journal) -> Counter[int]:
    """How long each task instance was on a worker, by the journal alone."""
    times: Counter[int] = Counter()
    since: dict[int, int] = {}
    for row in journal.rows(Fact.TASK_STATE):
        if row.value % 256 == TaskState.RUNNING:
            since[row.entity] = row.time
        elif row.entity in since:
            times[row.entity] += row.time - since.pop(row.entity)
    return times


@given(night=any_night)
def test_reasons_add_up(night: Night) -> None:
    """From the due of a run to the end of a task instance, exactly, without a gap or an overlap."""
    assert [] == gaps(ledger_of(night, night.journal()))


@given(night=airflow_nights())
def test_running_is_what_the_journal_says(night: Night) -> None:
    """The time on a worker is the time between its facts; nothing else is called running."""
    journal = night.journal()
    ledger = ledger_of(night, journal)
    on_worker = {Reason.RUNNING, Reason.SENSOR_POKE, Reason.WORKER}
    times = run_times(journal)

    for entity, story in ledger.story.tasks.items():
        if any(change.state is TaskState.UP_FOR_RESCHEDULE for change in story.changes):
            continue  # between two pokes it is on no worker
        told = sum(wait.span for wait in ledger.waits(entity) if wait.reason in on_worker)
        queued = sum(
            after.at - before.at
            for before, after in pairwise(story.changes)
            if before.state is TaskState.QUEUED
        )
        assert times[entity] + queued == told


@pytest.mark.slow
@settings(max_examples=150)
@given(night=any_night)
def test_reasons_add_up_in_a_long_search(night: Night) -> None:
    """The same over many more nights."""
    assert [] == gaps(ledger_of(night, night.journal()))
