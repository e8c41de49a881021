"""What a finding says of the facts around it is said in both languages, whatever the fact."""

from __future__ import annotations

import re

import pytest

from tests.hygiene.tree import ROOT
from tui.words.words import catalog

PAGE = (ROOT / "docs/journal.md").read_text(encoding="utf-8")


def listed(fact: str, field: str) -> list[str]:
    """The values of a field of a fact that docs/journal.md lists in brackets."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {fact} |")]
    found = re.search(rf"`{field}`[^(]*\((.*?)\)(?: and its fields|, `by`|;|, `reason`| \|)", row)
    assert found is not None
    return re.findall(r"`([a-z_]+)`", found[1])


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("group", "fact", "field"),
    [("fault", "FAULT", "fault"), ("action", "INTERVENTION", "action")],
)
def test_every_word_of_the_journal_is_worded(lang: str, group: str, fact: str, field: str) -> None:
    """Each fault that strikes and each action of a person."""
    words = listed(fact, field)
    missing = [word for word in words if f"verify.fact.{group}.{word}" not in catalog(lang)]

    assert len(words) >= 7
    assert missing == []
