"""Each word of the files, the states and the facts of the journal is explained, once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from sim.model.facts import Fact
from sim.model.states import RunState, TaskState
from sim.scenario.json_schema import json_schema
from tests.hygiene.tree import ROOT

ENTRY = re.compile(r"^\| ((?:`[^`]+`(?:, )?)+) \|", re.MULTILINE)


def entries() -> list[str]:
    """The words that have a row of their own in the glossary."""
    page = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    return [word for row in ENTRY.findall(page) for word in re.findall(r"`([^`]+)`", row)]


def keys(schema: Any) -> Iterator[str]:
    """The keys that a file of the schema may have, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys(value)


@pytest.mark.parametrize("which", ["scenario", "config"])
def test_every_key_of_the_files_is_explained(which: Literal["scenario", "config"]) -> None:
    """Each key that `orchsim schema` allows has its row."""
    assert [] == sorted(set(keys(json_schema(which))) - set(entries()))


@pytest.mark.parametrize("states", [RunState, TaskState])
def test_every_state_is_explained(states: type[RunState | TaskState]) -> None:
    """Each state that a run or a task instance can be in has its row."""
    assert [] == sorted({state.name.lower() for state in states} - set(entries()))


def test_every_fact_is_described() -> None:
    """docs/journal.md describes each kind of fact that the engine writes."""
    page = (ROOT / "docs/journal.md").read_text(encoding="utf-8")

    assert [] == [fact.name for fact in Fact if f"| {fact.name} |" not in page]


def test_no_word_is_explained_twice() -> None:
    """One word has one row."""
    assert [] == [word for word, count in Counter(entries()).items() if count > 1]
