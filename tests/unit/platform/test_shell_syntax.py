"""Shell text that is refused, with its place."""

from __future__ import annotations

import pytest

from sim.platform.shell.shell_parse import parse_shell
from sim.platform.shell.shell_words import ShellSyntaxError


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("if x; then y; fi", 0, "if is not simulated"),
        ("a\nwhile b; do c; done", 2, "while is not simulated"),
        ("a | b", 2, "pipes are not simulated"),
        ("a &", 2, "background jobs are not simulated"),
        ("a `b`", 2, "backticks are not simulated"),
        ("cat <<X", 4, "here-documents are not simulated"),
        ("f() { a; }", 1, "functions are not simulated"),
        ("echo $((1+1))", 6, "arithmetic is not simulated"),
        ('a "b', 2, "this quote is never closed"),
        ("a 'b", 2, "this quote is never closed"),
        ("a $(b", 3, "this $( is never closed"),
        ("{ a }", 0, 'this "{" is never closed'),
        ("( a", 0, 'this "(" is never closed'),
        ("a )", 2, '")" closes nothing'),
        ("a && ; b", 5, "a command is missing here"),
        ("; a", 0, "a command is missing here"),
        ("a ||", 4, "a command is missing here"),
        ("a >", 2, 'nothing follows ">"'),
        ("for x in 1 2", 12, 'here "do" is missing'),
        ("for x in 1; do a", 0, "this for is never closed"),
        ("for 1 in a; do b; done", 4, "a for loop needs the name of a variable"),
        ("a; done", 3, '"done" is out of place here'),
        ("{ a; } b", 7, "a command ends with ; or a new line"),
        ("{ ; }", 2, "a command is missing here"),
        ("( )", 2, "there is nothing between the brackets"),
        ("a ${x%y}", 2, "only ${name} and ${name:-default} are simulated"),
        ("(" * 50 + "a" + ")" * 50, 1, "arithmetic is not simulated"),
    ],
)
def test_a_refused_text_says_what_and_where(text: str, position: int, message: str) -> None:
    """Nothing is guessed: what would not do what sh does is refused by name."""
    with pytest.raises(ShellSyntaxError) as raised:
        parse_shell(text)

    assert (position, message) == (raised.value.position, str(raised.value))


@pytest.mark.parametrize(
    "opening", ["( ", "! ", "$(", "{ "], ids=["shell", "not", "output", "group"]
)
def test_nesting_has_a_bound(opening: str) -> None:
    """Five thousand levels are refused at the fortieth, and do not overflow anything."""
    closing = {"( ": " )", "$(": ")", "{ ": "; }", "! ": ""}[opening]

    with pytest.raises(ShellSyntaxError, match="nested too deeply") as raised:
        parse_shell(opening * 5_000 + "a" + closing * 5_000)

    assert 80 <= raised.value.position <= 81
