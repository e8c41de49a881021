"""Crontab text: entries, environment, percent signs, and what is wrong where."""

from __future__ import annotations

import pytest

from sim.orchestrators.cron.crontab import parse_crontab


def test_environment_lines_hold_for_the_lines_after_them() -> None:
    """MAILTO set to nothing silences the lines below it only; quotes are taken off."""
    crontab = parse_crontab(
        "0 1 * * * a\nMAILTO=\"\"\n0 2 * * * b\nMAILTO = 'ops@x'\nPATH=/bin\n0 3 * * * c\n"
    )

    assert [True, False, True] == [entry.mailed for entry in crontab.entries]
    assert crontab.entries[2].environment == {"MAILTO": "ops@x", "PATH": "/bin"}


def test_comments_blank_lines_macros_and_indentation() -> None:
    """Only whole-line comments are comments; macros stand for fields; blanks may lead."""
    crontab = parse_crontab("# x\n\n  @daily a # b\n\t*/5\t*  * * *\tc d\n@reboot e\n")

    assert [(3, "@daily", "a # b"), (4, "*/5\t*  * * *", "c d"), (5, "@reboot", "e")] == [
        (entry.line, entry.schedule_text, entry.command) for entry in crontab.entries
    ]
    assert crontab.entries[2].schedule is None
    assert crontab.problems == ()


def test_a_bare_percent_sign_ends_the_command_and_a_escaped_one_stays() -> None:
    """`%` begins the input of the command; columns still point into the line."""
    entry = parse_crontab("0 3 * * * a +\\%F b%input\n").entries[0]

    assert entry.command == "a +%F b"
    assert entry.columns == (11, 12, 13, 14, 16, 17, 18, 19)


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("0 3 * *", 1, "E-CRONTAB-FIELDS"),
        ("  0 24 * * *  x", 5, "E-CRON"),
        ("0 3 * * *", 10, "E-CRONTAB-COMMAND"),
        ("@midday x", 1, "E-CRON"),
        ("0 3 * * mo x", 9, "E-CRON"),
        ("CRON_TZ=Europe/Madrid", 1, "W-CRON-ZONE"),
    ],
)
def test_a_wrong_line_is_one_problem_with_its_column(line: str, column: int, code: str) -> None:
    """The line after it still counts."""
    crontab = parse_crontab(f"# first\n{line}\n0 4 * * * fine\n")

    assert [(2, column, code)] == [(one.line, one.column, one.code) for one in crontab.problems]
    assert [entry.command for entry in crontab.entries] == ["fine"]


def test_a_last_line_without_a_new_line_is_refused() -> None:
    """Debian's crontab does not install such a file."""
    problems = parse_crontab("0 3 * * * x").problems

    assert [(1, 12, "E-CRONTAB-NEWLINE")] == [(one.line, one.column, one.code) for one in problems]
