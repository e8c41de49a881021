"""Whatever is typed into a config, checking it ends with a config or with placed problems."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.load import check_config, content_root
from sim.scenario.yaml_reader import read_yaml
from tests.unit.scenario.builders import tiny_open

TEXTS = [
    tiny_open().config_text,
    (content_root() / "_template" / "config.yaml").read_text(encoding="utf-8"),
]
SCRAPS = [
    "",
    "x",
    "5",
    "-1",
    "null",
    "[]",
    "{}",
    "[1, {a: b}]",
    '"{{"',
    "'",
    "&a",
    "*a",
    "\t",
    ": ",
]


@st.composite
def broken_configs(draw: st.DrawFn) -> str:
    """A right config with up to three of its words replaced or lines moved."""
    lines = draw(st.sampled_from(TEXTS)).splitlines()
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, len(lines) - 1))
        words = lines[number].split(" ")
        place = draw(st.integers(0, len(words) - 1))
        words[place] = draw(st.sampled_from(SCRAPS))
        lines[number] = " ".join(words)
        if draw(st.booleans()):
            lines.insert(number, lines.pop(draw(st.integers(0, len(lines) - 1))))
    return "\n".join(lines) + "\n"


@given(broken_configs())
def test_a_broken_config_gives_problems_with_a_place(text: str) -> None:
    """No exception; no config exactly when there is an error; each place is in the text."""
    config, found = check_config(text, scenario=tiny_open())
    lines = text.splitlines()

    assert (config is None) == any(one.severity == "error" for one in found)
    for one in found:
        assert 1 <= one.line <= len(lines) + 1
        assert one.column >= 1
        assert one.message


@given(st.text(alphabet="ab:-[]{}&*!|>#'\"\n\t ,?~1.0", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Reading never raises: what is read is plain values, what is refused has a place."""
    reading = read_yaml(text, source="x.yaml")
    content = None if reading.root is None else reading.root.plain()

    assert content == json.loads(json.dumps(content))
    assert [] == [one for one in reading.problems if not 1 <= one.line <= text.count("\n") + 2]
