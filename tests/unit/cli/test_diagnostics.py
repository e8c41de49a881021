"""Problems as text: place, line with a caret, help, order."""

from __future__ import annotations

from pathlib import Path

from sim.model.diagnostics import Diagnostic
from tui.cli.diagnostics import render_problems
from tui.cli.terminal import Terminal

TEXT = "pools:\n  default: 8\ntask:\n\tpool: defualt\n"


def terminal(*, colour: bool = False, unicode: bool = True) -> Terminal:
    """A terminal with defaults."""
    return Terminal(tty=False, colour=colour, unicode=unicode, width=80)


def problem(
    message: str, *, line: int = 4, column: int = 8, hint: str = "", severity: str = "error"
) -> Diagnostic:
    """A problem of the text above."""
    kind = "warning" if severity == "warning" else "error"
    return Diagnostic(
        "E-POOL-UNKNOWN", message, "config.yaml", line, column, hint=hint, severity=kind
    )


def test_a_problem_shows_its_line_with_a_caret() -> None:
    """Place, line, caret below the column (a tab stays a tab), help."""
    found = problem('pool "defualt" is not defined', hint='did you mean "default"?')

    assert render_problems([found], terminal(), texts={"config.yaml": TEXT}) == (
        'error[E-POOL-UNKNOWN]: config.yaml:4:8: pool "defualt" is not defined\n'
        "  4 │ \tpool: defualt\n"
        "    │ \t      ^\n"
        '  help: did you mean "default"?'
    )


def test_the_first_problem_of_a_file_comes_last() -> None:
    """Warnings first; then errors from the bottom up: the first is nearest to the prompt."""
    found = [
        problem("first", line=1, column=1),
        problem("second"),
        problem("unwise", severity="warning"),
    ]
    text = render_problems(found, terminal(), texts={"config.yaml": TEXT})

    assert [text.index(word) for word in ("unwise", "second", "first")] == sorted(
        text.index(word) for word in ("unwise", "second", "first")
    )


def test_a_line_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    """A problem of a file that cannot be read is still told."""
    found = Diagnostic("E-FILE", "it cannot be read", str(tmp_path / "gone.yaml"), 3)

    assert (
        render_problems([found], terminal())
        == f"error[E-FILE]: {tmp_path / 'gone.yaml'}:3:1: it cannot be read"
    )


def test_ascii_and_colour() -> None:
    """Without Unicode the bar is ASCII; colour only when asked for."""
    text = render_problems([problem("x")], terminal(unicode=False), texts={"config.yaml": TEXT})
    coloured = render_problems([problem("x")], terminal(colour=True), texts={"config.yaml": TEXT})

    assert text.isascii()
    assert "\x1b[" in coloured
