"""Selections of assets, in Dagster's syntax."""

from __future__ import annotations

import pytest

from sim.orchestrators.dagster.config import Asset
from sim.orchestrators.dagster.selection import SelectionError, select

ASSETS = {
    "a": Asset(group_name="raw", kinds=["csv"], owners=["team:x"]),
    "b": Asset(deps=["a"], tags={"pii": "yes"}),
    "c": Asset(deps=["b"], tags={"pii": "no"}),
    "d": Asset(ins=["c"], deps=["a"]),
}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("*", "abcd"),
        ("b", "b"),
        ('key:"b"', "b"),
        ("key:b", "b"),
        ("+c", "abc"),
        ("1+c", "bc"),
        ("b+", "bcd"),
        ("b+1", "bc"),
        ("1+c+1", "bcd"),
        ("a or c", "ac"),
        ("b+ and not d", "bc"),
        ("not (a or b)", "cd"),
        ("tag:pii", "bc"),
        ("tag:pii=no", "c"),
        ("group:raw", "a"),
        ("kind:csv or owner:team:x", "a"),
        ("roots(*)", "a"),
        ("sinks(+c)", "c"),
        ("roots(b+)", "b"),
    ],
)
def test_what_a_text_selects(text: str, keys: str) -> None:
    """Keys in the order of the config."""
    assert tuple(keys) == select(text, ASSETS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "there is no asset 'x'"),
        ("size:3", "'size' is nothing to select by"),
        ("(a", "a parenthesis is not closed"),
        ("a b", "'b' is one word too many"),
        ("a and", "something is missing at the end"),
        ("or a", "'or' has nothing before it"),
        ("a ; b", "'; b' cannot be read"),
        ("+1a", "stands on the wrong side"),
    ],
)
def test_what_is_wrong_with_a_text(text: str, message: str) -> None:
    """In one sentence."""
    with pytest.raises(SelectionError, match=message):
        select(text, ASSETS)
