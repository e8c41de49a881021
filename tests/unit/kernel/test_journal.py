"""The journal keeps order, canonical bytes and its own table of entities."""

from __future__ import annotations

import pytest

from sim.errors import InternalError
from sim.kernel.journal import Journal
from sim.model.facts import Entity, Fact


def build(*, rows: int = 3) -> Journal:
    """A journal about one run of one pipeline."""
    journal = Journal({"scenario": "unit", "seed": 1})
    pipeline = journal.entity(Entity.PIPELINE, "ventas")
    run = journal.entity(Entity.RUN, "scheduled__1", pipeline, 0)
    for number in range(rows):
        journal.add(
            number * 10, Fact.RUN_STATE, run, number, number - 1, {"n": number} if number else None
        )
    return journal


def test_rows_read_back_as_written() -> None:
    """What was added comes back, in order, with its detail."""
    rows = [(row.time, row.value, row.cause, dict(row.detail)) for row in build().rows()]

    assert rows == [(0, 0, -1, {}), (10, 1, 0, {"n": 1}), (20, 2, 1, {"n": 2})]


def test_canonical_bytes_survive_a_round_trip() -> None:
    """A journal read from its bytes has the same bytes, entities and digest."""
    journal = build()

    again = Journal.from_bytes(journal.to_bytes())

    assert again.to_bytes() == journal.to_bytes()
    assert again.digest == journal.digest
    assert again.find(Entity.PIPELINE, "ventas") == 0


def test_bytes_of_something_else_are_refused() -> None:
    """Foreign bytes are a ValueError, not a broken journal."""
    with pytest.raises(ValueError, match="not the bytes of a journal"):
        Journal.from_bytes(b"PK\x03\x04")


def test_time_never_goes_back() -> None:
    """A fact before the last one is our bug and says so."""
    journal = build()

    with pytest.raises(InternalError, match="a fact at 5 after one at 20"):
        journal.add(5, Fact.RUN_STATE, 1)


def test_an_entity_is_interned_once() -> None:
    """The same type, parent, name and number is the same entity."""
    journal = Journal()
    first = journal.entity(Entity.POOL, "default_pool")

    assert journal.entity(Entity.POOL, "default_pool") == first
    assert journal.entity(Entity.TABLE, "default_pool") != first
    assert journal.entity_count == 2


def test_rows_survive_the_flush_of_the_buffer() -> None:
    """Indices and order hold across the internal buffer's boundary."""
    journal = build(rows=10_000)

    assert len(journal) == 10_000
    assert journal[9_999].value == 9_999
    assert journal[-1].index == 9_999
    assert list(journal.column("value")) == list(range(10_000))


def test_filtered_rows_keep_their_index() -> None:
    """Asking for one kind of fact gives the rows of that kind with their place in the journal."""
    journal = build()
    person = journal.entity(Entity.PERSON, "VP")
    journal.add(30, Fact.READ, person)

    assert [row.index for row in journal.rows(Fact.READ)] == [3]


def test_facts_of_one_instant_may_come_together() -> None:
    """A list of rows is what the same rows are one by one, across a flush and beside details."""
    single, together = Journal(), Journal()
    rows = [number for index in range(3_000) for number in (7, 2, index, index % 5, index - 1)]
    for journal in (single, together):
        journal.add(7, 1, 0, detail={"why": "first"})
    for at in range(0, len(rows), 5):
        single.add(*rows[at : at + 5])
    for at in range(0, len(rows), 7_500):
        together.add_all(7, rows[at : at + 7_500])
    for journal in (single, together):
        journal.add(8, 1, 0, detail={"why": "last"})

    assert single.to_bytes() == together.to_bytes()
    assert {"why": "last"} == together[len(together) - 1].detail
    with pytest.raises(InternalError, match="facts at 7 after one at 8"):
        together.add_all(7, rows[:5])
