"""Reading YAML: scalars stay what a person wrote, places are right, and every bound holds."""

from __future__ import annotations

import pytest

from sim.scenario.yaml_nodes import Node
from sim.scenario.yaml_reader import BYTES_MAX, NODES_MAX, read_yaml


def plain(text: str) -> object:
    """The content of a text that has no problem."""
    reading = read_yaml(text, source="x.yaml")
    assert reading.problems == []
    assert reading.root is not None
    return reading.root.plain()


def node(text: str, *path: str) -> Node:
    """The node at a path of keys."""
    root = read_yaml(text, source="x.yaml").root
    assert root is not None
    for key in path:
        child = root.get(key)
        assert child is not None
        root = child
    return root


def codes(text: str | bytes) -> list[str]:
    """The codes of the problems met in reading a text."""
    return [problem.code for problem in read_yaml(text, source="x.yaml").problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12:30", "12:30"),
        ("on", "on"),
        ("no", "no"),
        ("2024-03-14", "2024-03-14"),
        ("010", 10),
        ("0o10", 8),
        ("0x1f", 31),
        ("1_000", "1_000"),
        ("-3", -3),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("~", None),
        ("", None),
        ("'7'", "7"),
        ("=", "="),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_scalar_follows_the_core_schema(written: str, value: object) -> None:
    """Null, true, false and numbers are values; everything else is the text that was written."""
    read = plain(f"a: {written}\n")

    assert read == {"a": value}


def test_keys_are_always_text() -> None:
    """A key that looks like a number or a boolean is still the text that was written."""
    read = plain("no: 1\n2024: 2\ntrue: 3\n")

    assert read == {"no": 1, "2024": 2, "true": 3}


def test_a_place_inside_a_block_is_a_place_in_the_file() -> None:
    """Line 2, column 3 of a block's text is found below its header, behind its indentation."""
    text = node("cron:\n  crontab: |\n\n    first\n    second\n", "cron", "crontab")

    assert text.position_in_text(2, 3) == (4, 7)


def test_a_place_inside_a_plain_text_counts_from_its_start() -> None:
    """Column 3 of a text in one line is two columns right of where the text starts."""
    text = node("schedule: 0 3 * * *\n", "schedule")

    assert text.position_in_text(1, 3) == (1, 13)


def test_a_key_twice_is_reported_at_the_second_and_reading_goes_on() -> None:
    """A duplicate key has a problem that names the line of the first; the rest is still read."""
    reading = read_yaml("a: 1\nb: 2\na: 3\nc: [1, 1]\n", source="x.yaml")

    (problem,) = reading.problems
    assert ("E-KEY-TWICE", 3, 1, "the first one is on line 1") == (
        problem.code, problem.line, problem.column, problem.hint,
    )  # fmt: skip
    assert reading.root is not None
    assert reading.root.plain() == {"a": 1, "b": 2, "c": [1, 1]}


def test_an_alias_stands_for_what_it_names() -> None:
    """A value may be named once and used again."""
    read = plain("a: &x {k: [1, 2]}\nb: *x\n")

    assert read == {"a": {"k": [1, 2]}, "b": {"k": [1, 2]}}


def test_a_billion_laughs_ends_with_its_number() -> None:
    """Aliases that multiply are refused when they stand for more values than the bound."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 12)
    ]
    (problem,) = read_yaml("\n".join(lines), source="x.yaml").problems

    assert problem.code == "E-YAML-NODES"
    assert problem.message == f"the aliases stand for more than {NODES_MAX:,} values"
    assert problem.line == 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 5000, "E-YAML-DEPTH"),
        ("{a: " * 5000, "E-YAML-DEPTH"),
        ("a: &a [*a]\n", "E-YAML-ALIAS"),
        ("a: *b\n", "E-YAML-ALIAS"),
        ("- x\n" * (NODES_MAX + 1), "E-YAML-NODES"),
        ("a: " + "x" * BYTES_MAX, "E-YAML-BYTES"),
        ("a: 1\n---\nb: 2\n", "E-YAML-DOCUMENTS"),
        ("a: !!python/object:os.system x\n", "E-YAML-TAG"),
        ("a: &x {b: 1}\nc: {<<: *x}\n", "E-YAML-MERGE"),
        ("? [1, 2]\n: x\n", "E-YAML-KEY"),
        ("a: [1, 2\nb: 3\n", "E-YAML-SYNTAX"),
        ("a: 1\n\tb: 2\n", "E-YAML-SYNTAX"),
        ("a: \x07\n", "E-YAML-SYNTAX"),
        ("a: \ud800\n", "E-YAML-ENCODING"),
        (b"a: \xff\xfe\n", "E-YAML-ENCODING"),
        (b"\xef\xbb\xbfa: 1\n", None),
    ],
)
def test_bad_text_has_one_clear_problem(text: str | bytes, code: str | None) -> None:
    """Whatever a file holds, reading it ends with one problem of the right kind."""
    expected = [] if code is None else [code]

    assert expected == codes(text)


def test_syntax_is_explained_where_it_breaks() -> None:
    """A syntax error has a line, a column and a hint of what would be right."""
    (problem,) = read_yaml("a:\n  b: c: d\n", source="x.yaml").problems

    assert (problem.line, problem.column) == (2, 7)
    assert "quotes" in problem.hint
