"""Every code that docs/words.md lists has its sentence, with the parameters that it lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui.words.templates import placeholders
from tui.words.words import catalog

PAGE = (Path(__file__).parents[3] / "docs" / "words.md").read_text()
_WORD = r"[a-z]+(?:\.[a-z_]+)?"


def documented() -> dict[str, set[str]]:
    """From each code on the page to the parameters given for it; empty when it gives none."""
    found: dict[str, set[str]] = {}
    names: set[str] = set()
    for line in PAGE.splitlines():
        if row := re.match(rf"\| ({_WORD}) \| ([^|]+) \|", line):
            given = set(re.findall(r"\w+", row[2])) if row[2] != "the same" else names
            names = found[row[1]] = given
        elif not line.startswith(("|", "#", "What", "Parameters")):
            for group in re.finditer(
                rf"((?:{_WORD}(?:, | and ))*{_WORD}) \(([^)]*)\)|(what\.\w+)", line
            ):
                codes = [group[3]] if group[3] else re.split(", | and ", group[1])
                given = set(re.findall(r"\w+", group[2] or ""))
                for code in codes:
                    # a marker may be told with fewer parameters than the evidence of that name
                    found[code] = found.get(code, set()) | given
    found.pop("code", None)
    return found


def test_the_page_is_read() -> None:
    """The reading of the page finds codes of each of its sections."""
    codes = documented()

    assert {
        "held",
        "read.stale",
        "outage.closes",
        "fault",
        "log.source_timeout",
        "what.read",
    } <= set(codes)
    assert codes["read.stale"] == codes["read.wrong"] >= {"person", "truth"}


@pytest.mark.parametrize("code", sorted(documented()))
def test_it_is_worded(code: str) -> None:
    """Both languages word it, using no parameter that the page does not list."""
    given = documented()[code]

    for lang in ("en", "es"):
        names = {name for name, _ in placeholders(catalog(lang)[code])}
        assert names <= given
