"""`show`: everything that the app shows, as text, from the flagship's own night."""

from __future__ import annotations

import re

import pytest

from tui.cli.diagnostics import ExitCode
from tui.cli.grammar import VIEWS
from tui.cli.main import main
from tui.cli.pages.layout import indented, table
from tui.cli.verbs.show import PAGES

FLAGSHIP = "incident-revenue-zero"
FIX = f"scenarios/{FLAGSHIP}/solutions/gate-and-retry.yaml"


def shown(capsys: pytest.CaptureFixture[str], *line: str) -> str:
    """What `show` of the flagship prints."""
    assert main(["show", FLAGSHIP, *line]) == ExitCode.MET

    return capsys.readouterr().out


def test_every_view_of_the_grammar_has_a_page() -> None:
    """The grammar and the pages name the same views."""
    assert sorted(PAGES) == sorted(VIEWS)


def test_brief_is_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """The briefing and the objectives, in English and in Spanish."""
    english, spanish = shown(capsys), shown(capsys, "brief", "--lang", "es")

    assert "You are on call" in english
    assert "O1  No reader is ever shown a revenue of 0" in english
    assert "Estás de guardia" in spanish


def test_hints_are_given_one_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    """`hints 2` is the second hint alone; one that there is not is refused."""
    text = shown(capsys, "hints", "2")
    code = main(["show", FLAGSHIP, "hints", "4"])

    assert text.startswith("Hint 2 of 3")
    assert "```" not in text
    assert code == ExitCode.USAGE
    assert "there is no hint 4" in capsys.readouterr().err


def test_the_broken_night_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    """States, outage, wrong publication, the VP's read and the escalation, with their times."""
    text = shown(capsys, "gantt")

    assert "    03:00   " in text
    for line in (
        "Night of Thu 14 Mar (2024-03-14) · data date 2024-03-13",
        "02:30  pg.replica: outage opens (answers without rows)",
        "05:02  dw.daily_metrics version 74 published with wrong figures for 2024-03-13",
        "09:00  VP is shown revenue 0 for 2024-03-13",
        "09:12  CTO hears of it from VP",
    ):
        assert line in text


def test_log_of_one_task(capsys: pytest.CaptureFixture[str]) -> None:
    """A task's log names rows and exit code; it does not know the truth."""
    text = shown(capsys, "log", "extract")

    assert "read 0 rows of 2024-03-13 from pg.sales" in text
    assert "exit code 0, success" in text
    assert "transform" not in text


def test_log_of_a_task_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused, and the tasks of that night are named."""
    assert main(["show", FLAGSHIP, "log", "extrakt"]) == ExitCode.USAGE

    assert "extract, transform, load" in capsys.readouterr().err


def test_data_at_an_instant(capsys: pytest.CaptureFixture[str]) -> None:
    """Before the load nothing is published; at nine the dashboard shows 0 beside the truth."""
    early, nine = shown(capsys, "data", "--at", "04:30"), shown(capsys, "data", "--at", "09:00")

    assert "dw.daily_metrics" not in early
    assert "revenue 2024-03-13  0  (truth " in nine


def test_alerts_of_a_repaired_night(capsys: pytest.CaptureFixture[str]) -> None:
    """The page of the failed gate, and who knew since when."""
    text = shown(capsys, "alerts", "--config", FIX)

    assert "03:45:20  page_on_call  pager  on_call  2024-03-13" in text
    assert "on_call knows since" in text


def test_dag_of_a_repaired_config(capsys: pytest.CaptureFixture[str]) -> None:
    """The tasks in order, with their states."""
    text = shown(capsys, "dag", "--config", FIX)

    assert "✓ extract ──▶ ✓ transform ──▶ ✓ load" in text


def test_diff_of_two_configs(capsys: pytest.CaptureFixture[str]) -> None:
    """From the scenario's config to the fix: the VP's figure and the pages moved."""
    text = shown(capsys, "diff", "--config", FIX)

    assert "read" in text
    assert "pages" in text


def test_a_night_that_is_not_simulated(capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused, and the nights that there are are named."""
    assert main(["show", FLAGSHIP, "gantt", "--night", "2024-05-01"]) == ExitCode.USAGE

    assert "nights go from 2024-03-01 to 2024-03-31" in capsys.readouterr().err


def test_plain_is_ascii_but_for_names(capsys: pytest.CaptureFixture[str]) -> None:
    """`--plain` draws with ASCII alone."""
    chart, graph = (shown(capsys, view, "--config", FIX, "--plain") for view in ("gantt", "dag"))

    assert "+ extract --> + transform --> + load" in graph
    assert chart.split("extract")[0].replace("·", "").isascii()


def test_columns_are_aligned_whatever_their_colour() -> None:
    """Colour takes no room; the last column has no blanks behind it."""
    rows = [["a", "\x1b[1mbold\x1b[0m", "x"], ["long", "b", ""]]

    assert indented(table(rows)) == "  a     \x1b[1mbold\x1b[0m  x\n  long  b"


def test_colour_is_drawn_when_it_is_forced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """FORCE_COLOR gives styled text whose letters are the plain ones."""
    plain = shown(capsys, "gantt")
    monkeypatch.setenv("FORCE_COLOR", "1")
    styled = shown(capsys, "gantt")

    assert "\x1b[" in styled
    assert re.sub(r"\x1b\[[0-9;]*m", "", styled).split() == plain.split()
