"""From nodes to structs: all problems in one pass, in plain words, each at its place."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
import pytest

from sim.scenario.convert import convert, convert_parts
from sim.scenario.problems import Problems
from sim.scenario.text import Text
from sim.scenario.yaml_reader import read_yaml


class Cat(msgspec.Struct, frozen=True, tag="cat", tag_field="kind"):
    """One of two."""

    lives: int = 9


class Dog(msgspec.Struct, frozen=True, tag="dog", tag_field="kind"):
    """The other of two."""

    bone: str


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A bit of everything."""

    work: str
    retries: Annotated[int, msgspec.Meta(ge=0)] = 0
    ratio: float | None = None
    rule: Literal["all_success", "all_done"] = "all_success"
    upstream: list[str] = []
    delay: str | float = "5m"
    day: date | None = None
    title: Text | None = None
    pet: Cat | Dog | None = None
    inner: dict[str, Task] = {}


def made(text: str) -> tuple[Task | None, list[tuple[str, int, int, str, str]]]:
    """What becomes of a text, and its problems as (path, line, column, message, hint)."""
    root = read_yaml(text, source="x.yaml").root
    assert root is not None
    problems = Problems(root)
    task = convert(root, Task, (), problems)
    return task, [(p.path, p.line, p.column, p.message, p.hint) for p in problems.sorted()]


def test_a_right_file_becomes_its_struct() -> None:
    """Every kind of value finds its field, and what is not given has its default."""
    text = (
        "work: w\nratio: 1\nupstream: [a, b]\ndelay: 30\nday: 2024-03-14\n"
        "title: {en: T, es: U}\npet: {kind: dog, bone: b}\ninner: {t: {work: v}}\n"
    )
    task, problems = made(text)

    expected = Task(
        work="w",
        ratio=1.0,
        upstream=["a", "b"],
        delay=30,
        day=date(2024, 3, 14),
        title=Text({"en": "T", "es": "U"}),
        pet=Dog(bone="b"),
        inner={"t": Task(work="v")},
    )
    assert (expected, []) == (task, problems)


def test_all_problems_come_in_one_pass() -> None:
    """Four mistakes in four places give four problems, in the order of the file."""
    _, problems = made(
        "work: 5\nretires: 3\nratio: five\ninner:\n  t: {rule: all_sucess, work: v}\n"
    )

    assert problems == [
        ("work", 1, 7, "expected text, found the number 5", 'put it in quotes: "5"'),
        ("retires", 2, 1, 'unknown key "retires"', 'did you mean "retries"?'),
        ("ratio", 3, 8, "expected a number, found the text 'five'", ""),
        (
            "inner.t.rule", 5, 13,
            '"all_sucess" is none of all_done, all_success', 'did you mean "all_success"?',
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("retries: -1", "-1 is out of range: it must be at least 0"),
        ("retries: 1.5", "expected a whole number, found the number 1.5"),
        ("retries: true", "expected a whole number, found true"),
        ("ratio: .nan", "expected a number, found the number nan"),
        ("upstream: a", "expected a list, found the text 'a'"),
        ("upstream: {a: b}", "expected a list, found a mapping"),
        ("delay: [1]", "expected text or a number, found a list"),
        ("day: yesterday", '"yesterday" is no date'),
        ("title: 5", "expected text, or text by language (en: …, es: …), found the number 5"),
        ("title: {}", "the text is in no language"),
        ("pet: {bone: b}", 'the key "kind" is missing'),
        ("pet: {kind: cow}", "the text 'cow' is no kind"),
        ("inner: [a]", "expected a mapping (key: value), found a list"),
        ("inner: {t: {}}", 'the key "work" is missing'),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(line: str, message: str) -> None:
    """The message says what was expected and what was found instead."""
    _, problems = made(f"work: w\n{line}\n")

    assert [message] == [problem[3] for problem in problems]


def test_a_wrong_item_is_left_out_and_the_rest_is_kept() -> None:
    """A broken task among good ones does not hide the good ones."""
    task, problems = made("work: w\ninner: {a: {work: x}, b: {}, c: {work: y}}\n")

    assert task is not None
    assert (["a", "c"], 1) == (list(task.inner), len(problems))


def test_parts_hold_what_fits_and_every_default() -> None:
    """With one field wrong and one missing, the others are still there to be checked."""
    root = read_yaml("retries: x\nupstream: [a]\nother: 1\n", source="x.yaml").root
    assert root is not None
    problems = Problems(root)
    parts = convert_parts(root, Task, (), problems, beside=frozenset({"other"}))

    assert parts["upstream"] == ["a"]
    assert parts["rule"] == "all_success"
    assert "work" not in parts
    assert ['the key "work" is missing', "expected a whole number, found the text 'x'"] == [
        problem.message for problem in problems.sorted()
    ]
